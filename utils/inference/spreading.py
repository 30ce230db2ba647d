"""Chooses an evenly spread sample where all would take too long."""

import numpy as np


def spread_places(count: int, most: int) -> np.ndarray:
    """Returns indices that are evenly spread from the first to the last.

    Args:
        count: how many there are, 0 or more.
        most: how many indices, 1 or more; all where there are no more.

    Returns:
        Integer array, ascending.
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)
