"""Pieces of a line -> those worth reading, and what they may show."""

import numpy as np

from utils.hangul import syllable_indices
from utils.inference import decoding
from utils.inference.answers import Answering
from utils.inference.restriction import select
from utils.kinds import Heads
from utils.lines.lattice import posteriors

_HARDLY = 1e-3  # probability: pieces with less, by how they look, are not read
_ANSWERS = 8  # of each piece


def likely_pieces(
    ends: np.ndarray, looks: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Finds the pieces that may be something, by how they look.

    Args:
        ends: integers (pieces, 2), the cuts where each begins and ends.
        looks: `float64` (pieces, shapes), see `measures.shapes`.
        weights: `float64` (kinds, shapes), see `scores.Weights`.

    Returns:
        Integers, places of pieces, sorted.
    """
    _, likely = posteriors(ends, looks @ weights.T, int(ends.max()) + 1)
    return np.flatnonzero(likely.sum(axis=1) > _HARDLY)


def candidates(heads: Heads, answering: Answering) -> tuple[np.ndarray, np.ndarray]:
    """Finds what pieces may show.

    Args:
        heads: dict of arrays (pieces, classes), as a network gives.
        answering: which says of what syllables, and how likely each is before.

    Returns:
        (codes, values): integers (pieces, answers), places in the Unicode block, the
        best first, and `float64` probabilities.
    """
    restricted, syllables, prior, _ = select(
        heads, answering.chosen, answering.classes, answering.prior
    )
    count = min(_ANSWERS, len(answering.chosen))
    found, values = decoding.top_n(restricted, count, syllables, prior)
    return syllable_indices(found.ravel()).reshape(found.shape), values
