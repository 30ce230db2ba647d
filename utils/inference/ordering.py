"""Weighs the candidates of pictures in reading order by those of their neighbours.

A hidden Markov model (Rabiner 1989, sections II and III,
https://doi.org/10.1109/5.18626): the pictures are its observations, the frequencies of
pairs of syllables in words its transitions. As there are no pictures of spaces, any
syllable may end a word.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from utils.inference.frequencies import text_shares
from utils.inference.pair_shares import end_shares, follow_shares, start_shares

MAX_CANDIDATES = 32  # of each picture, that are weighed with their neighbours
PAIR_POWER = 0.5  # of the probabilities of pairs, which would be too certain otherwise


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
            follows = end_shares(before)[:, None] * start_shares(indices[row])
        else:
            follows = follow_shares(before, indices[row])
        return follows**PAIR_POWER


def _normal(values):
    """Returns values scaled to the sum 1."""
    return values / values.sum()
