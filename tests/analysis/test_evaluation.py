from types import SimpleNamespace

import numpy as np

from utils.analysis.evaluation import charset_rows, measure
from utils.analysis.metrics import MEASURES
from utils.analysis.sources import Chunk
from utils.hangul import ALL_SYLLABLES, FLAT_HEAD


def test_common_and_rare_syllables_are_told_apart():
    labels = np.array(["가", "갂", "힣", "뷁", "한"])
    # Python's codec writes the 2,350 in two bytes, the others spelt out in eight.
    assert [len(label.encode("euc_kr")) for label in labels] == [2, 8, 8, 8, 2]
    right = np.array([True, False, False, True, True])
    right = dict.fromkeys(MEASURES, right)
    tally = SimpleNamespace(labels=labels, right=right, top_n=7)
    rows = charset_rows({"printed": tally})
    assert [row["n"] for row in rows] == [7, 7]
    found = [(r["source"], r["charset"], r["count"], r["syllable"]) for r in rows]
    assert found == [("printed", "KS X 1001", 2, 1), ("printed", "others", 3, 1 / 3)]


def test_labels_that_no_class_has_are_named(capsys):
    images = np.full((3, 8, 8), 255, np.uint8)
    labels = np.array(list("각나힣"))
    chunk = Chunk("own", images, labels, labels, {})

    def even(images):
        return {FLAT_HEAD: np.full((len(images), 2), 0.5)}

    tallies = measure([chunk], even, 1, "각간")
    assert tallies["own"].right["syllable"].tolist() == [True, False, False]
    told = capsys.readouterr().err
    assert "own: 2 of 3 labels are none of the network's 2 syllables (나힣)" in told
    measure([], even, 1, ALL_SYLLABLES)
    assert capsys.readouterr().err == ""
