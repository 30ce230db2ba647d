"""Frequencies of syllables in running text.

The table was counted from the Korean word list of wordfreq 3.1.1 by the function below:

    pip install wordfreq==3.1.1 && python -m utils.inference.frequencies
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from utils.hangul import NUM_SYLLABLES, is_syllable, syllable_indices

_TABLE_FILE = Path(__file__).with_name("frequencies.tsv")
_MIN_SHARE = 1e-6  # of text, added to the share of every syllable
_HEADER = """\
# Hangul syllables, and how many of a million syllables of running text they are.
# Counted from the Korean word list ("best") of wordfreq 3.1.1, Robyn Speer (2022),
# https://doi.org/10.5281/zenodo.7199437, whose data are, and so this table is, under
# CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/.
"""


@cache
def syllable_frequencies() -> Mapping[str, float]:
    """Returns the share of running text, 0-1, of each syllable that occurs in it."""
    lines = _TABLE_FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"]
    return {syllable: float(count) / 1e6 for syllable, count in rows}


@cache
def text_shares() -> np.ndarray:
    """Returns the share of running text, 0-1, of all 11,172 syllables, never 0.

    Returns:
        `float64` (11172,), in Unicode order.
    """
    shares = np.full(NUM_SYLLABLES, _MIN_SHARE)
    known = syllable_frequencies()
    shares[syllable_indices(list(known))] += list(known.values())
    return shares


def count_syllables(words: Mapping[str, float]) -> dict[str, float]:
    """Counts the Hangul syllables of words.

    Args:
        words: frequency of each word, in any unit.

    Returns:
        The share of each syllable, 0-1, the most frequent first; other characters are
        not counted.
    """
    counts: dict[str, float] = defaultdict(float)
    for word, frequency in words.items():
        for character in filter(is_syllable, word):
            counts[character] += frequency
    whole = sum(counts.values())
    ordered = sorted(counts, key=lambda syllable: -counts[syllable])
    return {syllable: counts[syllable] / whole for syllable in ordered}


def format_table(shares: Mapping[str, float]) -> str:
    """Returns the text of the table: a header, then a syllable in each line."""
    rows = (f"{name}\t{share * 1e6:.3g}\n" for name, share in shares.items())
    return _HEADER + "".join(rows)


if __name__ == "__main__":
    from wordfreq import get_frequency_dict

    text = format_table(count_syllables(get_frequency_dict("ko", "best")))
    _TABLE_FILE.write_text(text, encoding="utf-8")
