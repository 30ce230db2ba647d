"""Forward-backward sums over all ways to cut a line.

The log probability of a way to cut is, up to a constant, the sum of its pieces' scores,
which are learnt so that the true ways become probable: a semi-Markov conditional random
field (Sarawagi, Cohen 2004, section 2, https://papers.nips.cc/paper/2648; for written
lines Zhou, Wang, Tian, Liu, Nakagawa 2013, https://doi.org/10.1109/TPAMI.2013.49).
"""

import math

import numpy as np


def posteriors(
    ends: np.ndarray, scores: np.ndarray, cuts: int
) -> tuple[float, np.ndarray]:
    """Finds how probable each piece is, summed over all ways to cut the line.

    Args:
        ends: integers (pieces, 2), the cuts where each begins and ends, sorted by
            where it begins.
        scores: `float64` (pieces, kinds), of each as each kind of thing.
        cuts: how many cuts there are, both ends of the line among them.

    Returns:
        (total, posteriors): logarithm of the sum of all ways' exponentiated scores,
        -inf where no way leads to the end; and the `float64` (pieces, kinds)
        probability of each.
    """
    whole = np.logaddexp.reduce(scores, axis=1).tolist()
    pairs = ends.tolist()
    before, after = [-np.inf] * cuts, [-np.inf] * cuts
    before[0] = after[-1] = 0.0
    for (start, end), score in zip(pairs, whole, strict=True):
        before[end] = _log_sum(before[end], before[start] + score)
    for (start, end), score in zip(pairs[::-1], whole[::-1], strict=True):
        after[start] = _log_sum(after[start], after[end] + score)
    if before[-1] == -np.inf:
        return -np.inf, np.zeros_like(scores)
    around = np.array(before)[ends[:, 0]] + np.array(after)[ends[:, 1]]
    return float(before[-1]), np.exp(scores + around[:, None] - before[-1])


def _log_sum(one, other):
    """Returns log(exp(one) + exp(other)).

    For single numbers this is many times as fast as NumPy.
    """
    least, most = (one, other) if one < other else (other, one)
    return most if least == -math.inf else most + math.log1p(math.exp(least - most))
