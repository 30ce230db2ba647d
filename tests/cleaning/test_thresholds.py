"""Three parts of a histogram, by the least variance within them."""

from itertools import combinations

import numpy as np
import pytest

from utils.cleaning.thresholds import three_parts


def histogram(levels, counts, spread=2):
    """Counts of grey levels around some: 256 integers."""
    rng = np.random.default_rng(0)
    grey = np.repeat(levels, counts) + rng.normal(0, spread, sum(counts))
    return np.bincount(np.clip(np.rint(grey), 0, 255).astype(int), minlength=256)


def within(counts, bounds):
    """Sum of squared distances of 32 bins from the mean of their part."""
    bins = counts.reshape(32, 8).sum(1)
    parts = np.split(
        np.repeat(np.arange(32), bins), np.cumsum(bins)[np.array(bounds) - 1]
    )
    return sum(part.var() * len(part) for part in parts if len(part))


@pytest.mark.parametrize(
    "levels, counts",
    [((30, 120, 252), (900, 5000, 6000)), ((60, 130, 180), (1000, 4000, 9000))],
)
def test_no_other_two_levels_leave_less_variance(levels, counts):
    given = histogram(levels, counts)
    found = three_parts(given)
    least = min(within(given, pair) for pair in combinations(range(1, 32), 2))
    assert within(given, [each // 8 for each in found]) == pytest.approx(least)
    assert levels[0] < found[0] <= levels[1] < found[1] <= levels[2]


@pytest.mark.parametrize(
    "levels, counts, spread",
    [
        ((30, 225), (900, 9000), 4),  # two parts
        ((128,), (9000,), 60),  # one, wide
        ((200,), (9000,), 0),  # one grey level
        ((20, 110, 165, 220), (900, 3000, 3000, 3000), 3),  # four
    ],
)
def test_what_has_no_three_parts_has_none(levels, counts, spread):
    assert three_parts(histogram(levels, counts, spread)) is None
