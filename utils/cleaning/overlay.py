"""Text laid over a picture, as subtitles are: equally bright whatever it lies on."""

from typing import NamedTuple

import cv2
import numpy as np

from utils.pictures.sizes import reduced

_COPY_PIXELS = 300_000  # of the copy that is looked at
_WINDOW_WIDTH = 3  # times as wide as strokes: no stroke fills such a window
_MIN_RISE = 0.5  # of the greatest rise above what such a window leaves: of letters
_LETTER_QUANTILE = 0.8  # of what rises so is darker than letters within their edges
_LETTER_TOLERANCE = 25  # grey levels by which letters may be darker
_MIN_THIN_SHARE = 0.9  # of what is so bright is thin
_MIN_RIM_SHARE = 0.97  # of the pixels around letters with a rim are rim
_LETTER_SHARE_RANGE = 0.3, 0.7  # of the pixels around the rim; the others lie outside
_GROUND_QUANTILE = 0.99  # of what is outside letters is darker than its own brightest
_INK_TOLERANCE = 10  # grey levels: so much darker a letter is whole
_MIN_CONTRAST = 30  # grey levels between letters and what is outside
_TOUCH_WINDOW = np.ones((3, 3), np.uint8)
_NEAR_WINDOW = np.ones((5, 5), np.uint8)


class Overlay(NamedTuple):
    """Grey levels of letters and of their ground, in the negative if these are dark.

    ground: what is as dark or darker is none of them.
    ink: what is as bright or brighter is wholly theirs.
    width: of their strokes, in pixels.
    has_rim: whether they have an edge of the other kind, as subtitles do.
    """

    ground: float
    ink: float
    width: float
    has_rim: bool

    def letters(self, bright: np.ndarray) -> np.ndarray:
        """Returns the letters alone: `uint8` (height, width), dark on white.

        Args:
            bright: `uint8` (height, width), the picture, its letters light.
        """
        levels = np.arange(256, dtype=np.float32)
        cover = np.clip((levels - self.ground) / (self.ink - self.ground), 0, 1)
        return cv2.LUT(bright, (255 * (1 - cover)).astype(np.uint8))


def find_overlay(
    gray: np.ndarray, light: bool, width: float
) -> tuple[bool, Overlay | None]:
    """Finds text that is laid over a picture: with a rim, or light without.

    Args:
        gray: `uint8` (height, width).
        light: whether its text seems lighter than its ground.
        width: of its strokes in pixels, the smaller of `strokes.stroke_widths`.

    Returns:
        (light, overlay): whether the text is lighter, with what rims tell; None where
        nothing is laid over the picture.
    """
    small, scale = reduced(gray, _COPY_PIXELS)
    dark, bright = (_letters(each, width * scale) for each in (255 - small, small))
    has_rim, light = _within_rim(dark, bright, light)
    mask, level = bright if light else dark
    if mask is None or not (has_rim or (light and dark[0] is None)):
        return light, None
    outside = (small if light else 255 - small)[cv2.dilate(mask, _NEAR_WINDOW) == 0]
    ground = float(np.quantile(outside, _GROUND_QUANTILE)) if outside.size else level
    if level - ground <= _MIN_CONTRAST:
        return light, None
    wide = _width(mask) / scale
    return light, Overlay(ground, level - _INK_TOLERANCE, wide, has_rim)


def _letters(bright, width):
    """Finds what is brightest in a picture, if that is thin.

    Returns:
        (`uint8` (height, width), 1 where it is, and its grey level); (None, 0) where
        wider parts are as bright, as paper is.
    """
    side = max(3, int(_WINDOW_WIDTH * width) | 1)
    without = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    rise = bright - without
    risen = rise > _MIN_RISE * np.quantile(rise, 0.999)
    if not risen.any():
        return None, 0
    level = float(np.quantile(bright[risen], _LETTER_QUANTILE))
    mask = bright >= level - _LETTER_TOLERANCE
    if np.mean(without[mask] < level - _LETTER_TOLERANCE) <= _MIN_THIN_SHARE:
        return None, 0
    return mask.view(np.uint8), level


def _within_rim(dark, bright, light):
    """Tells whether one of two kinds of thin parts lies within the other.

    Args:
        dark: what `_letters` finds in the negative.
        bright: what it finds in the picture.
        light: what is told where neither is a rim.

    Returns:
        (whether it is so, whether the inner one is the light one).
    """
    if dark[0] is None or bright[0] is None:
        return False, light
    beside = _beside(dark[0], bright[0]), _beside(bright[0], dark[0])
    has_rim = (
        max(beside) > _MIN_RIM_SHARE
        and _LETTER_SHARE_RANGE[0] < min(beside) < _LETTER_SHARE_RANGE[1]
    )
    return has_rim, beside[1] > beside[0] if has_rim else light


def _beside(mask, other):
    """Returns which part of the pixels around a mask is near another one.

    The first pixel around is left out: it is mixed of both.
    """
    ring = cv2.dilate(mask, _NEAR_WINDOW) & (1 - cv2.dilate(mask, _TOUCH_WINDOW))
    near = cv2.countNonZero(ring & cv2.dilate(other, _TOUCH_WINDOW))
    return near / max(1, cv2.countNonZero(ring))


def _width(mask):
    """Returns how wide strokes are, in pixels: their area by half their outline."""
    inner = cv2.erode(
        mask, _TOUCH_WINDOW, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    area = cv2.countNonZero(mask)
    return max(2.0, 2 * area / max(1, area - cv2.countNonZero(inner)))
