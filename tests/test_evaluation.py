from types import SimpleNamespace

import numpy as np

from utils.analysis.evaluation import charset_rows
from utils.analysis.metrics import MEASURES


def test_common_and_rare_syllables_are_told_apart():
    labels = np.array(["가", "갂", "힣", "뷁", "한"])
    # Python's codec writes the 2,350 in two bytes, the others spelt out in eight.
    assert [len(label.encode("euc_kr")) for label in labels] == [2, 8, 8, 8, 2]
    right = np.array([True, False, False, True, True])
    tally = SimpleNamespace(labels=labels, right=dict.fromkeys(MEASURES, right))
    rows = charset_rows({"printed": tally})
    found = [(r["source"], r["charset"], r["count"], r["syllable"]) for r in rows]
    assert found == [("printed", "KS X 1001", 2, 1), ("printed", "others", 3, 1 / 3)]
