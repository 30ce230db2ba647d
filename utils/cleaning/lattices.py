"""Ink of nothing but long straight lines: rulings, cells, crosses, or one stroke."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width

_MIN_OF_SHORT_SIDE = 0.8  # of the shorter side of their box: lines are as long,
_MIN_OF_LONG_SIDE = 0.35  # and so much of its longer side
_MAX_DASH_GAP = 8  # pixels between dashes
_MIN_LINE_SHARE = 0.75  # of the ink is in such lines
_MAX_LEAN = 0.18  # rise or run: lines that are level, or upright, lean less
_MAX_STROKE_ACROSS = 2.5  # times its width: one stroke's box is no wider


def is_stroke(mask: np.ndarray) -> bool:
    """Tells whether ink is one straight stroke, or a row of them.

    Args:
        mask: `uint8` (height, width), 1 on ink, which has some.
    """
    across = min(cv2.minAreaRect(cv2.findNonZero(mask))[1])
    return across < _MAX_STROKE_ACROSS * stroke_width(mask)


def are_lines(mask: np.ndarray, gap: float = 0, upright: bool = False) -> bool:
    """Tells whether ink is nothing but several long straight lines.

    Args:
        mask: `uint8` (height, width), 1 on ink, which has some.
        gap: pixels that something else may cover between two parts of a line.
        upright: only lines that are level or upright count.
    """
    if is_stroke(mask):
        return False
    sides = cv2.boundingRect(mask)[2:]
    least = max(_MIN_OF_SHORT_SIDE * min(sides), _MIN_OF_LONG_SIDE * max(sides))
    votes, gap = max(1, int(least / 2)), max(_MAX_DASH_GAP, gap)
    found = cv2.HoughLinesP(255 * mask, 1, np.pi / 180, votes, None, least, gap)
    ends = np.zeros((0, 4), np.int32) if found is None else found.reshape(-1, 4)
    lean = np.sort(np.abs(ends[:, 2:] - ends[:, :2]), axis=1)
    if upright:
        ends = ends[lean[:, 0] < _MAX_LEAN * lean[:, 1]]
    drawn, width = np.zeros_like(mask), int(stroke_width(mask)) + 3
    for line in ends.reshape(-1, 2, 2):
        cv2.polylines(drawn, [line], False, 1, width)
    return cv2.countNonZero(drawn & mask) > _MIN_LINE_SHARE * cv2.countNonZero(mask)
