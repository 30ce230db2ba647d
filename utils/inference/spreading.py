"""Which of many are looked at where all would take too long."""

import numpy as np


def spread_places(count: int, most: int) -> np.ndarray:
    """Returns places from 0, evenly spread from the first to the last.

    Args:
        count: how many there are, 0 or more.
        most: how many places, 1 or more; all of them where there are no more.

    Returns:
        Integer array, ascending.
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)
