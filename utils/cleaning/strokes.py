"""How wide strokes are in a picture of text, before anything else is known of it."""

from typing import NamedTuple

import cv2
import numpy as np

from utils.cleaning.overlay import Overlay, find_overlay
from utils.cleaning.polarity import is_light_text
from utils.pictures.sizes import reduced

_COPY_PIXELS = 300_000  # of the copy that is looked at
_WINDOW_SIDES = 3, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129  # pixels of that copy
_MIN_CHANGE_SHARE = 0.3  # of the greatest change: the first window with as much counts
_MAX_WINDOW_SIDE = 0.5  # of the picture's shorter side


class Strokes(NamedTuple):
    """What is known of the strokes of a text.

    light: whether they are lighter than their ground.
    width: in pixels.
    overlay: their grey levels, where they are laid over a picture.
    """

    light: bool
    width: float
    overlay: Overlay | None = None

    def at(self, scale: float) -> "Strokes":
        """Returns them as they are in a picture at another scale.

        Args:
            scale: above 0, of the picture that they are known of.
        """
        return self._replace(width=self.width * scale)


def find_strokes(gray: np.ndarray) -> Strokes:
    """Tells whether strokes are lighter than their ground, and how wide they are.

    Args:
        gray: `uint8` (height, width).
    """
    widths = stroke_widths(gray)
    seems_light = is_light_text(gray, min(widths))
    light, overlay = find_overlay(gray, seems_light, min(widths))
    return Strokes(light, overlay.width if overlay else widths[light], overlay)


def stroke_widths(gray: np.ndarray) -> tuple[float, float]:
    """Estimates how wide strokes are.

    A window that is as wide as strokes closes over much that the next smaller one left
    open: the pattern spectrum (Maragos 1989, https://doi.org/10.1109/34.192465). What
    counts is the first window that closes over much: shadows are wider.

    Args:
        gray: `uint8` (height, width).

    Returns:
        Pixels, if the strokes are the dark parts, and if they are the light ones.
    """
    small, scale = reduced(gray, _COPY_PIXELS)
    small = cv2.GaussianBlur(small, (3, 3), 0)  # or grain would count
    closed, opened = cv2.MORPH_CLOSE, cv2.MORPH_OPEN
    return _first(small, closed) / scale, _first(small, opened) / scale


def _first(small, how):
    """Returns the first window that changes much of a picture, in pixels."""
    windows = [w for w in _WINDOW_SIDES if w <= _MAX_WINDOW_SIDE * min(small.shape)]
    before, changes = small, []
    for window in windows:
        after = cv2.morphologyEx(small, how, np.ones((window, window), np.uint8))
        changes.append(cv2.norm(after, before, cv2.NORM_L2SQR))
        before = after
    much = [c >= _MIN_CHANGE_SHARE * max(changes) for c in changes]
    return windows[much.index(True)] if windows else _WINDOW_SIDES[0]
