"""Weighs the candidates of pictures in reading order by those of their neighbours.

A hidden Markov model (Rabiner 1989, sections II and III,
https://doi.org/10.1109/5.18626): the pictures are its observations, the frequencies of
pairs of syllables in words its transitions. As there are no pictures of spaces, any
syllable may end a word.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from utils.hangul import NUM_SYLLABLES, syllable_indices
from utils.inference.frequencies import text_shares
from utils.inference.pairs import END, START, syllable_pairs

MAX_CANDIDATES = 32  # of each picture, that are weighed with their neighbours
PAIR_POWER = 0.5  # of the probabilities of pairs, which would be too certain otherwise
_KNOWN_PAIRS_SHARE = 0.9  # of text, whose pairs are as in the table


class Place(IntEnum):
    """What stands at a place of the text; of several in a row the largest counts."""

    READ = 0  # a picture with candidates
    SPACE = 1  # no candidates: a space
    LOST = 2  # no candidates: a syllable whose picture cannot be read


class Order:
    """Weighs the candidates of pictures in reading order, batch by batch.

    The end of a batch is remembered for the next one. The beginning of the next is not
    known yet, so that the last picture of each batch is weighed without what follows.
    """

    def __init__(self) -> None:
        self._before: tuple[np.ndarray, np.ndarray] | None = None  # last picture's
        self._gap = Place.READ  # what came after it

    def weigh(
        self,
        indices: np.ndarray,
        values: np.ndarray,
        text: Sequence[Place] | None = None,
    ) -> np.ndarray:
        """Weighs candidates by those of the neighbouring pictures.

        Args:
            indices: integers (1 or more pictures, candidates), as `syllable_indices`.
            values: `float64` (pictures, candidates), without the neighbours.
            text: the places of the batch in order, `READ` as often as there are
                pictures; nothing else unless given.

        Returns:
            `float64` (pictures, candidates): the probability of each, given all
            pictures. The sum of a row stays the same.
        """
        gaps = self._gaps([Place.READ] * len(indices) if text is None else text)
        given = values + np.finfo(float).tiny  # where all are 0, they are equal
        steps = [self._step(indices, row, gap) for row, gap in enumerate(gaps)]
        forward: list[np.ndarray] = []
        for row, step in enumerate(steps):
            before = forward[-1] if row else (self._before or (None, np.ones(1)))[1]
            forward.append(_normal((before @ step) * given[row]))
        found, ahead = [forward[-1]], np.ones(values.shape[1])
        for row in range(len(steps) - 1, 0, -1):
            ahead = _normal(steps[row] @ (ahead * given[row]))
            found.append(_normal(forward[row - 1] * ahead))
        self._before = (indices[-1], forward[-1])
        return np.stack(found[::-1]) * values.sum(axis=1, keepdims=True)

    def skip(self, text: Sequence[Place]) -> None:
        """Moves on past a batch without readable pictures.

        Args:
            text: the places of the batch in order.
        """
        self._gap = max([self._gap, *text])

    def _gaps(self, text):
        """Returns the `Place` between each picture and the one before; `READ`: none."""
        gaps, gap = [], self._gap
        for place in text:
            if place == Place.READ:
                gaps.append(gap)
            gap = Place.READ if place == Place.READ else max(gap, place)
        self._gap = gap
        return gaps

    def _step(self, indices, row, gap):
        """Returns transitions (candidates before, candidates) to one row's picture."""
        before = indices[row - 1] if row else (self._before or (None,))[0]
        if before is None:
            return start_shares(indices[row])[None] ** PAIR_POWER
        if gap == Place.LOST:  # nothing is known of what stands between
            follows = np.ones((len(before), 1)) * text_shares()[indices[row]]
        elif gap == Place.SPACE:
            follows = _ends(before)[:, None] * start_shares(indices[row])
        else:
            follows = follow_shares(before, indices[row])
        return follows**PAIR_POWER


def _normal(values):
    """Returns values scaled to the sum 1."""
    return values / values.sum()


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


def _ends(indices):
    """Returns how often each syllable ends a word, as a share, never 0."""
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
