"""Finds specks of dust on a page."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH

_MAX_SPECK_SIZE = 0.06  # of a letter's height: longer side of any speck
_MAX_LONE_SIZE = 0.2  # of a letter's height: longer side of a speck that lies alone
_LONE_MARGIN = 2.5  # times its size: so far around a lone speck there is no text
_MAX_INK_AROUND = 3  # times its own ink, within that margin: other specks


def find_specks(ink: np.ndarray, parts: np.ndarray, height: float) -> np.ndarray:
    """Tells which connected parts are neither letters nor parts of letters.

    Args:
        ink: `uint8` (height, width), 1 is ink.
        parts: `int32` (labels, 5), OpenCV's statistics of its connected parts, the
            paper's first.
        height: of letters, in pixels.

    Returns:
        `bool` (labels,), False for paper.
    """
    size = parts[:, [WIDTH, HEIGHT]].max(axis=1)
    gone = size < _MAX_SPECK_SIZE * height
    gone |= (size < _MAX_LONE_SIZE * height) & _are_alone(ink, parts, size)
    gone[0] = False
    return gone


def _are_alone(ink, parts, size):
    """Tells which parts have hardly any other ink around them."""
    table = cv2.integral(ink)
    room = np.ceil(_LONE_MARGIN * size).astype(int)
    high, wide = ink.shape
    # Where no pixel is paper, OpenCV's box of it lies outside the picture.
    top = np.clip(parts[:, TOP] - room, 0, high)
    left = np.clip(parts[:, LEFT] - room, 0, wide)
    bottom = np.minimum(parts[:, TOP] + parts[:, HEIGHT] + room, high)
    right = np.minimum(parts[:, LEFT] + parts[:, WIDTH] + room, wide)
    around = table[bottom, right] - table[top, right]
    around += table[top, left] - table[bottom, left]
    return around <= (1 + _MAX_INK_AROUND) * parts[:, AREA]
