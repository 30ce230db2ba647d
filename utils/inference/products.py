"""Probabilities -> the n largest of a row, and of the 11,172 products of three heads.

Equal ones stay in the order of their columns, which is that of Unicode.
"""

from functools import cache
from typing import Any

import numpy as np

from utils.hangul import COMPONENTS, NUM_SYLLABLES
from utils.inference.prior import Prior, weighed_mass
from utils.kinds import Heads

_SPARE = 16  # more syllables than asked for that are weighed, before all of them are


def largest(values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (columns, values) of the n largest of every row, the leftmost of ties.

    Args:
        values: array (batch, columns).
        n: how many, at most the columns.
    """
    some = np.argpartition(values, -n, axis=1)[:, -n:]
    some.sort(axis=1)  # the stable sort below then leaves ties in order of column
    order = np.argsort(-_take(values, some), axis=1, kind="stable")
    places = _take(some, order)
    # Where the n-th value occurs outside the selection too, the choice was arbitrary.
    worst = _take(values, places[:, -1:])
    tied = (values >= worst).sum(axis=1) > n
    places[tied] = np.argsort(-values[tied], axis=1, kind="stable")[:, :n]
    return places, _take(values, places)


def _take(values, columns):
    """Returns values at the columns of each row; `take_along_axis` is slower."""
    return values[np.arange(len(values))[:, None], columns]


def largest_products(heads: Heads, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (places, products) of the n largest of the 11,172 products of a row.

    A triple of ranks (a, b, c), from 1, has a*b*c - 1 others before it: those of no
    higher rank in any head. Only triples of a*b*c <= n can therefore be among the n.

    Args:
        heads: dict, jamo's head -> `float64` array (batch, classes).
        n: how many, from 1 to 11,172.
    """
    ranks = _candidate_ranks(n)
    places: Any = 0
    products: Any = 1.0
    for (name, classes), rank in zip(COMPONENTS.items(), ranks, strict=True):
        order = np.argsort(-heads[name], axis=1, kind="stable")
        column = order[:, rank]  # (batch, candidates)
        places = places * len(classes) + column
        products = products * _take(heads[name], column)
    best = np.lexsort((places, -products), axis=1)[:, :n]
    places = _take(places, best)
    products = _take(products, best)
    # "Before it" holds for equal products as long as they are not zero, where one
    # head's zero hides the order of the others: such rows are sorted whole.
    zero = products[:, -1] == 0
    if zero.any():
        whole = all_products({name: array[zero] for name, array in heads.items()})
        places[zero], products[zero] = largest(whole, n)
    return places, products


def largest_weighed(
    heads: Heads, n: int, prior: Prior
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (places, probabilities) of the n largest, weighed, of every row.

    Weighing makes no product larger. So the n best of some more than n products are the
    n best of all, as soon as each is larger than the last of these products is.

    Args:
        heads: as for `largest_products`.
        n: how many, from 1 to 11,172.
        prior: how likely each syllable was before.
    """
    some = min(n + _SPARE, NUM_SYLLABLES)
    places, products = largest_products(heads, some)
    weighed = products * prior.weights(places)
    order = np.lexsort((places, -weighed), axis=1)[:, :n]
    best = _take(weighed, order)
    open_rows = (best[:, -1] <= products[:, -1]) & (some < NUM_SYLLABLES)
    places = _take(places, order)
    if open_rows.any():
        whole = all_products({name: array[open_rows] for name, array in heads.items()})
        whole *= prior.weights(np.arange(NUM_SYLLABLES))
        places[open_rows], best[open_rows] = largest(whole, n)
    total = weighed_mass(heads, prior)
    return places, best / np.where(total > 0, total, 1)[:, None]


@cache
def _candidate_ranks(n):
    """Returns the ranks from 0, an array a head, of the triples that can be among n."""
    a, b, c = np.indices([len(classes) for classes in COMPONENTS.values()])
    return np.nonzero((a + 1) * (b + 1) * (c + 1) <= n)


def all_products(heads: Heads) -> np.ndarray:
    """Returns the probabilities (batch, 11172) of all syllables in Unicode order."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    pairs = initial[:, :, None] * medial[:, None, :]
    return (pairs[..., None] * final[:, None, None, :]).reshape(len(initial), -1)
