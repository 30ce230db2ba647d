"""Chooses the pieces of a line that are worth reading, and their best syllables."""

import numpy as np

from utils.hangul import syllable_indices
from utils.inference import decoding
from utils.inference.answers import Answering
from utils.inference.restriction import select
from utils.kinds import Heads
from utils.lines.lattice import posteriors

# Of being on the right path, by shape alone: less likely pieces are not read.
_MIN_LOOK_PROBABILITY = 1e-3
_MAX_ANSWERS = 8  # syllables kept for each piece
_MIN_PROBABILITY = 1e-30  # of a syllable: its logarithm is taken


def likely_pieces(
    ends: np.ndarray, looks: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Finds the pieces that may be characters, judged by shape alone.

    Args:
        ends: integers (pieces, 2), the cuts where each begins and ends.
        looks: `float64` (pieces, shapes), see `measures.shapes`.
        weights: `float64` (kinds, shapes), see `scores.Weights`.

    Returns:
        Integers (kept,), the indices of these pieces, sorted.
    """
    _, likely = posteriors(ends, looks @ weights.T, int(ends.max()) + 1)
    return np.flatnonzero(likely.sum(axis=1) > _MIN_LOOK_PROBABILITY)


def candidates(heads: Heads, answering: Answering) -> tuple[np.ndarray, np.ndarray]:
    """Finds the most probable syllables of each piece.

    Args:
        heads: dict of arrays (pieces, classes), the network's probabilities.
        answering: holds the charset to choose from and the prior of its syllables.

    Returns:
        (indices, values): integers (pieces, answers), syllables as
        `hangul.syllable_indices`, best first, and their `float64` probabilities, above
        0. With a charset they are not conditional on it: half a syllable would be
        taken for the one of few that it resembles most.
    """
    restricted, syllables, prior, share = select(
        heads, answering.chosen, answering.classes, answering.prior
    )
    count = min(_MAX_ANSWERS, len(answering.chosen))
    found, values = decoding.top_n(restricted, count, syllables, prior)
    values = np.maximum(values * share[:, None], _MIN_PROBABILITY)
    return syllable_indices(found.ravel()).reshape(found.shape), values
