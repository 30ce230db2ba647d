"""What syllables weigh, by the documents' own words: `inference.prior`'s oracle."""

import functools
from pathlib import Path

import utils.inference


def is_ksx1001(syllable):
    """Whether EUC-KR has two bytes for it; the others are spelt out in eight."""
    return len(syllable.encode("euc_kr")) == 2


@functools.cache
def frequencies():
    """Returns the table's share of text of each syllable it lists."""
    path = Path(utils.inference.__path__[0]) / "frequencies.tsv"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return {row[0]: float(row[1]) / 1e6 for row in rows if len(row) == 2}


def weight(syllable, rare=0.3, text=0.1):
    """Returns what a syllable's probability is multiplied by, but for a factor."""
    share = frequencies().get(syllable, 0) + 1e-6
    return (1 if is_ksx1001(syllable) else rare) * share**text
