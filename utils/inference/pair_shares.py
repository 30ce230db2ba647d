"""How often syllables begin words, follow each other and end words, as arrays."""

from functools import cache
from typing import NamedTuple

import numpy as np

from utils.hangul import NUM_SYLLABLES, syllable_indices
from utils.inference.frequencies import text_shares
from utils.inference.pairs import END, START, syllable_pairs

_KNOWN_PAIRS_SHARE = 0.9  # of text, whose pairs are as in the table


def follow_shares(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Returns how probable syllables are after others, in one word or the next.

    Args:
        before: integers (syllables,), as `hangul.syllable_indices`.
        after: integers (followers,), likewise.

    Returns:
        `float64` (syllables, followers), above 0.
    """
    table = _table()
    pair = _inside(before, after)
    pair += table.ends[before, None] * start_shares(after)
    known = _KNOWN_PAIRS_SHARE * table.known[before, None]
    return known * pair + (1 - known) * text_shares()[after]


def space_odds(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Returns the log odds that a word ends between two syllables.

    Args:
        before: integers (pairs,), as `hangul.syllable_indices`.
        after: integers (pairs,), the syllables that follow them.

    Returns:
        `float64` (pairs,), natural logarithms.
    """
    table = _table()
    known = _KNOWN_PAIRS_SHARE * table.known[before]
    ends = known * table.ends[before] * start_shares(after)
    ends += (1 - known) * table.end * text_shares()[after]
    goes_on = np.diagonal(follow_shares(before, after)) - ends
    return np.log(ends / goes_on)


def start_shares(indices: np.ndarray) -> np.ndarray:
    """Returns the share of words that begin with each syllable.

    Args:
        indices: integers, as `hangul.syllable_indices`.

    Returns:
        `float64` of the same shape, above 0.
    """
    return (
        _KNOWN_PAIRS_SHARE * _table().starts[indices]
        + (1 - _KNOWN_PAIRS_SHARE) * text_shares()[indices]
    )


def end_shares(indices: np.ndarray) -> np.ndarray:
    """Returns how often each syllable ends a word, as a share, above 0.

    Args:
        indices: integers, as `hangul.syllable_indices`.

    Returns:
        `float64` of the same shape.
    """
    table = _table()
    known = _KNOWN_PAIRS_SHARE * table.known[indices]
    return known * table.ends[indices] + (1 - known) * table.end


def _inside(before, after):
    """Returns the probability of followers in one word: (syllables, followers)."""
    table = _table()
    wanted = before[:, None] * NUM_SYLLABLES + after
    at = np.minimum(np.searchsorted(table.keys, wanted), len(table.keys) - 1)
    return np.where(table.keys[at] == wanted, table.shares[at], 0.0)


class _Table(NamedTuple):
    """Pairs of syllables as arrays.

    keys: index of the first times `NUM_SYLLABLES` plus index of the second, sorted.
    shares: for each key the share of the second among the followers of the first.
    starts: share of words that begin with each syllable.
    ends: share of each syllable's followers that are the end of a word.
    known: 1 for each syllable whose followers are known, 0 for others.
    end: share of all followers that are the end of a word.
    """

    keys: np.ndarray
    shares: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    known: np.ndarray
    end: float


@cache
def _table():
    """Returns the `_Table` of the pairs that text writes."""
    starts, ends, known = np.zeros((3, NUM_SYLLABLES))
    keys, shares, words, whole = [], [], 0.0, 0.0
    for first, row in syllable_pairs().items():
        total = sum(row.values())
        after = {name: times / total for name, times in row.items() if name != END}
        indices = syllable_indices(list(after))
        if first == START:
            starts[indices] = list(after.values())
            continue
        (index,) = syllable_indices([first])
        known[index], ends[index] = 1, row.get(END, 0) / total
        words, whole = words + row.get(END, 0), whole + total
        keys.append(index * NUM_SYLLABLES + indices)
        shares += after.values()
    keys = np.concatenate(keys)
    order = np.argsort(keys)
    sorted_ = keys[order], np.array(shares)[order]
    return _Table(*sorted_, starts, ends, known, words / whole)
