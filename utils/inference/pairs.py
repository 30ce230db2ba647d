"""Frequencies of pairs of syllables in running text.

Counted from the Korean word list of wordfreq 3.1.1 by the functions below:

    pip install wordfreq==3.1.1 && python -m utils.inference.pairs
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from utils.hangul import is_syllable

START, END = "^", "$"  # stand before a word's first syllable and after its last
MIN_PAIR_COUNT = 3.0  # in a million pairs: rarer ones are left out of the table

_TABLE_FILE = Path(__file__).with_name("pairs.tsv")
_HEADER = """\
# A Hangul syllable, or ^ before a word, and what follows it, or $ after a word: how
# many of a million such pairs in running text. Pairs of fewer than 3 are left out.
# Counted from the Korean word list ("best") of wordfreq 3.1.1, Robyn Speer (2022),
# https://doi.org/10.5281/zenodo.7199437, whose data are, and so this table is, under
# CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/.
"""


@cache
def syllable_pairs() -> Mapping[str, Mapping[str, float]]:
    """Returns how often each syllable follows another, in a million pairs.

    Returns:
        Dict, syllable or `START` -> dict, what follows, a syllable or `END` -> times.
    """
    lines = _TABLE_FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"]
    return {
        first: {after: float(times) for after, times in map(_split, others)}
        for first, *others in rows
    }


def _split(entry):
    return entry[0], entry[1:]


def count_pairs(words: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Counts which syllable follows which in words.

    Args:
        words: frequency of each word, in any unit; words with other
            characters are not counted.

    Returns:
        As `syllable_pairs`, with rare pairs too.
    """
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word, frequency in words.items():
        if word and all(map(is_syllable, word)):
            for first, after in zip(START + word, word + END, strict=True):
                counts[first][after] += frequency
    whole = sum(sum(row.values()) for row in counts.values())
    return {
        first: {after: 1e6 * times / whole for after, times in row.items()}
        for first, row in counts.items()
    }


def format_table(pairs: Mapping[str, Mapping[str, float]]) -> str:
    """Returns the text of the table: a header, then a line for each first syllable."""
    lines = []
    for first in sorted(pairs):
        kept = sorted((a, t) for a, t in pairs[first].items() if t >= MIN_PAIR_COUNT)
        if kept:
            lines.append("\t".join([first, *(f"{a}{t:.3g}" for a, t in kept)]) + "\n")
    return _HEADER + "".join(lines)


if __name__ == "__main__":
    from wordfreq import get_frequency_dict

    text = format_table(count_pairs(get_frequency_dict("ko", "best")))
    _TABLE_FILE.write_text(text, encoding="utf-8")
