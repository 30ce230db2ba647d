"""Strokes of a pen: points along them, smoothing, and the way of a pen in haste.

A stroke is `float32` or `float64` (points, 3): x and y in heights of the syllable,
y downward, and the pressure, 0 to 1.
"""

import numpy as np

STEP = 0.015  # of a syllable's height between points of a finished stroke

# Beats of a pen in haste: a long stroke takes longer than a short one, but not in
# proportion (isochrony: Viviani and McCollum 1983).
_STROKE_BEATS, _BEATS_A_HEIGHT = 6, 26
_AIR_BEATS, _AIR_BEATS_A_HEIGHT = 3, 8
_LEAST = 3  # points of a stroke


def resample(stroke):
    """Returns a stroke (points, 3) with a point every `STEP`."""
    return _spread(stroke, round(_length(stroke) / STEP) + 1)


def smooth(points, width):
    """Smooths points (points, 2), `STEP` apart, along their stroke; its ends stay.

    Args:
        points: of a stroke, without the pressure.
        width: of the Gaussian, in heights of the syllable.
    """
    return _blur(points, width / STEP)


def flow(strokes, haste, lift, light):
    """Writes strokes in one go: a pen in haste smooths its whole way, the air too.

    Corners are cut, strokes begin and end towards their neighbours, and where the pen
    has no time to leave the paper it draws a lighter line.

    Args:
        strokes: list of strokes, in the order of writing.
        haste: beats over which the way is smoothed, above 0; 3 is a scrawl.
        lift: pressure, 0 to 1, below which the pen leaves no ink.
        light: width of the lightest ink, 0 to 1.

    Returns:
        List of strokes, points `STEP` apart.
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
    """Returns a stroke with a point for each beat that it takes."""
    return _spread(stroke, _STROKE_BEATS + round(_BEATS_A_HEIGHT * _length(stroke)))


def _air(start, end):
    """Returns the pen's way through the air between two strokes, ends left out."""
    way = np.stack([start, end])
    count = _AIR_BEATS + round(_AIR_BEATS_A_HEIGHT * _length(way))
    points = _spread(way, count + 2)[1:-1]
    points[:, 2] = 0
    return points


def _pieces(way, inked):
    """Yields the parts of a way that leave ink and are more than a dot."""
    cuts = np.flatnonzero(np.diff(inked)) + 1
    for piece, ink in zip(np.split(way, cuts), np.split(inked, cuts), strict=True):
        if ink[0] and len(piece) >= _LEAST:
            yield piece


def _length(stroke):
    return np.hypot(*np.diff(stroke[:, :2], axis=0).T).sum()


def _spread(stroke, count):
    """Returns `count` points, at least `_LEAST`, spread evenly along a stroke."""
    ways = np.hypot(*np.diff(stroke[:, :2], axis=0).T)
    place = np.concatenate([[0], np.cumsum(np.maximum(ways, 1e-6))])
    at = np.linspace(0, place[-1], max(_LEAST, count))
    return np.stack([np.interp(at, place, column) for column in stroke.T], 1)


def _blur(points, sigma):
    """Smooths each column of points (points, columns), `sigma` in points; ends stay."""
    reach = min(int(3 * sigma), len(points) - 1)
    if reach < 1:
        return points
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    columns = [np.convolve(c, kernel / kernel.sum(), "valid") for c in longer.T]
    return np.stack(columns, 1)
