"""Adapts a network to a writer: an affine layer fitted to unlabelled pictures.

The layer maps pooled features, (pictures, units), the inputs of the linear heads, to
those of the writers that the network was trained on.
"""

from collections.abc import Callable, Sequence

import numpy as np

from utils.hangul import COMPONENTS, split_syllables
from utils.inference.decoding import top_n
from utils.inference.prior import EVEN_PRIOR, Prior
from utils.kinds import Heads

ITERATIONS = 3  # of finding answers and the layer in turn
PULL_STRENGTH = 0.3  # of the regularisation towards the identity; see `fit_affine`
DOUBLE_PULL_PICTURES = 300  # pictures of a writer at which that is twice as strong


def one_hot(targets: Heads) -> np.ndarray:
    """Returns the one-hot vectors of three jamo side by side, after a column of ones.

    Args:
        targets: dict, head -> class indices (pictures,).

    Returns:
        `float64` (pictures, 1 + 19 + 21 + 28), 0 or 1.
    """
    columns = [np.ones((len(targets["initial"]), 1))]
    columns += [np.eye(len(jamo))[targets[name]] for name, jamo in COMPONENTS.items()]
    return np.concatenate(columns, axis=1)


def fit_prototypes(features: np.ndarray, targets: Heads) -> np.ndarray:
    """Fits the contribution of each jamo to the features, by least squares.

    The prototype of a syllable is the mean plus the contributions of its three jamo, so
    that syllables without pictures have one too. (Zhang et al. take each class's mean.)

    Args:
        features: (pictures, units).
        targets: dict, head -> true class indices (pictures,).

    Returns:
        `float64` (1 + 19 + 21 + 28, units): multiply `one_hot` with it.
    """
    design = one_hot(targets)
    # A jamo that is rare here stays near the mean; every head's parts are also only
    # known up to a constant, which this settles.
    gram = design.T @ design + np.diag([0.0] + [1.0] * (design.shape[1] - 1))
    return np.linalg.solve(gram, design.T @ np.asarray(features, float))


def fit_affine(
    features: np.ndarray,
    wanted: np.ndarray,
    weights: np.ndarray,
    strength: float = PULL_STRENGTH,
) -> tuple[np.ndarray, np.ndarray]:
    """Fits the affine layer that brings features close to their prototypes.

    Minimises the sum of f_i |A x_i + b - m_i|^2 + beta |A - I|^2 + gamma |b|^2, in
    closed form, with beta and gamma `strength` times the weight of all pictures, beta
    also times the mean square of a feature, so that neither depends on their number
    nor their scale.

    Reference: Zhang, Bengio, Liu (2017), section 5, https://arxiv.org/abs/1606.05763.

    Args:
        features: x, (pictures, units).
        wanted: m, (pictures, units).
        weights: f, (pictures,), 0 or more.
        strength: 0 or more; in the limit of infinity, A = I and b = 0.

    Returns:
        (A, b): `float64` (units, units) and (units,), for x A^T + b.
    """
    x = np.asarray(features, float)
    units, total = x.shape[1], weights.sum()
    pull = np.full(units + 1, strength * total)
    pull[:units] *= np.mean(x**2)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    home = np.eye(units + 1, units)
    gram = (x * weights[:, None]).T @ x + np.diag(pull)
    solved = np.linalg.solve(
        gram, (x * weights[:, None]).T @ wanted + pull[:, None] * home
    )
    return solved[:units].T, solved[units]


def adapt(
    looks: Sequence[np.ndarray],
    prototypes: np.ndarray,
    answer: Callable[[Sequence[np.ndarray]], Heads],
    prior: Prior = EVEN_PRIOR,
    strength: float = PULL_STRENGTH,
    iterations: int = ITERATIONS,
) -> tuple[np.ndarray, np.ndarray]:
    """Fits a writer's layer to pictures without labels.

    The answers assign each picture to a prototype, weighted by their probability; the
    layer fitted to these gives new answers, and so on. Unlike Zhang et al., who take
    the layer's own best class and so learn its errors, the best syllable is found as
    `predict` does, with both looks and the prior; and the regularisation is stronger
    with few pictures, which determine less of the layer.

    Args:
        looks: features (pictures, units) of the same pictures, one array for each look.
        prototypes: as `fit_prototypes` gives them.
        answer: function from `looks`, transformed by the layer, to a dict of
            probabilities, head -> (pictures, classes).
        prior: as for `decoding.top_n`.
        strength: see `fit_affine`; it grows with fewer pictures, see
            `DOUBLE_PULL_PICTURES`.
        iterations: how often the layer is fitted, 1 or more.

    Returns:
        (A, b), see `fit_affine`.
    """
    features, moved = np.concatenate(looks), looks
    strength *= 1 + DOUBLE_PULL_PICTURES / len(looks[0])
    for _ in range(iterations):
        syllables, certain = top_n(answer(moved), 1, prior=prior)
        wanted = one_hot(split_syllables(syllables[:, 0])) @ prototypes
        wanted, weights = (
            np.concatenate([each] * len(looks)) for each in (wanted, certain[:, 0])
        )
        matrix, offset = fit_affine(features, wanted, weights, strength)
        moved = [look @ matrix.T + offset for look in looks]
    return matrix, offset


def fold(
    matrix: np.ndarray, offset: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Merges a layer into the head after it, which then needs no layer.

    Args:
        matrix: A of the layer x A^T + b.
        offset: b of the layer.
        kernel: the head's, (units, classes).
        bias: the head's, (classes,).

    Returns:
        (kernel, bias) of the head on features as they are, `float32`.
    """
    folded = matrix.T @ kernel, offset @ kernel + bias
    return tuple(each.astype(np.float32) for each in folded)
