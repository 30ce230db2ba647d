"""A red pen's marks, and red seals, over darker writing -> the writing alone."""

from collections.abc import Callable

import cv2
import numpy as np

from utils.cleaning.crossings import cross, widened
from utils.cleaning.ink import AREA, connected, half_thickness, mask_of, stroke_width
from utils.cleaning.lattices import are_lines, is_stroke
from utils.cleaning.paper import NoInkError, remove_paper
from utils.cleaning.repainting import paint_over
from utils.pictures.sizes import reduced

_FIRST_LOOK_SIDE = 160  # pixels a side that are looked at first
_MIN_REDNESS = 36  # levels: by as much more than green and blue red is
_MIN_RED_SHARE, _MAX_RED_SHARE = 0.0005, 0.4  # of a picture that is looked at
_COPY_PIXELS = 25_600  # of the copy in which strokes are looked at: 160 x 160
_MIN_INK_SIDE = 0.5  # of that copy's longer side: smaller ink is looked at closer
_MIN_RED_PIXELS = 8  # of that copy: smaller red parts are grain
_MAX_GRAIN_SHARE = 0.4  # of the red: in more grain nothing is looked for
_MIN_WRITING_CONTRAST = 40  # levels: so much darker than red ink, in the red channel
_MIN_WRITING_AREA = 0.25  # of the red's area
_MIN_WRITING_LENGTH = 0.35  # of the longer side of all ink
_MAX_RED_LINED = 0.6  # of the red's outline lies along writing: it is no filling
_MAX_WRITING_LINED = 0.44  # likewise, of the writing's along red
_MAX_HALF_THICKNESS = 0.05  # of the longer side: thicker red was not drawn by a pen
_MIN_ENCIRCLED_SHARE = 0.95  # of the ink: so much is all
_GAP_WINDOW = np.ones((5, 5), np.uint8)  # pixels: it closes rings drawn by hand
_NEXT_WINDOW = np.ones((3, 3), np.uint8)


def without_marks(
    read_colours: Callable[[int | None], np.ndarray | None],
) -> np.ndarray | None:
    """Leaves red out of a picture where it goes across, or around, darker writing.

    Who marks what others wrote does so in red, by ticks, strokes and circles, and seals
    are set to names in red: in the red channel that is nearly as light as paper. Of
    syllables in several colours nothing is left out, for their strokes meet and do not
    cross; nor of red ones on dark lines or in a ring, nor red cells.

    Args:
        read_colours: gives a picture as `uint8` (height, width, 3), or None where it
            has no colours; by the length of the longer side that is enough, or by None
            for that of the result.

    Returns:
        `uint8` (height, width), grey, without the red; None where there is no mark.
    """
    few = read_colours(_FIRST_LOOK_SIDE)
    colours = read_colours(None) if few is not None and _has_red(few) else None
    return None if colours is None else _cleared(colours)


def _cleared(colours):
    """Returns the red channel without marks; None where there are none."""
    light, redness = np.ascontiguousarray(colours[:, :, 0]), _redness(colours)
    small, scale = reduced(light, _COPY_PIXELS)
    red = _without_grain(reduced(redness, _COPY_PIXELS)[0] > _MIN_REDNESS)
    writing = _writing(small, red)
    left, top, width, height = cv2.boundingRect(red | writing)
    if 0 < max(width, height) < _MIN_INK_SIDE * max(small.shape):
        start, end = np.array([top, left]), np.array([top + height, left + width])
        room = (end - start).max() // 4  # paper, to know the ink by
        low, high = (start - room).clip(0) / scale, (end + room) / scale
        part = tuple(map(slice, low.astype(int), high.astype(int)))
        inner = _cleared(colours[part])
        if inner is None:
            return None
        light[part] = inner
        return light
    marks = red & (1 - writing)
    if not _are_marks(marks, writing):
        return None
    return paint_over(light, redness > _MIN_REDNESS, writing)


def _has_red(colours):
    """Tells at a first look whether some of a picture, and not too much, is red."""
    step = max(1, max(colours.shape) // _FIRST_LOOK_SIDE)
    is_red = _redness(np.ascontiguousarray(colours[::step, ::step])) > _MIN_REDNESS
    return bool(_MIN_RED_SHARE < is_red.mean() < _MAX_RED_SHARE)


def _redness(colours):
    """Returns by how much red is more than green and blue: `uint8`, 0 where less."""
    red, green, blue = cv2.split(colours)
    return cv2.subtract(red, cv2.max(green, blue))


def _without_grain(is_red):
    """Returns the mask of red parts that are no grain: `uint8`, 1 or 0; all 0 in it."""
    labels, parts = connected(is_red.view(np.uint8))
    large = parts[:, AREA] >= _MIN_RED_PIXELS
    large[0] = False
    kept = mask_of(large, labels)
    return kept * (
        np.count_nonzero(kept) > (1 - _MAX_GRAIN_SHARE) * np.count_nonzero(is_red)
    )


def _writing(light, red):
    """Returns the mask of what is dark where red ink is light: `uint8`, 1 or 0.

    Args:
        light: `uint8` (height, width), the red channel.
        red: `uint8` (height, width), 1 where it is red.
    """
    try:
        dark = remove_paper(light) < 128
    except NoInkError:
        return np.zeros_like(light)
    usual = np.median(light[red > 0]) if red.any() else 255
    return (dark & (light < usual - _MIN_WRITING_CONTRAST)).view(np.uint8)


def _are_marks(red, writing):
    """Tells whether red ink goes across or around writing.

    Args:
        red: `uint8` (height, width), 1 on red ink beside the writing.
        writing: likewise, on writing.
    """
    areas = [cv2.countNonZero(mask) for mask in (red, writing)]
    if not all(areas) or areas[1] < _MIN_WRITING_AREA * areas[0]:
        return False
    if not _is_drawn(red, writing) or _are_guides(red, writing):
        return False
    return _encircles(red, writing) or cross(red, writing)


def _is_drawn(red, writing):
    """Tells whether red is as thin as a pen's, and writing long, and neither lines the
    other: what is filled or shadowed was drawn so.
    """
    long = [max(cv2.boundingRect(mask)[2:]) for mask in (writing, red | writing)]
    thin = half_thickness(red) < _MAX_HALF_THICKNESS * max(red.shape)
    beside = (
        _along(red, writing) <= _MAX_RED_LINED
        and _along(writing, red) <= _MAX_WRITING_LINED
    )
    return thin and beside and long[0] >= _MIN_WRITING_LENGTH * long[1]


def _along(one, other):
    """Returns how much of a mask's outline lies along another: 0-1."""
    ring = cv2.dilate(one, _NEXT_WINDOW) - one
    count = cv2.countNonZero(ring)
    return cv2.countNonZero(ring & cv2.dilate(other, _NEXT_WINDOW)) / max(1, count)


def _are_guides(red, writing):
    """Tells whether one of the two is what the other was written on, or in.

    Red cells are; and dark lines, thinner than strokes, or a ring, where a red letter
    is written on them, or one stroke, where it is struck out.
    """
    pen = stroke_width(red)
    thin = stroke_width(writing) <= pen
    on_lines = is_stroke(writing) or (thin and are_lines(writing, 4 + pen))
    return are_lines(red, upright=True) or on_lines or _encircles(writing, red)


def _encircles(ring, ink):
    """Tells whether all ink is in one ring, as no jamo has the others."""
    below = ink & widened(ring, stroke_width(ink))
    closed = cv2.dilate(ring | below, _GAP_WINDOW)
    for edge in (closed[0], closed[-1], closed[:, 0], closed[:, -1]):
        ends = np.flatnonzero(edge)[[0, -1]] if edge.any() else (0, -1)
        edge[ends[0] : ends[1] + 1] = 1  # a ring may go on beyond the picture
    outlines = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    within = np.zeros_like(ring)
    cv2.drawContours(within, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return cv2.countNonZero(ink & within) > _MIN_ENCIRCLED_SHARE * cv2.countNonZero(ink)
