"""The middle cell of ruled paper: manuscript paper, grids of practice sheets."""

import cv2
import numpy as np

from utils.cleaning.outlines import MIN_ROOM_FULLNESS, Outlines
from utils.cleaning.rooms import is_room

_MAX_LINE_LEVEL = 228  # grey level: fine lines may be as pale at work size
_MIN_CELL_SHARE = 0.03  # of the picture: in smaller cells nothing could be read
_MAX_BORDER_GAP = 3  # pixels: so near to the picture's border a line goes on beyond it
_MIN_CELL_MARGIN = 0.1  # of the picture's side: so far lines go on beside a cell
_STROKE_WINDOW = np.ones((5, 5), np.uint8)  # pixels: lines are thinner than that
_MAX_CROSSED_SHARE = 0.02  # of a cell's outline: as much of strokes may lie on it


def middle_cell(clean: np.ndarray, outlines: Outlines) -> np.ndarray | None:
    """Finds the cell nearest to the middle that holds something.

    Its lines go on to opposite borders of the picture, as those of no letter that holds
    something, and no stroke crosses them, as on squared paper that is written over.

    Args:
        clean: `uint8` (height, width), dark on white.
        outlines: its `Outlines`, without pale lines: those are looked for after them.

    Returns:
        Its contour, as OpenCV has it; None without.
    """
    # What most pictures lack is asked first.
    pale = clean < _MAX_LINE_LEVEL
    if not (pale[:, 0].any() and pale[:, -1].any() or pale[0].any() and pale[-1].any()):
        return None
    cell = _nearest_cell(outlines)
    return _nearest_cell(Outlines(clean, _MAX_LINE_LEVEL)) if cell is None else cell


def _nearest_cell(outlines):
    """Returns the contour of the cell nearest to the middle, or None."""
    cells = [
        outlines.contours[place]
        for place in outlines.holding(_MIN_CELL_SHARE * outlines.ink.size)
        if _is_cell(outlines, place) and is_room(outlines, place)
    ]
    return min(
        cells, key=lambda cell: _from_middle(cell, outlines.ink.shape), default=None
    )


def _is_cell(outlines, place):
    """Tells whether a hole is a rectangle in lines that go on, and nothing crosses."""
    cell, lines = outlines.contours[place], outlines.around(place)
    if lines is None or outlines.is_dark(place):
        return False
    width, height = cv2.minAreaRect(cell)[1]
    if cv2.contourArea(cell) < MIN_ROOM_FULLNESS * width * height:
        return False
    return _go_on(cell, lines, outlines.ink.shape) and not _crossed(cell, outlines.ink)


def _go_on(cell, lines, shape):
    """Tells whether lines reach opposite borders of a picture from beyond a cell."""
    inner, whole = cv2.boundingRect(cell), cv2.boundingRect(lines)
    return any(
        whole[axis] < _MAX_BORDER_GAP
        and whole[axis] + whole[axis + 2] > length - _MAX_BORDER_GAP
        and inner[axis] > _MIN_CELL_MARGIN * length
        and inner[axis] + inner[axis + 2] < (1 - _MIN_CELL_MARGIN) * length
        for axis, length in enumerate(shape[::-1])  # left to right, top to bottom
    )


def _crossed(cell, ink):
    """Tells whether strokes, which are thicker than lines, cross those about a cell."""
    line = np.zeros(ink.shape, np.uint8)
    cv2.drawContours(line, [cell], 0, 1, len(_STROKE_WINDOW))
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, _STROKE_WINDOW)
    return np.mean(strokes[line > 0]) > _MAX_CROSSED_SHARE


def _from_middle(contour, shape):
    x, y, width, height = cv2.boundingRect(contour)
    return np.hypot(2 * x + width - shape[1], 2 * y + height - shape[0])
