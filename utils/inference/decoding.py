"""Head probabilities -> the exact n best syllables, and the rank of a given one.

Three heads give a syllable the product of its jamo's probabilities, all 11,172
syllables of them; a flat head gives its probability directly. Equal probabilities are
put in Unicode order, so that the answer never depends on how it was found.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from utils.hangul import ALL_SYLLABLES, COMPONENTS, NUM_SYLLABLES, syllable_indices
from utils.inference.prior import EVEN, Prior, class_weights, weighed_mass
from utils.kinds import Heads

FLAT = "syllable"  # the name of the one head where syllables are not split

_ALL = np.array(ALL_SYLLABLES)
_ROWS_AT_ONCE = 256  # rows of 11,172 products held in memory: 23 MB
_SPARE = 16  # more syllables than asked for that are weighed, before all of them are


def top_n(
    probabilities: Heads,
    n: int,
    syllables: Sequence[str] = ALL_SYLLABLES,
    prior: Prior = EVEN,
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the n most probable syllables of every picture, exactly.

    Args:
        probabilities: dict of arrays (batch, classes), 0 or more, under `initial`,
            `medial` and `final`, or under `syllable` alone.
        n: how many, from 1 to the number of syllables that the heads can tell apart.
        syllables: the classes of the flat head; the three heads take no notice of it.
        prior: how likely each syllable was before, see `prior`; all alike unless given.

    Returns:
        (syllables, probabilities): `<U1` and `float64` arrays (batch, n), best first.
        With three heads the probability is the product of the heads', where
        `prior` is not even its share of all weighed ones.

    Raises:
        ValueError: the arrays are not those of the heads, or n is out of range.
    """
    heads = check_probabilities(probabilities, syllables)
    check_n(n, len(syllables) if FLAT in heads else NUM_SYLLABLES)
    if FLAT in heads:
        names, order = _by_code_point(tuple(syllables))
        places, best = _largest(_weigh(heads[FLAT], syllables, prior)[:, order], n)
        return names[places], best
    places, best = (
        _largest_products(heads, n)
        if prior.is_even
        else _largest_weighed(heads, n, prior)
    )
    return _ALL[places], best


def _weigh(values, syllables, prior):
    """Returns a flat head's probabilities weighed, their sum 1 again."""
    if prior.is_even:
        return values
    weighed = values * class_weights(tuple(syllables), prior)
    total = weighed.sum(axis=1, keepdims=True)
    return weighed / np.where(total > 0, total, 1)


@lru_cache(8)
def _by_code_point(syllables):
    """Returns (names, order): arrays of the syllables sorted, and where each was."""
    names = np.array(syllables)
    order = np.argsort(names)
    return names[order], order


def check_n(n: Any, limit: int) -> None:
    """Checks how many syllables were asked for.

    Raises:
        ValueError: n is no integer from 1 to `limit`.
    """
    is_integer = isinstance(n, (int, np.integer)) and not isinstance(n, bool)
    if not (is_integer and 1 <= int(n) <= limit):
        raise ValueError(f"n={n!r} syllables were asked for; expected 1 to {limit}.")


def syllable_ranks(
    probabilities: Heads,
    labels: Sequence[str] | np.ndarray,
    syllables: Sequence[str] = ALL_SYLLABLES,
    prior: Prior = EVEN,
) -> np.ndarray:
    """Ranks the true syllable of every picture among all syllables, exactly.

    Args:
        probabilities: as for `top_n`.
        labels: the true syllables, one for each row.
        syllables: the classes of the flat head.
        prior: as for `top_n`.

    Returns:
        Integer array (batch,), 1 for the best: the place that `top_n` would give it.
        A syllable that is no class of the flat head ranks after all its classes.

    Raises:
        ValueError: the arrays are not those of the heads, or their rows not those of
            `labels`, or a label is no syllable.
    """
    heads = check_probabilities(probabilities, syllables)
    codes = syllable_indices(labels)
    rows = len(next(iter(heads.values())))
    if len(codes) != rows:
        raise ValueError(f"{len(codes)} labels came for {rows} rows of probabilities.")
    classes = syllable_indices(syllables) if FLAT in heads else np.arange(NUM_SYLLABLES)
    parts = [slice(i, i + _ROWS_AT_ONCE) for i in range(0, rows, _ROWS_AT_ONCE)]
    ranks = [
        _ranks({k: v[part] for k, v in heads.items()}, classes, codes[part], prior)
        for part in parts
    ]
    return np.concatenate(ranks) if ranks else np.zeros(0, int)


def check_probabilities(
    probabilities: Heads, syllables: Sequence[str] = ALL_SYLLABLES
) -> Heads:
    """Returns the heads' probabilities as `float64`, checked.

    Raises:
        ValueError: a head is missing or unknown, has another number of classes or rows
            than it should, or holds negative numbers or NaN.
    """
    flat = set(probabilities) == {FLAT}
    if not flat and set(probabilities) != set(COMPONENTS):
        raise ValueError(
            f"Heads {', '.join(map(repr, probabilities)) or '(none)'} came; expected "
            f"{', '.join(map(repr, COMPONENTS))}, or {FLAT!r} alone."
        )
    counts = (
        {FLAT: len(syllables)} if flat else {k: len(v) for k, v in COMPONENTS.items()}
    )
    heads = {k: np.asarray(probabilities[k], np.float64) for k in counts}
    rows = len(next(iter(heads.values())))
    for name, array in heads.items():
        if array.shape != (rows, counts[name]):
            raise ValueError(
                f"Head {name!r} has shape {array.shape}; expected ({rows}, "
                f"{counts[name]})."
            )
        if not (array >= 0).all():  # so put, NaN fails too
            raise ValueError(f"Head {name!r} holds negative numbers or NaN.")
    return heads


def _largest(values, n):
    """Returns (columns, values) of the n largest of every row, the leftmost of ties."""
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


def _largest_products(heads, n):
    """Returns (places, products) of the n largest of the 11,172 products of a row.

    A triple of ranks (a, b, c), from 1, has a*b*c - 1 others before it: those of no
    higher rank in any head. Only triples of a*b*c <= n can therefore be among the n.
    """
    ranks = _candidate_ranks(n)
    places, products = 0, 1.0
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
        whole = _products({name: array[zero] for name, array in heads.items()})
        places[zero], products[zero] = _largest(whole, n)
    return places, products


def _largest_weighed(heads, n, prior):
    """Returns (places, probabilities) of the n largest, weighed, of every row.

    Weighing makes no product larger. So the n best of some more than n products are the
    n best of all, as soon as each is larger than the last of these products is.
    """
    some = min(n + _SPARE, NUM_SYLLABLES)
    places, products = _largest_products(heads, some)
    weighed = products * prior.weights(places)
    order = np.lexsort((places, -weighed), axis=1)[:, :n]
    best = _take(weighed, order)
    open_rows = (best[:, -1] <= products[:, -1]) & (some < NUM_SYLLABLES)
    places = _take(places, order)
    if open_rows.any():
        whole = _products({name: array[open_rows] for name, array in heads.items()})
        whole *= prior.weights(np.arange(NUM_SYLLABLES))
        places[open_rows], best[open_rows] = _largest(whole, n)
    total = weighed_mass(heads, prior)
    return places, best / np.where(total > 0, total, 1)[:, None]


@cache
def _candidate_ranks(n):
    """Returns the ranks from 0, an array a head, of the triples that can be among n."""
    a, b, c = np.indices([len(classes) for classes in COMPONENTS.values()])
    return np.nonzero((a + 1) * (b + 1) * (c + 1) <= n)


def _products(heads):
    """Returns the probabilities (batch, 11172) of all syllables in Unicode order."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    pairs = initial[:, :, None] * medial[:, None, :]
    return (pairs[..., None] * final[:, None, None, :]).reshape(len(initial), -1)


def _ranks(heads, classes, codes, prior):
    """Returns the rank of the syllable `codes[i]` in row i; `classes` names columns."""
    values = heads[FLAT] if FLAT in heads else _products(heads)
    values = values * prior.weights(classes)
    here = classes == codes[:, None]
    known = here.any(axis=1)
    own = np.where(known, values[np.arange(len(codes)), here.argmax(axis=1)], -1.0)
    before = values > own[:, None]
    before |= (values == own[:, None]) & (classes < codes[:, None])
    return 1 + before.sum(axis=1)
