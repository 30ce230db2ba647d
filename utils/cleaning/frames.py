"""The frame or plate that a syllable may stand in: cells of forms, labels, circles."""

import cv2
import numpy as np

from utils.cleaning.cells import middle_cell
from utils.cleaning.crosses import divided_frame
from utils.cleaning.outlines import Outlines, fullness
from utils.cleaning.rings import inside_ring
from utils.cleaning.rooms import is_room, room_of

_MIN_FRAME_SHARE = 0.3  # of the ink's box: smaller frames may be a hollow letter's own
_MAX_FRAME_LEVEL = 176  # grey level: thin frames may be as pale when blurred
_DENT_WIDTH = 0.15  # of a room's longer side: narrower dents are strokes that touch it
_TAIL_WIDTH = 0.3  # of a room's shorter side: narrower parts hold no syllable
_MIN_WHOLE_FULLNESS = 0.97  # of its convex hull: as much a room without such fills
_FIT_ROUNDS = 4  # times the paper is fitted, each time without what was far from it
_MIN_PAPER_TOLERANCE = 2  # grey levels: so near it is paper at any rate
_EDGE_WIDTH = 2  # pixels that a frame's or a plate's soft edge takes


def inside_frame(clean: np.ndarray) -> np.ndarray | None:
    """Finds the room in a frame, or the plate that light strokes stand on.

    Either takes up much of what ink there is, holds something else, and is nearly
    convex, but for a bubble's tail or a badge. No syllable is: its rings are empty, and
    its strokes leave gaps. Cells of ruled paper may be smaller, and frames may have
    gaps.

    Args:
        clean: `uint8` (height, width), dark on white.

    Returns:
        `uint8` (height, width), 1 on the room or plate and 0 elsewhere; None without.
    """
    outlines = Outlines(clean, _MAX_FRAME_LEVEL)
    _, _, width, height = cv2.boundingRect(outlines.ink)
    least = max(_MIN_FRAME_SHARE * width * height, 1)
    divided = divided_frame(clean, outlines, least)
    room = None if divided is None else _fill(divided, clean.shape)
    if room is not None:
        return room
    for place in outlines.holding(least):
        if is_room(outlines, place):
            return _fill(room_of(outlines, place), clean.shape)
    cell = middle_cell(clean, outlines)
    if cell is not None:
        return _fill(cell, clean.shape)
    return inside_ring(outlines.ink, outlines.outer())


def _fill(contour, shape):
    """Returns a mask of what a contour goes about, less its edge, or None.

    Narrow dents are filled: strokes that touch a frame make such in its room. Tails,
    spikes and badges are left out.
    """
    _, _, width, height = cv2.boundingRect(contour)
    room = _closed(contour, shape, _DENT_WIDTH * max(width, height))
    whole, _ = cv2.findContours(room, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if fullness(whole[0]) < _MIN_WHOLE_FULLNESS:
        disc = _disc(_TAIL_WIDTH * min(width, height))
        room = cv2.morphologyEx(room, cv2.MORPH_OPEN, disc)
    edges = np.ones((2 * _EDGE_WIDTH + 1,) * 2, np.uint8)
    # What lies beyond the picture is no part of it.
    room = cv2.erode(room, edges, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return room if room.any() else None


def _closed(contour, shape, width):
    """Returns a mask of what a contour goes about, its dents filled up to a width."""
    disc = _disc(width)
    reach = len(disc)
    mask = np.zeros((shape[0] + 2 * reach, shape[1] + 2 * reach), np.uint8)
    cv2.fillPoly(mask, [contour], 1, offset=(reach, reach))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc)
    return np.ascontiguousarray(mask[reach:-reach, reach:-reach])


def _disc(width):
    """Returns a disc to change masks by, an odd number of pixels wide."""
    side = int(width) | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def cover_outside(gray: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Paints what is not in a room as the paper along the room's border goes on.

    A plane: light that falls off across a sheet must not end at its edge.

    Args:
        gray: `uint8` (height, width).
        room: `uint8` (height', width'), as `inside_frame` gives it, not empty: of the
            same part of the picture, at another size.

    Returns:
        `uint8` (height, width), a copy.
    """
    wide = max(3, max(room.shape) // 40)
    border = room - cv2.erode(room, np.ones((wide, wide), np.uint8))
    shown = cv2.resize(gray, room.shape[::-1], interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(border)
    places = np.stack([rows + 0.5, columns + 0.5, np.ones(len(rows))], 1)
    down, right, level = _plane(places, shown[border > 0].astype(float))
    scales = np.array(room.shape) / gray.shape
    rows, columns = (
        (np.arange(length) + 0.5) * scale
        for length, scale in zip(gray.shape, scales, strict=True)
    )
    paper = np.clip(down * rows[:, None] + right * columns + level, 0, 255)
    room = cv2.resize(room, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(room, gray, np.rint(paper).astype(np.uint8))


def _plane(places, levels):
    """Fits a plane to grey levels, those of strokes left aside.

    Args:
        places: `float64` (pixels, 3): rows, columns, and 1.
        levels: `float64` (pixels).

    Returns:
        `float64` (3): what they are to be multiplied with.
    """
    keep = np.ones(len(levels), bool)
    for _ in range(_FIT_ROUNDS):
        plane, *_ = np.linalg.lstsq(places[keep], levels[keep], rcond=None)
        error = np.abs(places @ plane - levels)
        keep = error <= max(2 * np.median(error), _MIN_PAPER_TOLERANCE)
    return plane
