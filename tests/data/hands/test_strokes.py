"""Strokes: points along them, and the way of a pen in haste."""

import numpy as np
import pytest

from utils.data.hands.strokes import POINT_DISTANCE, flow, resample, smooth


def line(*points):
    """A stroke through points, pressed all along."""
    return np.column_stack([np.array(points, float), np.ones(len(points))])


UPRIGHT = line((0, 0), (0, 0.6))
CORNER = line((0, 0), (0.5, 0), (0.5, 0.5))


def nearest(strokes, place):
    """How near strokes come to a place."""
    return min(np.hypot(*(stroke[:, :2] - place).T).min() for stroke in strokes)


def test_points_lie_a_step_apart_and_the_ends_stay():
    points = resample(CORNER)
    gaps = np.hypot(*np.diff(points[:, :2], axis=0).T)
    assert (
        np.median(gaps) == pytest.approx(POINT_DISTANCE, rel=0.02)
        and gaps.max() < 1.03 * POINT_DISTANCE
    )
    np.testing.assert_allclose(points[[0, -1]], CORNER[[0, -1]])
    assert (points[:, 2] == 1).all()


def test_a_dot_has_points_as_well():
    assert np.isfinite(resample(line((0.2, 0.2), (0.2, 0.2)))).all()


def test_smoothing_leaves_lines_and_ends_and_cuts_corners():
    straight = resample(UPRIGHT)[:, :2]
    np.testing.assert_allclose(smooth(straight, 0.05), straight, atol=1e-9)
    points = resample(CORNER)[:, :2]
    cut = smooth(points, 0.05)
    np.testing.assert_allclose(cut[[0, -1]], points[[0, -1]], atol=1e-9)
    assert 0.02 < nearest([cut], (0.5, 0)) < 0.04


def test_more_haste_cuts_more_of_a_corner():
    ways = [nearest(flow([CORNER], haste, 0.5, 0.5), (0.5, 0)) for haste in (0.5, 1, 2)]
    assert ways[0] < ways[1] < ways[2] < 0.15


def test_without_haste_strokes_are_what_they_were():
    strokes = [UPRIGHT, line((0.3, 0), (0.3, 0.6)), CORNER + (0.5, 0, 0)]
    written = flow(strokes, 0.1, 0.9, 0.5)
    assert len(written) == len(strokes)
    for before, after in zip(strokes, written, strict=True):
        np.testing.assert_allclose(after[[0, -1], :2], before[[0, -1], :2], atol=0.03)


def test_strokes_end_towards_the_next_and_begin_from_the_one_before():
    beside = line((-0.5, 0.6), (-0.5, 0))
    alone, first = flow([UPRIGHT], 2, 0.5, 0.5)[0], flow([UPRIGHT, beside], 2, 0.5, 0.5)
    assert np.ptp(alone[:, 0]) < 1e-9
    assert first[0][-1, 0] < -0.02 and first[1][0, 0] > -0.48


def test_a_pen_stays_down_on_a_short_way_only_and_presses_less():
    near, far = line((0.04, 0.6), (0.4, 0.6)), line((0.6, 0), (0.9, 0))
    joined = flow([UPRIGHT, near], 2, 0.1, 0.4)
    assert len(joined) == 1 and 0.4 <= joined[0][:, 2].min() < 0.9
    assert len(flow([UPRIGHT, near], 2, 0.9, 0.4)) == 2
    assert len(flow([UPRIGHT, far], 2, 0.1, 0.4)) == 2
