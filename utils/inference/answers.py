"""Turns probabilities into the answers of `predict`: syllables, pairs or readings."""

import copy
import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.hangul import COMPONENTS, syllable_indices
from utils.inference import decoding
from utils.inference.ordering import MAX_CANDIDATES, Order, Place
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.inference.readings import Jamo, Reading
from utils.inference.restriction import choose_syllables, marginals, select
from utils.kinds import FilePath, Heads
from utils.option_values import check_booleans


class Answering:
    """Turns probabilities into answers.

    Args:
        syllables: what the network can answer.
        n: how many syllables for each picture.
        scores: also tell the probabilities.
        charset: the syllables that can occur, see `restriction.choose_syllables`.
        detail: give a `Reading` for each picture.
        reject_below: probability 0-1. A picture is rejected if its best syllable is
            less probable, if it is less probable that it shows one of the charset, or
            if it holds no ink.
        rare: see `prior.Prior`.
        text: see `prior.Prior`.
        in_order: the pictures are text in reading order, see `ordering`; the `Jamo` of
            a `Reading` still are those without the neighbours.

    Raises:
        TypeError: `scores`, `detail` or `in_order` is neither True nor False.
        ValueError: n is not 1 to the number of syllables, the charset holds what the
            network cannot answer, or `reject_below`, `rare` or `text` is out of range.
    """

    def __init__(
        self,
        syllables: Sequence[str],
        n: int = 1,
        scores: bool = False,
        charset: str | FilePath | Sequence[str] = "all",
        detail: bool = False,
        reject_below: float = 0.0,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
        in_order: bool = False,
    ) -> None:
        check_booleans(scores=scores, detail=detail, in_order=in_order)
        self.classes = syllables
        self.chosen = choose_syllables(charset, syllables)
        decoding.check_n(n, len(self.chosen))
        if not _is_probability(reject_below):
            raise ValueError(
                f"reject_below={reject_below!r}; expected a probability from 0 (reject "
                "nothing) to 1."
            )
        self.n, self.scores, self.detail = n, scores, detail
        self.prior = Prior(rare, text)
        self.reject_below = reject_below
        self._order = Order() if in_order else None

    def begin_anew(self) -> "Answering":
        """Returns a copy with the same options, at the beginning of a new text."""
        another = copy.copy(self)
        another._order = Order() if self._order else None
        return another

    def __call__(
        self, probabilities: Heads, text: Sequence[Place] | None = None
    ) -> list[Any]:
        """Returns a list of answers, one a row of the probabilities.

        Args:
            probabilities: as for `decoding.top_n`.
            text: a `Place` for each picture of the batch, `READ` where there is a row;
                all of them unless given. It is used only for text in order.
        """
        restricted, syllables, prior, share = select(
            probabilities, self.chosen, self.classes, self.prior
        )
        found, values = self._best(restricted, syllables, prior, text)
        shares = share.tolist()
        pairs = zip(found.tolist(), values.tolist(), shares, strict=True)
        if not self.detail:
            return [self._show(*self._keep(*row)) for row in pairs]
        jamo = zip(*_describe(restricted, syllables, prior), strict=True)
        return [
            self._read(*row, *three) for row, three in zip(pairs, jamo, strict=True)
        ]

    def _best(self, heads, syllables, prior, text):
        """Returns (syllables, probabilities) of the n best, arrays (rows, n)."""
        if not self._order:
            return decoding.top_n(heads, self.n, syllables, prior)
        few = min(MAX_CANDIDATES, len(self.chosen))
        found, values = decoding.top_n(heads, max(self.n, few), syllables, prior)
        indices = syllable_indices(found[:, :few].ravel()).reshape(-1, few)
        weighed = self._order.weigh(indices, values[:, :few], text)
        best = np.argsort(-weighed, axis=1, kind="stable")
        rows = np.arange(len(found))[:, None]
        found[:, :few], values[:, :few] = found[rows, best], weighed[rows, best]
        # What was no candidate comes after all that were, in its own order.
        values[:, few:] = np.minimum(values[:, few:], values[:, few - 1 : few])
        return found[:, : self.n], values[:, : self.n]

    def skip(self, text: Sequence[Place]) -> None:
        """Moves on past a batch without readable pictures.

        Args:
            text: a `Place` for each picture of the batch.
        """
        if self._order:
            self._order.skip(text)

    def without_ink(self) -> list[Any] | Reading:
        """Returns the answer to a picture without ink, where such are rejected."""
        return Reading([], None, None, None, 0.0, []) if self.detail else []

    def _read(self, syllables, values, share, *jamo):
        """Returns the `Reading` of a picture."""
        guesses = list(zip(syllables, values, strict=True))
        kept = zip(*self._keep(syllables, values, share), strict=True)
        return Reading(list(kept), *jamo, share, guesses)

    def _keep(self, syllables, values, share):
        """Returns syllables and probabilities, both empty for a rejected picture."""
        if min(values[0], share) < self.reject_below:
            return [], []
        return syllables, values

    def _show(self, syllables, values):
        return list(zip(syllables, values, strict=True)) if self.scores else syllables


def _is_probability(value):
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return is_number and not math.isnan(value) and 0 <= value <= 1


def _describe(probabilities, syllables, prior):
    """Returns a list of `Jamo` for every component, one a row."""
    parts = marginals(probabilities, syllables, prior)
    return [_two_best(parts[name], jamo) for name, jamo in COMPONENTS.items()]


def _two_best(values, jamo):
    """Returns the `Jamo` of every row of one component's probabilities."""
    order = (-values).argsort(axis=1, kind="stable")[:, :2]
    return [
        Jamo(jamo[a], float(row[a]), jamo[b], float(row[b]))
        for row, (a, b) in zip(values, order, strict=True)
    ]
