"""Scores of spelled beginnings -> the best of them; and back among all syllables."""

import math

from keras import ops

from utils.hangul import COMPONENTS

_UNREACHED = -1e9  # log P of a syllable outside the beam: 0 after a softmax


def best_beginnings(scores, beam):
    """Returns the best beginnings.

    Args:
        scores: log P of beginnings, (batch, beginnings).
        beam: how many are wanted.

    Returns:
        (scores, places), both (batch, beam), or fewer where there are no more.
    """
    return ops.top_k(scores, min(beam, scores.shape[1]))


def join_alternatives(alternatives):
    """Joins the axes of alternatives: (batch, before, now) to (batch, both)."""
    _, before, now = alternatives.shape
    return ops.reshape(alternatives, (-1, before * now))


def spread_over_all(scores, places):
    """Puts the scores of some syllables among those of all; the others have -10^9.

    Args:
        scores: log P of some syllables, (batch, some).
        places: where these stand among all, (batch, some).

    Returns:
        (batch, 11172).
    """
    count = math.prod(map(len, COMPONENTS.values()))
    batch, some = ops.shape(scores)[0], scores.shape[1]
    rows = ops.repeat(ops.arange(batch) * count, some)
    flat = ops.cast(rows, "int32") + ops.reshape(ops.cast(places, "int32"), (-1,))
    put = [
        ops.scatter(flat[:, None], ops.reshape(each, (-1,)), (batch * count,))
        for each in (scores, ops.ones_like(scores))
    ]
    return ops.reshape(ops.where(put[1] > 0, put[0], _UNREACHED), (-1, count))
