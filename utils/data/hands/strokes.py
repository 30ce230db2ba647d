"""Resamples and smooths pen strokes, and simulates fast writing.

A stroke is `float32` or `float64` (points, 3): x and y in heights of the syllable,
y downward, and the pressure, 0 to 1.
"""

import numpy as np

POINT_DISTANCE = 0.015  # of a syllable's height, along a resampled stroke

# Time in beats, of a fixed part for each stroke and one in proportion to its length: a
# long stroke takes less than proportionally longer (isochrony: Viviani and McCollum
# 1983). Air is the way between strokes, with the pen lifted.
_STROKE_BEATS, _BEATS_A_HEIGHT = 6, 26
_AIR_BEATS, _AIR_BEATS_A_HEIGHT = 3, 8
_MIN_POINTS = 3  # of a stroke


def resample(stroke):
    """Returns a stroke (points, 3) with a point every `POINT_DISTANCE`."""
    return _spread(stroke, round(_length(stroke) / POINT_DISTANCE) + 1)


def smooth(points, width):
    """Smooths points along their stroke; its ends stay.

    Args:
        points: (points, 2) of a stroke, without the pressure, `POINT_DISTANCE` apart.
        width: standard deviation of the Gaussian, in heights of the syllable.
    """
    return _blur(points, width / POINT_DISTANCE)


def flow(strokes, haste, lift, light):
    """Simulates fast writing: smooths the pen's whole way, also between the strokes.

    Corners are cut, the ends of strokes bend towards their neighbours, and where the
    pen has no time to leave the paper it draws a thin line.

    Args:
        strokes: list of strokes, in the order of writing.
        haste: beats over which the way is smoothed, above 0; 3 is a scrawl.
        lift: pressure, 0 to 1, below which the pen leaves no ink.
        light: least width of a stroke, in parts of the full width, 0 to 1.

    Returns:
        List of strokes, points `POINT_DISTANCE` apart.
    """
    way = [_beats(strokes[0])]
    for before, stroke in zip(strokes[:-1], strokes[1:], strict=True):
        way += [_air(before[-1], stroke[0]), _beats(stroke)]
    way = np.concatenate(way)
    places = _blur(way[:, :2], haste)
    pressure = _blur(way[:, 2:], haste * 0.6)[:, 0]
    full = np.clip((pressure - lift) / (1 - lift) / 0.6, 0, 1)
    way = np.column_stack([places, light + (1 - light) * full])
    return [resample(piece) for piece in _pieces(way, pressure > lift)]


def _beats(stroke):
    """Returns a stroke with one point for each beat of its duration."""
    return _spread(stroke, _STROKE_BEATS + round(_BEATS_A_HEIGHT * _length(stroke)))


def _air(start, end):
    """Returns the lifted pen's way between two strokes, without its ends."""
    way = np.stack([start, end])
    count = _AIR_BEATS + round(_AIR_BEATS_A_HEIGHT * _length(way))
    points = _spread(way, count + 2)[1:-1]
    points[:, 2] = 0
    return points


def _pieces(way, inked):
    """Yields the parts of a way that leave ink and have `_MIN_POINTS` or more."""
    cuts = np.flatnonzero(np.diff(inked)) + 1
    for piece, ink in zip(np.split(way, cuts), np.split(inked, cuts), strict=True):
        if ink[0] and len(piece) >= _MIN_POINTS:
            yield piece


def _length(stroke):
    return np.hypot(*np.diff(stroke[:, :2], axis=0).T).sum()


def _spread(stroke, count):
    """Returns `count` points, at least `_MIN_POINTS`, spread evenly along a stroke."""
    ways = np.hypot(*np.diff(stroke[:, :2], axis=0).T)
    place = np.concatenate([[0], np.cumsum(np.maximum(ways, 1e-6))])
    at = np.linspace(0, place[-1], max(_MIN_POINTS, count))
    return np.stack([np.interp(at, place, column) for column in stroke.T], 1)


def _blur(points, sigma):
    """Smooths each column of points (points, columns); `sigma` in points, ends stay."""
    reach = min(int(3 * sigma), len(points) - 1)
    if reach < 1:
        return points
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    columns = [np.convolve(c, kernel / kernel.sum(), "valid") for c in longer.T]
    return np.stack(columns, 1)
