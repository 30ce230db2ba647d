"""Candidates of pictures that are text in reading order -> what the text is.

A syllable is read with those beside it: of what a picture may show, that is likely
which text writes after the syllable before and before the one after. The pictures are
a hidden Markov model's observations (Rabiner 1989, sections II and III,
https://doi.org/10.1109/5.18626), pairs of syllables in words its transitions. Spaces
leave no picture, so that each syllable may end a word.
"""

from functools import cache

import numpy as np

from utils.hangul import NUM_SYLLABLES, syllable_indices
from utils.inference.frequencies import syllable_frequencies
from utils.inference.pairs import END, START, syllable_pairs

CANDIDATES = 32  # syllables of each picture that are weighed with their neighbours

_POWER = 0.5  # of what pairs say: they are no more sure than that
_SEEN = 0.9  # share of text whose pairs are as in the table
_SELDOM = 1e-6  # share of text that every syllable has at least


class Order:
    """Weighs the candidates of pictures in reading order, batch after batch.

    What a batch ends with is remembered for the next; what the next begins with is not
    known before, so that one picture in each batch lacks the syllable after it.
    """

    def __init__(self):
        self._before = None  # (places, probabilities) of the last picture read
        self._gap = False  # whether a space came after it

    def weigh(self, places, values, unread=None):
        """Weighs candidates with those of the pictures beside.

        Args:
            places: integers (pictures, candidates) in the Unicode block.
            values: `float64` (pictures, candidates), how probable each is by itself.
            unread: bool for each picture of the batch, True for spaces, which have no
                row; there are none unless given.

        Returns:
            `float64` (pictures, candidates): the probability of each, given all
            pictures, a row's sum 1.
        """
        gaps = self._gaps([False] * len(places) if unread is None else unread)
        values = values + np.finfo(float).tiny  # of nothing, all are alike
        steps = [self._step(places, row, gap) for row, gap in enumerate(gaps)]
        forward = []
        for row, step in enumerate(steps):
            before = forward[-1] if row else (self._before or (None, np.ones(1)))[1]
            forward.append(_normal((before @ step) * values[row]))
        found, ahead = [forward[-1]], np.ones(values.shape[1])
        for row in range(len(steps) - 1, 0, -1):
            ahead = _normal(steps[row] @ (ahead * values[row]))
            found.append(_normal(forward[row - 1] * ahead))
        self._before = (places[-1], forward[-1])
        return np.stack(found[::-1])

    def pause(self):
        """Puts a space before what comes next."""
        self._gap = True

    def _gaps(self, unread):
        """Tells for each picture that was read whether a space precedes it."""
        before = [self._gap, *unread]
        self._gap = bool(before[-1])
        return [
            gap for gap, is_space in zip(before, unread, strict=False) if not is_space
        ]

    def _step(self, places, row, gap):
        """Returns how probable each candidate is after each of the picture before."""
        before = places[row - 1] if row else (self._before or (None,))[0]
        if before is None:
            return _starts(places[row])[None] ** _POWER
        follows = _ends(before)[:, None] * _starts(places[row])
        if not gap:
            follows = follows + _inside(before, places[row])
            unseen = 1 - _SEEN * _known()[before, None]
            follows = _SEEN * follows + unseen * _single()[places[row]]
        return follows**_POWER


def _normal(values):
    return values / values.sum()


def _ends(places):
    return _table()[3][places]


def _starts(places):
    """Returns the share of words that begin with each syllable."""
    return _SEEN * _table()[2][places] + (1 - _SEEN) * _single()[places]


def _known():
    """Returns 1 for each syllable whose followers are in the table, 0 for others."""
    return _table()[4]


def _inside(before, after):
    """Returns the share of each syllable's followers that another is."""
    keys, shares = _table()[:2]
    wanted = before[:, None] * NUM_SYLLABLES + after
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, shares[at], 0.0)


@cache
def _single():
    """Returns the share of text of all syllables, never 0."""
    shares = np.full(NUM_SYLLABLES, _SELDOM)
    known = syllable_frequencies()
    shares[syllable_indices(list(known))] += list(known.values())
    return shares


@cache
def _table():
    """Returns the pairs as arrays.

    Returns:
        (keys, shares, starts, ends, known): sorted places in a table of all syllables
        by all, with the share that the second has of the first's followers; the share
        of words that begin with each syllable; of each syllable's followers that are
        the end of a word; and whether it has any followers.
    """
    starts, ends, known = np.zeros((3, NUM_SYLLABLES))
    keys, shares = [], []
    for first, row in syllable_pairs().items():
        total = sum(row.values())
        after = {name: times / total for name, times in row.items() if name != END}
        places = syllable_indices(list(after))
        if first == START:
            starts[places] = list(after.values())
            continue
        (place,) = syllable_indices([first])
        known[place], ends[place] = 1, row.get(END, 0) / total
        keys.append(place * NUM_SYLLABLES + places)
        shares += after.values()
    keys = np.concatenate(keys)
    order = np.argsort(keys)
    return keys[order], np.array(shares)[order], starts, ends, known
