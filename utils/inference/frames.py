"""The frame or plate that a syllable may stand in: cells of forms, labels, circles."""

import cv2
import numpy as np

from utils.inference.rings import inside_ring

_LEAST = 0.4  # of the ink's box: smaller frames may be a hollow letter's own
_FRAME = 0.93  # of its convex hull: as much the room in a frame fills
_PLATE = 0.97  # the same of a plate: bold syllables fill theirs to 0.9 and more
_IN_FRAME = 0.02  # of the room: as much must be in it
_ON_PLATE = 0.004  # of the plate, which may be a sheet on a desk
_SPECK = 0.25  # of those: what is smaller is not counted
_CELL = 0.03  # of the picture: in smaller cells nothing could be read
_REACH = 3  # pixels: so near to the picture's border a line goes on beyond it
_BEYOND = 0.1  # of the picture: as much of the lines is on either side of a cell
_FAINT = 176  # grey level: thin frames are no darker when blurred
_STAIR = 1.0  # pixels: a contour's steps that are no notches
_EDGE = 2  # pixels that a frame's or a plate's soft edge takes
_NEXT, _, _CHILD, _PARENT = range(4)  # of a contour, as OpenCV has it


def inside_frame(clean: np.ndarray) -> np.ndarray | None:
    """Finds the room in a frame, or the plate that light strokes stand on.

    Either is nearly convex, takes up most of what ink there is, and holds something
    else. No syllable does: its rings are empty, and its strokes leave gaps.

    Args:
        clean: `uint8` (height, width), dark on white.

    Returns:
        `uint8` (height, width), 1 on the room or plate and 0 elsewhere; None without.
    """
    ink = (clean < _FAINT).view(np.uint8)
    contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) < 2:  # what holds something, and what it holds
        return None
    links = tree[0]
    place = _largest(contours, links, ink)
    if place is None:
        place = _middle_cell(contours, links, ink.shape)
    if place is None:
        outer = [
            c for c, link in zip(contours, links, strict=True) if link[_PARENT] < 0
        ]
        return inside_ring(ink, outer)
    room = _fill(contours[place], ink.shape)
    return room if room.any() else None


def _largest(contours, links, ink):
    """Returns the place of the contour that most ink is in or on, or None."""
    _, _, width, height = cv2.boundingRect(ink)
    least = max(_LEAST * width * height, 1)
    for place, contour in enumerate(contours):
        if links[place][_CHILD] < 0 or cv2.contourArea(contour) < least:
            continue
        held = [contours[child] for child in _children(links, place)]
        if _holds(contour, held, _is_dark(links, place)):
            return place
    return None


def _middle_cell(contours, links, shape):
    """Returns the place of the cell nearest to the middle, of ruled paper, or None.

    Its lines go on to the picture's border, as those of no letter that holds something.
    """
    best, nearest = None, np.inf
    for place, contour in enumerate(contours):
        if links[place][_CHILD] < 0 or links[place][_PARENT] < 0:
            continue
        if not _is_cell(contour, contours[links[place][_PARENT]], shape):
            continue
        held = [contours[child] for child in _children(links, place)]
        (x, y), _, _ = cv2.minAreaRect(contour)
        away = np.hypot(x - shape[1] / 2, y - shape[0] / 2)
        if away < nearest and _holds(contour, held, _is_dark(links, place)):
            best, nearest = place, away
    return best


def _is_cell(contour, lines, shape):
    """Tells whether a hole is a rectangle in lines that go on to opposite borders."""
    if cv2.contourArea(contour) < _CELL * shape[0] * shape[1]:
        return False
    width, height = cv2.minAreaRect(contour)[1]
    if cv2.contourArea(contour) < _FRAME * width * height:
        return False
    cell, whole = cv2.boundingRect(contour), cv2.boundingRect(lines)
    return any(
        whole[axis] < _REACH
        and whole[axis] + whole[axis + 2] > shape[1 - axis] - _REACH
        and cell[axis] > _BEYOND * shape[1 - axis]
        and cell[axis] + cell[axis + 2] < (1 - _BEYOND) * shape[1 - axis]
        for axis in (0, 1)  # left to right, top to bottom
    )


def _holds(contour, held, dark):
    """Tells whether a contour is that of a room or a plate, with something on it.

    Args:
        contour: of a dark part, or of a hole.
        held: contours of the holes in the one, of the parts in the other.
        dark: whether it is a dark part.
    """
    area = cv2.contourArea(contour)
    if _fullness(contour) < (_PLATE if dark else _FRAME):
        return False
    least = (_ON_PLATE if dark else _IN_FRAME) * area
    held = [each for each in held if cv2.contourArea(each) > _SPECK * least]
    if dark and held and _is_ring(area, held):
        return False  # the frame itself, or a letter
    return sum(map(cv2.contourArea, held)) > least


def _is_ring(area, held):
    """Tells whether a dark part is but a ring, maybe a double one with paper between.

    Args:
        area: that its contour goes about.
        held: contours of its holes.
    """
    hole = max(held, key=cv2.contourArea)
    alone = len(held) == 1 or cv2.contourArea(hole) > 0.5 * area
    return alone and _fullness(hole) > _FRAME


def _fullness(contour):
    """Returns which part of its convex hull a contour fills, its stairs made smooth.

    The pixels of a tilted edge would leave as much of a small hull as some letters do.
    """
    smooth = cv2.approxPolyDP(contour, _STAIR, True)
    return cv2.contourArea(smooth) / max(cv2.contourArea(cv2.convexHull(smooth)), 1)


def _is_dark(links, place):
    """Tells an outer contour of ink from a hole's, by how many are about it."""
    depth = 0
    while (place := links[place][_PARENT]) >= 0:
        depth += 1
    return depth % 2 == 0


def _children(links, place):
    """Yields the contours that lie in another, with none between."""
    child = links[place][_CHILD]
    while child >= 0:
        yield child
        child = links[child][_NEXT]


def _fill(contour, shape):
    """Returns a mask of what a contour goes about, less its edge."""
    mask = np.zeros(shape, np.uint8)
    cv2.drawContours(mask, [contour], 0, 1, cv2.FILLED)
    size = 2 * _EDGE + 1
    kernel = np.ones((size, size), np.uint8)
    # What lies beyond the picture is no part of it.
    return cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)


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
