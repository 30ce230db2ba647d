"""Rooms that hold a syllable: paper in a frame or a bubble, plates of any shape."""

import cv2
import numpy as np

from utils.cleaning.outlines import MIN_ROOM_FULLNESS, Outlines, fullness

_MIN_ROOM_CONTENT = 0.02  # of the room: as much must be in it
_MIN_BUBBLE_FULLNESS = 0.68  # of its hull: as much a bubble with tail or spikes fills
_MIN_BUBBLE_SHARE = 0.62  # of the box of all ink: as much its hull spans
_MAX_COUNTER_HOLE = 0.5  # of a part: a hollow letter's counter is but a thin ring
_MIN_PLATE_CONTENT = 0.004  # of the plate, which may be a sheet on a desk
_MIN_PLATE_FULLNESS = 0.97  # of its hull: bold syllables fill 0.9 and more
_MIN_FLAG_FULLNESS = 0.9  # the same of a plate that is told from those by what it holds
_MIN_FLAG_MARGIN = 0.05  # of its longer side: from its border to what it holds
_MIN_FLAG_CONTENT = 0.6  # of what it holds, by area: as much keeps that margin
_MIN_COUNTER_FULLNESS = 0.7  # of its hull: as much a bold letter's counter fills
_MIN_COUNTED_SHARE = 0.25  # of the least content: what is smaller is not counted
_MIN_HOLES_SPAN = 0.6  # of a ring: as much its holes span together
_MIN_RIM_PAPER = 0.74  # of the rim of what they span; the rest is strokes that touch


def is_room(outlines: Outlines, place: int) -> bool:
    """Tells whether a contour is a room's or a plate's that holds something.

    Args:
        outlines: of a picture.
        place: of the contour among them.
    """
    dark = outlines.is_dark(place)
    area = cv2.contourArea(outlines.contours[place])
    least = (_MIN_PLATE_CONTENT if dark else _MIN_ROOM_CONTENT) * area
    areas = {inner: _area(outlines, inner) for inner in outlines.held_by(place)}
    held = [inner for inner in areas if areas[inner] > _MIN_COUNTED_SHARE * least]
    if sum(areas[inner] for inner in held) <= least:
        return False
    shape_of = _is_plate if dark else _is_paper
    return shape_of(outlines, place, held)


def _area(outlines, place):
    """Returns the area in pixels that a contour goes about."""
    return cv2.contourArea(outlines.contours[place])


def _is_paper(outlines, place, held):
    """Tells the room of a frame or a bubble from the body of a hollow letter.

    Such a body is a part of the letter, or holds nothing but counters.
    """
    contour = outlines.contours[place]
    full = fullness(contour)
    if full >= MIN_ROOM_FULLNESS:
        return True
    counters = (_is_thin_ring(outlines, inner) for inner in held)
    if full < _MIN_BUBBLE_FULLNESS or all(counters):
        return False
    _, _, width, height = cv2.boundingRect(outlines.ink)
    hull = cv2.contourArea(cv2.convexHull(contour))
    return hull >= _MIN_BUBBLE_SHARE * width * height


def _is_thin_ring(outlines, place):
    """Tells whether a part is hardly more than what goes about its hole."""
    holes = (_area(outlines, inner) for inner in outlines.held_by(place))
    return max(holes, default=0) >= _MAX_COUNTER_HOLE * _area(outlines, place)


def _is_plate(outlines, place, held):
    """Tells a plate from a frame itself, and from a bold letter."""
    full = fullness(outlines.contours[place])
    if full < _MIN_FLAG_FULLNESS or _is_ring(outlines, place, held):
        return False
    return full >= _MIN_PLATE_FULLNESS or _is_flag(outlines, place, held)


def _is_ring(outlines, place, held):
    """Tells whether a dark part is a ring, maybe a double one with paper between."""
    hole = max(held, key=lambda inner: _area(outlines, inner))
    large = _area(outlines, hole) > 0.5 * _area(outlines, place)
    alone = len(held) == 1 or large
    return alone and fullness(outlines.contours[hole]) > MIN_ROOM_FULLNESS


def _is_flag(outlines, place, held):
    """Tells a plate with a tail, a notch or a badge from the ink of a bold letter.

    In such a letter there are counters, which are full; and gaps that its strokes shut
    in, which come near its border.
    """
    contour = outlines.contours[place]
    margin = int(_MIN_FLAG_MARGIN * max(cv2.boundingRect(contour)[2:]))
    around = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    beyond = cv2.dilate(1 - _filled(outlines, contour), around)
    hulls = {inner: cv2.convexHull(outlines.contours[inner]) for inner in held}
    within = [
        inner for inner in held if not np.any(_filled(outlines, hulls[inner]) & beyond)
    ]
    if all(_is_counter(outlines, inner) for inner in within):
        return False
    kept, whole = (sum(_area(outlines, k) for k in some) for some in (within, held))
    return kept >= _MIN_FLAG_CONTENT * whole


def _is_counter(outlines, place):
    """Tells the counter of a bold letter from a stroke, or a part with a hole in it."""
    has_hole = any(True for _ in outlines.held_by(place))
    full = fullness(outlines.contours[place]) >= _MIN_COUNTER_FULLNESS
    return full and not has_hole


def _filled(outlines, contour):
    """Returns a mask of what a contour goes about, as large as the ink's."""
    mask = np.zeros_like(outlines.ink)
    cv2.fillPoly(mask, [contour], 1)
    return mask


def room_of(outlines: Outlines, place: int) -> np.ndarray:
    """Returns the contour of the room that one is, or that a ring goes about.

    Strokes that touch a ring are of one part with it, and look like a plate's.

    Args:
        outlines: of a picture.
        place: among them, of a contour that `is_room`.
    """
    contour = outlines.contours[place]
    if not outlines.is_dark(place):
        return contour
    held = [outlines.contours[inner] for inner in outlines.held_by(place)]
    hull = cv2.convexHull(np.concatenate(held))
    if cv2.contourArea(hull) < _MIN_HOLES_SPAN * cv2.contourArea(contour):
        return contour
    filled, next_to = _filled(outlines, hull), np.ones((3, 3), np.uint8)
    inner = cv2.erode(filled, next_to)  # off the ring's own edge
    paper = outlines.ink[(inner > 0) & (cv2.erode(inner, next_to) == 0)] == 0
    return hull if len(paper) and paper.mean() >= _MIN_RIM_PAPER else contour
