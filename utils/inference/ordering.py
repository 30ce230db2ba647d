"""Candidates of pictures that are text in reading order -> what the text is.

A syllable is read with those beside it: of what a picture may show, that is likely
which text writes after the syllable before and before the one after. The pictures are
a hidden Markov model's observations (Rabiner 1989, sections II and III,
https://doi.org/10.1109/5.18626), pairs of syllables in words its transitions. Spaces
leave no picture, so that each syllable may end a word.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from utils.hangul import NUM_SYLLABLES, syllable_indices
from utils.inference.frequencies import text_shares
from utils.inference.pairs import END, START, syllable_pairs

CANDIDATES = 32  # syllables of each picture that are weighed with their neighbours

NEIGHBOURS = 0.5  # power of what pairs say: they are no more sure than that
_SEEN = 0.9  # share of text whose pairs are as in the table


class Place(IntEnum):
    """What stands at a place of the text; of two, the larger says more."""

    READ = 0  # a picture with candidates
    SPACE = 1  # none, for there is nothing written
    LOST = 2  # none, though there is a syllable: its picture cannot be read


class Order:
    """Weighs the candidates of pictures in reading order, batch after batch.

    What a batch ends with is remembered for the next; what the next begins with is not
    known before, so that one picture in each batch lacks the syllable after it.
    """

    def __init__(self) -> None:
        self._before: tuple[np.ndarray, np.ndarray] | None = None  # last picture's
        self._gap = Place.READ  # what came after it

    def weigh(
        self,
        places: np.ndarray,
        values: np.ndarray,
        text: Sequence[Place] | None = None,
    ) -> np.ndarray:
        """Weighs candidates with those of the pictures beside.

        Args:
            places: integers (pictures, candidates) in the Unicode block, 1 picture or
                more.
            values: `float64` (pictures, candidates), how probable each is by itself.
            text: what stands where in the batch, `READ` as often as there are pictures;
                nothing else unless given.

        Returns:
            `float64` (pictures, candidates): the probability of each, given all
            pictures. A row sums to what it did: what is no candidate loses nothing.
        """
        gaps = self._gaps([Place.READ] * len(places) if text is None else text)
        given = values + np.finfo(float).tiny  # of nothing, all are alike
        steps = [self._step(places, row, gap) for row, gap in enumerate(gaps)]
        forward: list[np.ndarray] = []
        for row, step in enumerate(steps):
            before = forward[-1] if row else (self._before or (None, np.ones(1)))[1]
            forward.append(_normal((before @ step) * given[row]))
        found, ahead = [forward[-1]], np.ones(values.shape[1])
        for row in range(len(steps) - 1, 0, -1):
            ahead = _normal(steps[row] @ (ahead * given[row]))
            found.append(_normal(forward[row - 1] * ahead))
        self._before = (places[-1], forward[-1])
        return np.stack(found[::-1]) * values.sum(axis=1, keepdims=True)

    def skip(self, text: Sequence[Place]) -> None:
        """Goes on past a batch without pictures.

        Args:
            text: what stands where in it.
        """
        self._gap = max([self._gap, *text])

    def _gaps(self, text):
        """Returns what lies between each picture and the one before it."""
        gaps, gap = [], self._gap
        for place in text:
            if place == Place.READ:
                gaps.append(gap)
            gap = Place.READ if place == Place.READ else max(gap, place)
        self._gap = gap
        return gaps

    def _step(self, places, row, gap):
        """Returns how probable each candidate is after each of the picture before."""
        before = places[row - 1] if row else (self._before or (None,))[0]
        if before is None:
            return start_shares(places[row])[None] ** NEIGHBOURS
        if gap == Place.LOST:  # nothing is known of what stands between
            follows = np.ones((len(before), 1)) * text_shares()[places[row]]
        elif gap == Place.SPACE:
            follows = _ends(before)[:, None] * start_shares(places[row])
        else:
            follows = follow_shares(before, places[row])
        return follows**NEIGHBOURS


def _normal(values):
    """Returns values whose sum is 1."""
    return values / values.sum()


def follow_shares(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Returns how probable syllables are after others, where a word may end between.

    Args:
        before: integers (syllables,), places in the Unicode block.
        after: integers (followers,), likewise.

    Returns:
        `float64` (syllables, followers), above 0.
    """
    table = _table()
    pair = _inside(before, after)
    pair += table.ends[before, None] * start_shares(after)
    known = _SEEN * table.known[before, None]
    return known * pair + (1 - known) * text_shares()[after]


def space_odds(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Returns how much likelier it is that a word ends between syllables than not.

    Args:
        before: integers (pairs,), places in the Unicode block.
        after: integers (pairs,), the syllables that come next in a text.

    Returns:
        `float64` (pairs,), natural logarithms of the odds.
    """
    table = _table()
    known = _SEEN * table.known[before]
    ends = known * table.ends[before] * start_shares(after)
    ends += (1 - known) * table.end * text_shares()[after]
    goes_on = np.diagonal(follow_shares(before, after)) - ends
    return np.log(ends / goes_on)


def start_shares(places: np.ndarray) -> np.ndarray:
    """Returns the share of words that begin with each syllable.

    Args:
        places: integers, in the Unicode block.

    Returns:
        `float64` of the same shape, above 0.
    """
    return _SEEN * _table().starts[places] + (1 - _SEEN) * text_shares()[places]


def _ends(places):
    """Returns the share of each syllable's followers that end a word, never 0."""
    table = _table()
    known = _SEEN * table.known[places]
    return known * table.ends[places] + (1 - known) * table.end


def _inside(before, after):
    """Returns the share of each syllable's followers that another is."""
    table = _table()
    wanted = before[:, None] * NUM_SYLLABLES + after
    at = np.minimum(np.searchsorted(table.keys, wanted), len(table.keys) - 1)
    return np.where(table.keys[at] == wanted, table.shares[at], 0.0)


class _Table(NamedTuple):
    """Pairs of syllables as arrays.

    keys: sorted places in a table of all syllables by all.
    shares: what part of the first's followers the second is, beside each key.
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
        places = syllable_indices(list(after))
        if first == START:
            starts[places] = list(after.values())
            continue
        (place,) = syllable_indices([first])
        known[place], ends[place] = 1, row.get(END, 0) / total
        words, whole = words + row.get(END, 0), whole + total
        keys.append(place * NUM_SYLLABLES + places)
        shares += after.values()
    keys = np.concatenate(keys)
    order = np.argsort(keys)
    sorted_ = keys[order], np.array(shares)[order]
    return _Table(*sorted_, starts, ends, known, words / whole)
