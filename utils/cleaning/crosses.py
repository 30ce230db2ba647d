"""The cross in a cell of writing practice: dashed or whole, and the syllable on it."""

import cv2
import numpy as np

from utils.cleaning.guides import columns_of, find_guides, sides_of
from utils.cleaning.ink import Ink, ink_of, stroke_width
from utils.cleaning.outlines import MIN_ROOM_FULLNESS, Outlines, fullness
from utils.cleaning.straight import alone, wipe

_MAX_LINE_WIDTH = 0.5  # times a stroke's width: a whole line alone is thinner
_MIN_COVERED_SHARE = 0.08  # of a line: as much of it has strokes on it


def without_cross(ink: Ink) -> Ink:
    """Leaves lines out that go through the middle of a frame's room.

    Args:
        ink: of that room.

    Returns:
        The same where there are no such lines.
    """
    dark = 255 - ink.clean
    both = [(turned, find_guides(turned)) for turned in (dark, dark.T)]
    is_cross = all(lines for _, lines in both)
    strokes = stroke_width((dark > 127).view(np.uint8))
    found = [
        (turned, line)
        for turned, lines in both
        for line in lines
        if is_cross or not line.even or line.width < _MAX_LINE_WIDTH * strokes
    ]
    for turned, line in found:
        wipe(turned, line, columns_of(turned, line))
    return ink_of(255 - dark) if found and (dark > 127).any() else ink


def divided_frame(
    clean: np.ndarray, outlines: Outlines, least: float
) -> np.ndarray | None:
    """Finds a frame that lines divide over which the syllable goes.

    To `rooms.is_room` its parts would be rooms, or none.

    Args:
        clean: `uint8` (height, width), dark on white.
        outlines: its `Outlines`.
        least: pixels of the box of a frame.

    Returns:
        The contour of its room, as OpenCV has it; None without.
    """
    for contour in outlines.outer():
        left, top, width, height = box = cv2.boundingRect(contour)
        if width * height < least or fullness(contour) < MIN_ROOM_FULLNESS:
            continue
        dark = 255 - clean[top : top + height, left : left + width]
        sides = sides_of(dark), sides_of(dark.T)
        if all(sides) and any(map(_is_divided, (dark, dark.T))):
            return _within(box, *sides)
    return None


def _is_divided(dark):
    """Tells whether a line, and strokes on it, goes through the middle of a frame."""
    return any(
        np.mean(alone(dark, line)) < 1 - _MIN_COVERED_SHARE
        for line in find_guides(dark)
    )


def _within(box, across, down):
    """Returns the contour of a box less its sides."""
    left, top, width, height = box
    x = left + across[0], left + width - 1 - across[1]
    y = top + down[0], top + height - 1 - down[1]
    corners = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]
    return np.array(corners, np.int32)[:, None]
