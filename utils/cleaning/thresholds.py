"""Grey levels that part a picture in three: ink, and ground of two shades."""

import numpy as np

_NUM_BINS = 32  # of the histogram in which the shades are told apart
_MIN_EXPLAINED = 0.88  # of the variance lies between ink and two shades
_MAX_EXPLAINED_BY_TWO = 0.93  # of it lies between two parts: with more, they are all
_BINS = np.arange(_NUM_BINS)


def three_parts(counts: np.ndarray) -> tuple[int, int] | None:
    """Finds the two grey levels that part a histogram in three.

    As Otsu's threshold they leave most of the variance between the parts (1979,
    https://doi.org/10.1109/TSMC.1979.4310076, section IV).

    Args:
        counts: 256 integers, the pixels of each grey level.

    Returns:
        (level from which the second part starts, likewise the third); None where there
        are no three parts.
    """
    share = counts.reshape(_NUM_BINS, -1).sum(1) / counts.sum()
    size, mass = share.cumsum(), (share * _BINS).cumsum()
    mean = mass[-1]
    variance = share @ _BINS**2 - mean**2
    rest = np.maximum(1 - size, 1e-9)
    by_two = (mean * size - mass) ** 2 / (np.maximum(size, 1e-9) * rest)
    if by_two.max() >= _MAX_EXPLAINED_BY_TWO * variance:
        return None
    size, mass = np.append(0, size), np.append(0, mass)
    # What the part from one bin up to another adds to the variance between the parts:
    sizes, masses = size - size[:, None], mass - mass[:, None]
    between = masses**2 / np.where(sizes > 0, sizes, np.inf)
    explained = np.triu(between[0][:, None] + between + between[:, -1], 1)
    lower, upper = np.unravel_index(explained.argmax(), explained.shape)
    if explained[lower, upper] - mean**2 < _MIN_EXPLAINED * variance:
        return None
    return int(lower) * 256 // _NUM_BINS, int(upper) * 256 // _NUM_BINS
