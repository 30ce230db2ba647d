"""Strokes in several colours or tones on plain paper -> all of them equally dark."""

from collections.abc import Callable

import cv2
import numpy as np

from utils.inference.ink import stroke_width
from utils.inference.sizes import reduced

_LOOKED_AT = 64  # pixels a side that are looked at first
_PLAIN = 3  # grey levels from its usual one: so near is paper that was never scanned
_PAPER = 0.4  # of a picture is so near
_PIXELS = 25_600  # of the copy in which strokes are looked at: 160 x 160
_INK = 64  # of 255 away from the paper in some colour: strokes are as far at least
_DARKEST = 0.7  # of the ink is less dark than its darkest third
_BEYOND = 0.08  # of the dark ink: as much more lies beyond its soft edges
_THICKER = 1.5  # times as thick: highlights and plates are thicker than strokes
_BESIDE = 0.25  # of the dark ink's outline: shadows lie along more of it
_MANY = 12  # parts: strokes are fewer
_LARGER = 3  # times as large: ruled lines are
_SOFT, _NEXT = np.ones((5, 5), np.uint8), np.ones((7, 7), np.uint8)
_REACH = 2  # times a stroke's width: so far off strokes have tones of their own


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
    if not _is_plain(gray):
        return gray
    colours = read_colours()
    away = _away_from_paper(gray if colours is None else colours)
    small, scale = reduced(away, _PIXELS)
    dark = _darker_part(reduced(gray, _PIXELS)[0], small)
    width = _width_of_tones(small, dark)
    return gray if width is None else _evened(away, width / scale)


def _is_plain(gray):
    """Tells at a first look whether the ground is of one level, as it was drawn."""
    steps = [max(1, length // _LOOKED_AT) for length in gray.shape]
    levels = np.bincount(gray[:: steps[0], :: steps[1]].ravel(), minlength=256)
    usual = int(levels.argmax())
    near = levels[max(0, usual - _PLAIN) : usual + _PLAIN + 1].sum()
    return bool(near > _PAPER * levels.sum())


def _away_from_paper(picture):
    """Returns how far each pixel is from the usual colour, in the channel it is most.

    Args:
        picture: `uint8` (height, width) or (height, width, 3).

    Returns:
        `uint8` (height, width).
    """
    channels = cv2.split(picture)
    away = [
        cv2.absdiff(
            channel, np.full_like(channel, np.bincount(channel.ravel()).argmax())
        )
        for channel in channels
    ]
    return np.max(away, axis=0)


def _darker_part(gray, away):
    """Returns the mask of what grey levels alone show as ink: `uint8`, 1 or 0.

    Whatever is more than half as far from the paper as the darkest third is.
    """
    paper = int(np.bincount(gray.ravel()).argmax())
    apart = cv2.absdiff(gray, np.full_like(gray, paper))
    ink = apart[apart > cv2.threshold(apart, 0, 255, cv2.THRESH_OTSU)[0]]
    level = np.quantile(ink, _DARKEST) / 2 if ink.size else 255
    return ((apart > level) & (away > _INK)).view(np.uint8)


def _width_of_tones(away, dark):
    """Returns how wide strokes are where others have other tones, or None.

    Args:
        away: `uint8` (height, width), from the paper.
        dark: `uint8` (height, width), 1 on the dark ink.
    """
    ink = (away > _INK).view(np.uint8)
    others = ink & (1 - cv2.dilate(dark, _SOFT))
    count = cv2.countNonZero(dark)
    if not count or cv2.countNonZero(others) < _BEYOND * count:
        return None
    ring = cv2.dilate(dark, _NEXT) & (1 - cv2.dilate(dark, _SOFT))
    beside = cv2.countNonZero(ring & ink) / max(1, cv2.countNonZero(ring))
    thick = _THICKER * _thickest(dark) + 1
    are_strokes = beside <= _BESIDE and _thickest(ink) <= thick
    return stroke_width(dark) if are_strokes and _belong(others, dark) else None


def _belong(others, dark):
    """Tells whether parts are the syllable's: few, not far larger, not at the border.

    Dots and stripes of the ground, and ruled lines, are not.
    """
    border = others[0].any() or others[-1].any() or others[:, [0, -1]].any()
    if border or cv2.connectedComponents(others)[0] - 1 > _MANY:
        return False
    one, other = (max(cv2.boundingRect(mask)[2:]) for mask in (others, dark))
    return one <= _LARGER * other


def _thickest(mask):
    return float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())


def _evened(away, width):
    """Returns grey levels in which every stroke is as dark as it gets near by."""
    side = max(3, int(_REACH * width) | 1)
    most = cv2.dilate(away, np.ones((side, side), np.uint8))
    share = away / np.maximum(most, _INK).astype(np.float32)
    return np.rint(255 * (1 - share)).astype(np.uint8)
