"""Strokes in several colours or tones on plain paper -> all of them equally dark."""

from collections.abc import Callable
from functools import reduce

import cv2
import numpy as np

from utils.cleaning.ink import evened, half_thickness, stroke_width
from utils.cleaning.paper import grey_levels
from utils.pictures.sizes import reduced

_FIRST_LOOK_SIDE = 80  # pixels a side that are looked at first
_PAPER_TOLERANCE = 3  # levels from its usual one, of paper that was never scanned
_MIN_PAPER_SHARE = 0.4  # of a picture is so near
_COPY_PIXELS = 25_600  # of the copy in which strokes are looked at: 160 x 160
_MIN_INK_DISTANCE = 64  # of 255, from the paper in some colour: strokes are as far
_DARKEST_QUANTILE = 0.7  # of the ink is less dark than its darkest third
_MIN_OTHERS_SHARE = 0.08  # of the dark ink: as much more lies beyond its soft edges
_MAX_THICKNESS = 1.5  # times as thick: highlights and plates are thicker than strokes
_MIN_THICKNESS = 0.6  # times as thick: guides and underlines are thinner
_MAX_BESIDE_SHARE = 0.12  # of the dark ink's outline: shadows lie along more of it
_MAX_PARTS = 12  # strokes are fewer
_MAX_SIZE_RATIO = 3  # times as large: ruled lines are larger
# A soft edge, and what lies next beyond it:
_EDGE_WINDOW, _NEXT_WINDOW = np.ones((5, 5), np.uint8), np.ones((7, 7), np.uint8)
_EVENING_REACH = 2  # times a stroke's width: so far off strokes have tones of their own


def in_one_tone(
    gray: np.ndarray, read_colours: Callable[[], np.ndarray | None]
) -> np.ndarray:
    """Makes all strokes of a picture as dark as its darkest, where they are not.

    Jamo are coloured to tell them apart; of yellow beside blue grey levels leave
    little. What differs from plain paper in any colour is a stroke if it is as thin
    as the dark ones; photographs and shaded paper stay as they are.

    Args:
        gray: `uint8` (height, width).
        read_colours: gives the same picture as `uint8` (height, width, 3), or None
            where it has no colours. Only called where it may matter.

    Returns:
        `uint8` (height, width), dark on white; or `gray` itself.
    """
    # A few of the pixels tell of most pictures that nothing is to be done.
    step = max(1, max(gray.shape) // _FIRST_LOOK_SIDE)
    few = np.ascontiguousarray(gray[::step, ::step])
    if not _is_plain(few):
        return gray
    colours = read_colours()
    picture = gray if colours is None else colours
    away = _away_from_paper(np.ascontiguousarray(picture[::step, ::step]))
    if _others(away, _darker_part(few, away)) is None:
        return gray
    away = _away_from_paper(picture)
    small, scale = reduced(away, _COPY_PIXELS)
    width = _width_of_tones(small, _darker_part(reduced(gray, _COPY_PIXELS)[0], small))
    if width is None:
        return gray
    return evened(away, _EVENING_REACH * width / scale, _MIN_INK_DISTANCE)


def _is_plain(gray):
    """Tells whether the ground is of one level, as it was drawn."""
    levels = grey_levels(gray)
    usual = int(levels.argmax())
    near = levels[max(0, usual - _PAPER_TOLERANCE) : usual + _PAPER_TOLERANCE + 1].sum()
    return bool(near > _MIN_PAPER_SHARE * levels.sum())


def _away_from_paper(picture):
    """Returns how far each pixel is from the usual colour, in the channel it is most.

    Args:
        picture: `uint8` (height, width) or (height, width, 3).

    Returns:
        `uint8` (height, width).
    """
    if picture.ndim == 2:
        return _apart(picture)
    return reduce(cv2.max, map(_apart, cv2.split(picture)))


def _apart(levels):
    """Returns how far each pixel is from the usual level: `uint8`."""
    return cv2.absdiff(levels, np.full_like(levels, grey_levels(levels).argmax()))


def _darker_part(gray, away):
    """Returns the mask of what grey levels alone show as ink: `uint8`, 1 or 0.

    Whatever is more than half as far from the paper as the darkest third is.
    """
    apart = _apart(gray)
    level = int(cv2.threshold(apart, 0, 255, cv2.THRESH_OTSU)[0])
    ink = grey_levels(apart)[level + 1 :].cumsum()
    darkest = level + 1 + int(np.searchsorted(ink, _DARKEST_QUANTILE * ink[-1]))
    return ((apart > darkest / 2) & (away > _MIN_INK_DISTANCE)).view(np.uint8)


def _width_of_tones(away, dark):
    """Returns how wide strokes are where others have other tones, or None.

    Args:
        away: `uint8` (height, width), from the paper.
        dark: `uint8` (height, width), 1 on the dark ink.
    """
    others = _others(away, dark)
    if others is None:
        return None
    ink = (away > _MIN_INK_DISTANCE).view(np.uint8)
    ring = cv2.dilate(dark, _NEXT_WINDOW) & (1 - cv2.dilate(dark, _EDGE_WINDOW))
    beside = cv2.countNonZero(ring & ink) / max(1, cv2.countNonZero(ring))
    thick = half_thickness(dark)
    alike = (
        _MIN_THICKNESS * thick <= half_thickness(others)
        and half_thickness(ink) <= _MAX_THICKNESS * thick + 1
    )
    are_strokes = alike and beside <= _MAX_BESIDE_SHARE and _belong(others, dark)
    return stroke_width(dark) if are_strokes else None


def _others(away, dark):
    """Returns the mask of what is no dark ink, nor its soft edge; None of little."""
    beyond = cv2.dilate(dark, _EDGE_WINDOW) == 0
    others = ((away > _MIN_INK_DISTANCE) & beyond).view(np.uint8)
    count = cv2.countNonZero(dark)
    enough = count and cv2.countNonZero(others) >= _MIN_OTHERS_SHARE * count
    return others if enough else None


def _belong(others, dark):
    """Tells whether parts are the syllable's: few, not far larger, not at the border.

    Dots and stripes of the ground, and ruled lines, are not.
    """
    border = others[0].any() or others[-1].any() or others[:, [0, -1]].any()
    if border or cv2.connectedComponents(others)[0] - 1 > _MAX_PARTS:
        return False
    one, other = (max(cv2.boundingRect(mask)[2:]) for mask in (others, dark))
    return one <= _MAX_SIZE_RATIO * other
