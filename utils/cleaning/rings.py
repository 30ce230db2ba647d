"""Frames that are not closed: rings drawn by hand, worn stamps, dashed lines."""

import cv2
import numpy as np

_DIRECTION_BINS = 36  # all around the middle of the ink's box
_MIN_DIRECTION_SHARE = 0.75  # of them: in as many something of the frame stands
_MIN_FRAME_DISTANCE = 0.72  # from the middle, of the way to the frame's outside
_MIN_INK_WITHIN = 0.02  # of the box: as much ink must be left within
_MAX_SIDE_GAP = 0.04  # of the box's sides: so near to one a part touches it
_EDGE_WIDTH = 0.02  # of the way: a frame's soft edge
_MAX_OVERHANG = 0.1  # of the way: as far what is within may stand out
_MIN_PART_SHARE = 0.002  # of the box: what is smaller is nothing within


def inside_ring(ink: np.ndarray, outlines: list[np.ndarray]) -> np.ndarray | None:
    """Finds the room in a ring or a rectangle that has gaps, or is of many pieces.

    Its pieces are near the outside of all ink, in nearly all directions from its
    middle, and something else stands within. The jamo of a syllable stand so nowhere.

    Args:
        ink: `uint8` (height, width), 1 where there is ink.
        outlines: contours of its connected parts.

    Returns:
        `uint8` (height, width), 1 in the room and 0 elsewhere; None without.
    """
    left, top, width, height = cv2.boundingRect(ink)
    if not _may_surround(outlines, (left, top, width, height)):
        return None
    cut = ink[top : top + height, left : left + width]
    y = np.abs(np.linspace(-1, 1, height))[:, None]
    x = np.abs(np.linspace(-1, 1, width))[None]
    for outward in (np.hypot(x, y), np.maximum(x, y)):
        limit = _limit(outward, cut)
        if limit is not None:
            room = np.zeros_like(ink)
            room[top : top + height, left : left + width] = outward < limit
            return room
    return None


def _may_surround(outlines, box):
    """Tells whether parts touch all sides of the ink's box, and another none."""
    left, top, width, height = box
    near_x, near_y = _MAX_SIDE_GAP * width, _MAX_SIDE_GAP * height
    touched, within = np.zeros(4, bool), False
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        sides = x - left <= near_x, y - top <= near_y
        sides += left + width - x - w <= near_x, top + height - y - h <= near_y
        within |= (
            not any(sides)
            and cv2.contourArea(outline) > _MIN_PART_SHARE * width * height
        )
        touched |= sides
    return within and touched.all()


def _limit(outward, ink):
    """Finds where the room of a frame ends, as `outward` measures; None without one.

    Args:
        outward: (height, width), 0 in the middle of the box and 1 on a perfect frame.
        ink: `uint8` (height, width).
    """
    count, labels = cv2.connectedComponents(ink, connectivity=8)
    inked = ink > 0
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, labels[inked], outward[inked])
    frame = (nearest >= _MIN_FRAME_DISTANCE)[labels] & inked
    within = outward[inked & ~frame]
    if len(within) < _MIN_INK_WITHIN * ink.size or not _goes_round(frame):
        return None
    limit = outward[frame].min() - _EDGE_WIDTH
    return limit if within.max() < limit + _MAX_OVERHANG else None


def _goes_round(frame):
    """Tells whether there is some of a frame in nearly all directions."""
    y, x = np.nonzero(frame)
    turns = np.arctan2(y / frame.shape[0] - 0.5, x / frame.shape[1] - 0.5) / (2 * np.pi)
    directions = np.unique((turns * _DIRECTION_BINS).astype(int) % _DIRECTION_BINS)
    return len(directions) >= _MIN_DIRECTION_SHARE * _DIRECTION_BINS
