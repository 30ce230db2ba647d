"""The frame or plate that a syllable may stand in: cells of forms, labels, circles."""

import cv2
import numpy as np

from utils.inference.cells import middle_cell
from utils.inference.outlines import Outlines
from utils.inference.rings import inside_ring

_LEAST = 0.4  # of the ink's box: smaller frames may be a hollow letter's own
_FAINT = 176  # grey level: thin frames are no darker when blurred
_EDGE = 2  # pixels that a frame's or a plate's soft edge takes


def inside_frame(clean: np.ndarray) -> np.ndarray | None:
    """Finds the room in a frame, or the plate that light strokes stand on.

    Either is nearly convex, takes up most of what ink there is, and holds something
    else. No syllable does: its rings are empty, and its strokes leave gaps. Cells of
    ruled paper may be smaller, and frames may have gaps.

    Args:
        clean: `uint8` (height, width), dark on white.

    Returns:
        `uint8` (height, width), 1 on the room or plate and 0 elsewhere; None without.
    """
    outlines = Outlines(clean, _FAINT)
    _, _, width, height = cv2.boundingRect(outlines.ink)
    for place in outlines.holding(max(_LEAST * width * height, 1)):
        if outlines.is_room(place):
            return _fill(outlines.contours[place], clean.shape)
    cell = middle_cell(clean, outlines)
    if cell is not None:
        return _fill(cell, clean.shape)
    return inside_ring(outlines.ink, outlines.outer())


def _fill(contour, shape):
    """Returns a mask of what a contour goes about, less its edge, or None."""
    mask = np.zeros(shape, np.uint8)
    cv2.drawContours(mask, [contour], 0, 1, cv2.FILLED)
    size = 2 * _EDGE + 1
    kernel = np.ones((size, size), np.uint8)
    # What lies beyond the picture is no part of it.
    mask = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return mask if mask.any() else None


def cover_outside(gray: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Paints what is not in a room with the grey level along the room's border.

    Args:
        gray: `uint8` (height, width).
        room: `uint8` (height', width'), as `inside_frame` gives it: of the same part of
            the picture, at another size.

    Returns:
        `uint8` (height, width), a copy.
    """
    width = max(3, max(room.shape) // 40)
    border = room - cv2.erode(room, np.ones((width, width), np.uint8))
    shown = cv2.resize(gray, room.shape[::-1], interpolation=cv2.INTER_AREA)
    level = np.median(shown[border > 0])
    room = cv2.resize(room, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(room, gray, np.uint8(level))
