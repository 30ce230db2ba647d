"""Specks of dust on a page."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH

_SPECK = 0.06  # of a letter's height: both sides of a speck are shorter
_SMALL = 0.2  # of a letter's height: so small are specks that lie alone
_AWAY = 2.5  # times its size: as far around it there is nothing
_OTHERS = 3  # times its ink, at most, around it: other specks


def find_specks(ink: np.ndarray, parts: np.ndarray, height: float) -> np.ndarray:
    """Tells which connected parts are neither letters nor parts of such.

    Args:
        ink: `uint8` (height, width), 1 is ink.
        parts: `int32` (labels, 5), its connected parts, as OpenCV has them,
            the paper's first.
        height: of letters, in pixels.

    Returns:
        `bool` (labels,); paper is none.
    """
    size = parts[:, [WIDTH, HEIGHT]].max(axis=1)
    gone = size < _SPECK * height
    gone |= (size < _SMALL * height) & _are_alone(ink, parts, size)
    gone[0] = False
    return gone


def _are_alone(ink, parts, size):
    """Tells around which parts there is next to nothing."""
    table = cv2.integral(ink)
    room = np.ceil(_AWAY * size).astype(int)
    high, wide = ink.shape
    # Of ground that is nowhere OpenCV tells no place.
    top = np.clip(parts[:, TOP] - room, 0, high)
    left = np.clip(parts[:, LEFT] - room, 0, wide)
    bottom = np.minimum(parts[:, TOP] + parts[:, HEIGHT] + room, high)
    right = np.minimum(parts[:, LEFT] + parts[:, WIDTH] + room, wide)
    around = table[bottom, right] - table[top, right]
    around += table[top, left] - table[bottom, left]
    return around <= (1 + _OTHERS) * parts[:, AREA]
