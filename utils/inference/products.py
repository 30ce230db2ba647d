"""Finds the n largest values of a row, and of the 11,172 products of three heads.

Equal values stay in the order of their columns, which is that of Unicode.
"""

from functools import cache
from typing import Any

import numpy as np

from utils.hangul import COMPONENTS, NUM_SYLLABLES
from utils.inference.prior import Prior, weighed_mass
from utils.kinds import Heads

_SPARE_PRODUCTS = 16  # weighed besides the n asked for, before all are weighed


def largest(values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (columns, values) of the n largest of every row, the leftmost of ties.

    Args:
        values: array (batch, columns).
        n: how many, at most the columns.
    """
    some = np.argpartition(values, -n, axis=1)[:, -n:]
    some.sort(axis=1)  # the stable sort below then leaves ties in order of column
    order = np.argsort(-_take(values, some), axis=1, kind="stable")
    columns = _take(some, order)
    # Where the n-th value occurs outside the selection too, the choice was arbitrary.
    worst = _take(values, columns[:, -1:])
    tied = (values >= worst).sum(axis=1) > n
    columns[tied] = np.argsort(-values[tied], axis=1, kind="stable")[:, :n]
    return columns, _take(values, columns)


def _take(values, columns):
    """Returns values at the columns of each row, faster than `take_along_axis`."""
    return values[np.arange(len(values))[:, None], columns]


def largest_products(heads: Heads, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (indices, products) of the n largest of the 11,172 products of a row.

    Before a triple with the ranks (a, b, c), from 1, come a*b*c - 1 others: those whose
    ranks are no larger in any head. So only triples of a*b*c <= n can be among the n.

    `indices` are those of syllables, as `hangul.syllable_indices`.

    Args:
        heads: dict, jamo's head -> `float64` array (batch, classes).
        n: how many, from 1 to 11,172.
    """
    ranks = _candidate_ranks(n)
    indices: Any = 0
    products: Any = 1.0
    for (name, classes), rank in zip(COMPONENTS.items(), ranks, strict=True):
        order = np.argsort(-heads[name], axis=1, kind="stable")
        column = order[:, rank]  # (batch, candidates)
        indices = indices * len(classes) + column
        products = products * _take(heads[name], column)
    best = np.lexsort((indices, -products), axis=1)[:, :n]
    indices = _take(indices, best)
    products = _take(products, best)
    # That holds for equal products too, unless they are 0, where one head's 0 hides the
    # order of the others: such rows are sorted as a whole.
    zero = products[:, -1] == 0
    if zero.any():
        whole = all_products({name: array[zero] for name, array in heads.items()})
        indices[zero], products[zero] = largest(whole, n)
    return indices, products


def largest_weighed(
    heads: Heads, n: int, prior: Prior
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (indices, probabilities) of the n largest weighted products of a row.

    Weights are at most 1. So of a few more than n products the n best after weighting
    are the n best of all, if each is larger than the last product before weighting.

    Args:
        heads: as for `largest_products`.
        n: how many, from 1 to 11,172.
        prior: prior probability of each syllable.
    """
    some = min(n + _SPARE_PRODUCTS, NUM_SYLLABLES)
    indices, products = largest_products(heads, some)
    weighed = products * prior.weights(indices)
    order = np.lexsort((indices, -weighed), axis=1)[:, :n]
    best = _take(weighed, order)
    open_rows = (best[:, -1] <= products[:, -1]) & (some < NUM_SYLLABLES)
    indices = _take(indices, order)
    if open_rows.any():
        whole = all_products({name: array[open_rows] for name, array in heads.items()})
        whole *= prior.weights(np.arange(NUM_SYLLABLES))
        indices[open_rows], best[open_rows] = largest(whole, n)
    total = weighed_mass(heads, prior)
    return indices, best / np.where(total > 0, total, 1)[:, None]


@cache
def _candidate_ranks(n):
    """Returns the ranks of the triples that can be among n: an array for each head."""
    a, b, c = np.indices([len(classes) for classes in COMPONENTS.values()])
    return np.nonzero((a + 1) * (b + 1) * (c + 1) <= n)


def all_products(heads: Heads) -> np.ndarray:
    """Returns the probabilities (batch, 11172) of all syllables in Unicode order."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    pairs = initial[:, :, None] * medial[:, None, :]
    return (pairs[..., None] * final[:, None, None, :]).reshape(len(initial), -1)
