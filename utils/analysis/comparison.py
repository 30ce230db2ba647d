"""Two models on the same pictures: which of them is better, and is it chance."""

from math import comb
from typing import Any

import numpy as np


def mcnemar(first: np.ndarray, second: np.ndarray) -> Any:
    """Tests whether two models differ, by the pictures that one alone reads right.

    Reference: Q. McNemar (1947), Note on the sampling error of the difference between
    correlated proportions, https://doi.org/10.1007/BF02295996; exact, by the binomial
    distribution, rather than by his approximation.

    Args:
        first: booleans (pictures,), what the first model read right.
        second: the same pictures read by the second.

    Returns:
        Dict of counts `both`, `first_alone`, `second_alone`, `neither`, and `p_value`:
        the probability 0-1 that two equally good models split their pictures at least
        as unevenly.

    Raises:
        ValueError: the arrays differ in shape.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"Answers of shape {first.shape} came for answers of shape {second.shape}; "
            "a paired test needs the same pictures, (pictures,) each."
        )
    counts = {
        "both": int((first & second).sum()),
        "first_alone": int((first & ~second).sum()),
        "second_alone": int((~first & second).sum()),
        "neither": int((~first & ~second).sum()),
    }
    p_value = _two_sided(counts["first_alone"], counts["second_alone"])
    return counts | {"p_value": p_value}


def _two_sided(one, other):
    """Returns the exact two-sided probability of a split of fair coin flips."""
    flips, fewer = one + other, min(one, other)
    # Whole numbers of any size: no rounding until the one division.
    tail = sum(comb(flips, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / 2**flips)
