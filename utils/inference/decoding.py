"""Finds the exact n best syllables by the heads' probabilities, and ranks given ones.

Three heads give a syllable the product of its jamo's probabilities, all 11,172
syllables of them; a flat head gives its probability directly. Equally probable ones
are in Unicode order, so that the answer does not depend on the algorithm.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from utils.hangul import (
    ALL_SYLLABLES,
    COMPONENTS,
    FLAT_HEAD,
    NUM_SYLLABLES,
    syllable_indices,
)
from utils.inference.prior import EVEN_PRIOR, Prior, class_weights
from utils.inference.products import (
    all_products,
    largest,
    largest_products,
    largest_weighed,
)
from utils.kinds import Heads

_SYLLABLES = np.array(ALL_SYLLABLES)
_ROWS_AT_ONCE = 256  # rows of 11,172 products that are in memory together: 23 MB


def top_n(
    probabilities: Heads,
    n: int,
    syllables: Sequence[str] = ALL_SYLLABLES,
    prior: Prior = EVEN_PRIOR,
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the n most probable syllables of every picture, exactly.

    Args:
        probabilities: dict of arrays (batch, classes), 0 or more, under `initial`,
            `medial` and `final`, or under `syllable` alone.
        n: how many, from 1 to the number of syllables that the heads can tell apart.
        syllables: the classes of the flat head; not used for three heads.
        prior: prior probability of each syllable, see `prior`; uniform unless given.

    Returns:
        (syllables, probabilities): `<U1` and `float64` arrays (batch, n), best first.
        With three heads the probability is the product of the heads'; with a prior
        that is not even, it is weighted by that and normalised over all syllables.

    Raises:
        ValueError: the arrays are not those of the heads, or n is out of range.
    """
    heads = check_probabilities(probabilities, syllables)
    check_n(n, len(syllables) if FLAT_HEAD in heads else NUM_SYLLABLES)
    if FLAT_HEAD in heads:
        names, order = _by_code_point(tuple(syllables))
        columns, best = largest(_weigh(heads[FLAT_HEAD], syllables, prior)[:, order], n)
        return names[columns], best
    indices, best = (
        largest_products(heads, n)
        if prior.is_even
        else largest_weighed(heads, n, prior)
    )
    return _SYLLABLES[indices], best


def _weigh(values, syllables, prior):
    """Returns a flat head's probabilities weighted by the prior and normalised."""
    if prior.is_even:
        return values
    weighed = values * class_weights(tuple(syllables), prior)
    total = weighed.sum(axis=1, keepdims=True)
    return weighed / np.where(total > 0, total, 1)


@lru_cache(8)
def _by_code_point(syllables):
    """Returns (sorted syllables, order): arrays, `order` as of `np.argsort`."""
    names = np.array(syllables)
    order = np.argsort(names)
    return names[order], order


def check_n(n: Any, limit: int) -> None:
    """Checks the number of syllables that were asked for.

    Args:
        n: whatever came.
        limit: how many syllables there are.

    Raises:
        ValueError: n is no integer from 1 to `limit`.
    """
    is_integer = isinstance(n, (int, np.integer)) and not isinstance(n, bool)
    if not (is_integer and 1 <= int(n) <= limit):
        raise ValueError(
            f"n={n!r} syllables were asked for; expected an integer from 1 to {limit}, "
            "as many as can occur."
        )


def syllable_ranks(
    probabilities: Heads,
    labels: Sequence[str] | np.ndarray,
    syllables: Sequence[str] = ALL_SYLLABLES,
    prior: Prior = EVEN_PRIOR,
) -> np.ndarray:
    """Ranks the true syllable of every picture among all syllables, exactly.

    Args:
        probabilities: as for `top_n`.
        labels: the true syllables, one for each row.
        syllables: the classes of the flat head.
        prior: as for `top_n`.

    Returns:
        Integer array (batch,), 1 for the best: its rank in the result of `top_n`.
        A syllable that is no class of the flat head ranks after all its classes.

    Raises:
        ValueError: the arrays are not those of the heads, or their rows not those of
            `labels`, or a label is no syllable.
    """
    heads = check_probabilities(probabilities, syllables)
    indices = syllable_indices(labels)
    rows = len(next(iter(heads.values())))
    if len(indices) != rows:
        raise ValueError(
            f"{len(indices)} labels came for {rows} rows of probabilities."
        )
    classes = (
        syllable_indices(syllables) if FLAT_HEAD in heads else np.arange(NUM_SYLLABLES)
    )
    parts = [slice(i, i + _ROWS_AT_ONCE) for i in range(0, rows, _ROWS_AT_ONCE)]
    ranks = [
        _ranks({k: v[part] for k, v in heads.items()}, classes, indices[part], prior)
        for part in parts
    ]
    return np.concatenate(ranks) if ranks else np.zeros(0, int)


def check_probabilities(
    probabilities: Heads, syllables: Sequence[str] = ALL_SYLLABLES
) -> Heads:
    """Returns the heads' probabilities as `float64`, checked.

    Args:
        probabilities: as for `top_n`.
        syllables: the classes of the flat head; not used for three heads.

    Returns:
        Dict of arrays (batch, classes), three heads in the order of `COMPONENTS`.

    Raises:
        ValueError: a head is missing or unknown, has another number of classes or rows
            than it should, or holds negative numbers or NaN.
    """
    flat = set(probabilities) == {FLAT_HEAD}
    if not flat and set(probabilities) != set(COMPONENTS):
        raise ValueError(
            f"Heads {', '.join(map(repr, probabilities)) or '(none)'} came; expected "
            f"{', '.join(map(repr, COMPONENTS))}, or {FLAT_HEAD!r} alone."
        )
    counts = (
        {FLAT_HEAD: len(syllables)}
        if flat
        else {k: len(v) for k, v in COMPONENTS.items()}
    )
    heads = {k: np.asarray(probabilities[k], np.float64) for k in counts}
    rows = len(next(iter(heads.values())))
    for name, array in heads.items():
        if array.shape != (rows, counts[name]):
            raise ValueError(
                f"Head {name!r} has shape {array.shape}; expected ({rows}, "
                f"{counts[name]})."
            )
        if not (array >= 0).all():  # written so that NaN fails too
            raise ValueError(f"Head {name!r} holds negative numbers or NaN.")
    return heads


def _ranks(heads, classes, indices, prior):
    """Returns the rank of syllable `indices[i]` in row i, of columns `classes`."""
    values = heads[FLAT_HEAD] if FLAT_HEAD in heads else all_products(heads)
    values = values * prior.weights(classes)
    here = classes == indices[:, None]
    known = here.any(axis=1)
    own = np.where(known, values[np.arange(len(indices)), here.argmax(axis=1)], -1.0)
    before = values > own[:, None]
    before |= (values == own[:, None]) & (classes < indices[:, None])
    return 1 + before.sum(axis=1)
