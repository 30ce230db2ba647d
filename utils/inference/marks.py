"""A red pen's marks, and red seals, over darker writing -> the writing alone."""

from collections.abc import Callable

import cv2
import numpy as np

from utils.inference.crossings import cross, widened
from utils.inference.ink import stroke_width
from utils.inference.paper import NoInkError, remove_paper
from utils.inference.sizes import reduced

_LOOKED_AT = 160  # pixels a side that are looked at first
_RED = 36  # levels: by as much more than green and blue red is at least
_SOME, _MOST = 0.002, 0.4  # of a picture: red in less, or more, is not looked at
_PIXELS = 25_600  # of the copy in which strokes are looked at: 160 x 160
_DARKER = 40  # levels: so much darker than red ink writing is in the red channel
_WRITING = 0.25  # of the red's area the writing has at least
_LONG = 0.35  # of the longer side of all ink the writing is long at least
_LINED = 0.6  # of the red's outline lies along writing at most: it is no filling
_SIDE_BY_SIDE = 0.44  # likewise of the writing's
_THICK = 0.1  # of the picture: red things that are thicker were not drawn by a pen
_ALL = 0.95  # of the writing: so much is all
_GAPS = np.ones((5, 5), np.uint8)  # in a ring drawn by hand
_STROKE = 2  # times its width across: one straight stroke is no wider
_ACROSS = 0.8  # of its box a line from side to side is dark
_DASHES = np.ones((3, 9), np.uint8)  # they may be as far apart, and lean as much
_GUIDES = 0.75  # of the writing in such lines: then it is none
_EDGE = 3  # pixels of a small copy: red ink's soft edge, on both sides of it
_NEXT = np.ones((3, 3), np.uint8)


def without_marks(
    read_colours: Callable[[int | None], np.ndarray | None],
) -> np.ndarray | None:
    """Leaves red out of a picture where it goes across, or around, darker writing.

    Who marks what others wrote does so in red, by ticks, strokes and circles, and seals
    are set to names in red: in the red channel that is nearly as light as paper. Of
    syllables in several colours nothing is left out, for their strokes meet and do not
    cross; nor of red ones on dark lines.

    Args:
        read_colours: gives a picture as `uint8` (height, width, 3), or None where it
            has no colours; by the length of the longer side that is enough, or by None
            for that of the result.

    Returns:
        `uint8` (height, width), grey, without the red; None where there is no mark.
    """
    few = read_colours(_LOOKED_AT)
    colours = read_colours(None) if few is not None and _has_red(few) else None
    if colours is None:
        return None
    light, redness = np.ascontiguousarray(colours[:, :, 0]), _redness(colours)
    small, scale = reduced(light, _PIXELS)
    is_red = reduced(redness, _PIXELS)[0] > _RED
    writing = _writing(small, is_red)
    if not _are_marks(is_red.view(np.uint8) & (1 - writing), writing):
        return None
    return _wiped(light, redness > _RED, writing, scale)


def _has_red(colours):
    """Tells at a first look whether some of a picture, and not most, is red."""
    step = max(1, max(colours.shape) // _LOOKED_AT)
    is_red = _redness(np.ascontiguousarray(colours[::step, ::step])) > _RED
    return bool(_SOME < is_red.mean() < _MOST)


def _redness(colours):
    """Returns by how much red is more than green and blue: `uint8`, 0 where less."""
    red, green, blue = cv2.split(colours)
    return cv2.subtract(red, cv2.max(green, blue))


def _writing(light, red):
    """Returns the mask of what is dark where red ink is light: `uint8`, 1 or 0.

    Args:
        light: `uint8` (height, width), the red channel.
        red: `bool` (height, width), whether a pixel is red.
    """
    try:
        dark = remove_paper(light) < 128
    except NoInkError:
        return np.zeros_like(light)
    usual = np.median(light[red]) if red.any() else 255
    return (dark & (light < usual - _DARKER)).view(np.uint8)


def _are_marks(red, writing):
    """Tells whether red ink goes across or around writing.

    Args:
        red: `uint8` (height, width), 1 on red ink beside the writing.
        writing: likewise, on writing.
    """
    areas = [cv2.countNonZero(mask) for mask in (red, writing)]
    if not all(areas) or areas[1] < _WRITING * areas[0]:
        return False
    long = [max(cv2.boundingRect(mask)[2:]) for mask in (writing, red | writing)]
    beside = _along(red, writing) <= _LINED and _along(writing, red) <= _SIDE_BY_SIDE
    thick = 2 * cv2.distanceTransform(red, cv2.DIST_L2, 3).max() > _THICK * max(
        red.shape
    )
    if long[0] < _LONG * long[1] or thick or not beside or _are_guides(writing, red):
        return False
    return _encircles(red, writing) or cross(red, writing)


def _along(one, other):
    """Returns how much of a mask's outline lies along another: 0-1."""
    ring = cv2.dilate(one, _NEXT) - one
    count = cv2.countNonZero(ring)
    return cv2.countNonZero(ring & cv2.dilate(other, _NEXT)) / max(1, count)


def _are_guides(writing, red):
    """Tells whether there are only lines from side to side, beyond the red, or one.

    A red letter may stand on those, or be struck out: they are no writing, and thinner
    than what is.

    Args:
        writing: as for `_are_marks`.
        red: likewise.
    """
    left, top, width, height = cv2.boundingRect(writing)
    x, _, red_width, _ = cv2.boundingRect(red)
    pen = stroke_width(writing)
    if pen > stroke_width(red) or x < left or x + red_width > left + width:
        return False
    cut = writing[top : top + height, left : left + width]
    rows = cv2.dilate(cut, _DASHES).mean(axis=1) > _ACROSS
    columns = cv2.dilate(cut, _DASHES.T.copy()).mean(axis=0) > _ACROSS
    lines = rows[:, None] | columns
    across = min(cv2.minAreaRect(cv2.findNonZero(cut))[1])
    return across < _STROKE * pen or bool((cut & lines).sum() > _GUIDES * cut.sum())


def _encircles(red, writing):
    """Tells whether all writing is in one red ring, as no jamo has the others."""
    below = writing & widened(red, stroke_width(writing))
    closed = cv2.dilate(red | below, _GAPS)
    for edge in (closed[0], closed[-1], closed[:, 0], closed[:, -1]):
        ends = np.flatnonzero(edge)[[0, -1]] if edge.any() else (0, -1)
        edge[ends[0] : ends[1] + 1] = 1  # a ring may go on beyond the picture
    outlines = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    within = np.zeros_like(red)
    ring = max(outlines, key=cv2.contourArea)
    cv2.drawContours(within, [ring], -1, 1, cv2.FILLED)
    return cv2.countNonZero(writing & within) > _ALL * cv2.countNonZero(writing)


def _wiped(light, red, writing, scale):
    """Returns the red channel with paper where red ink is, and writing below it.

    Args:
        light: `uint8` (height, width), the red channel.
        red: `bool` (height, width), whether a pixel is red.
        writing: `uint8`, of a copy at `scale`.
        scale: 1 at most.
    """
    size = light.shape[::-1]
    there = cv2.resize(writing, size, interpolation=cv2.INTER_NEAREST)
    marks = red.view(np.uint8) & (1 - there)
    edge = max(3, round(_EDGE / scale) | 1)
    gone = cv2.dilate(marks, np.ones((edge, edge), np.uint8)) & (1 - there)
    width = round(stroke_width(marks)) + edge
    around = np.ones((2 * width + 1,) * 2, np.uint8)
    # Writing goes on below red ink that has it on both sides.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    below = cv2.morphologyEx(there, cv2.MORPH_CLOSE, disc) & marks
    paper = cv2.morphologyEx(light, cv2.MORPH_CLOSE, around)
    cleared = np.where(gone > 0, paper, light)
    return np.where(below > 0, cv2.erode(light, around), cleared)
