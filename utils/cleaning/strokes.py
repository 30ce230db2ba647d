"""How wide strokes are in a picture of text, before anything else is known of it."""

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from utils.cleaning.overlay import Overlay, find_overlay
from utils.cleaning.polarity import is_light_text
from utils.pictures.sizes import reduced

_COPY_PIXELS = 300_000  # of the copy that is looked at
_WINDOW_SIDES = 3, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129  # pixels of that copy
_MIN_CHANGE_SHARE = 0.3  # of the greatest change: the first window with as much counts
_MIN_EARLY_SHARE = 0.08  # of it: strokes between shades may change as little
_MAX_BETWEEN_SHARE = 0.15  # of what strokes change: wider windows change as little
_MIN_SHADE_LEVEL = 0.3  # of the way from ink to its ground: so light shades are
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
    return _width(small) / scale, _width(255 - small) / scale


def _width(small):
    """Returns the first window that closes over much of a picture, in pixels.

    An earlier one where the windows after it close over nothing, and then over shades
    with edges, as those of leaves and blinds.
    """
    windows = [w for w in _WINDOW_SIDES if w <= _MAX_WINDOW_SIDE * min(small.shape)]
    if not windows:
        return _WINDOW_SIDES[0]
    closed = [small]
    for window in windows:
        kernel = np.ones((window, window), np.uint8)
        closed.append(cv2.morphologyEx(closed[-1], cv2.MORPH_CLOSE, kernel))
    changes = [cv2.norm(*pair, cv2.NORM_L2SQR) for pair in pairwise(closed)]
    most = max(changes)
    first = [change >= _MIN_CHANGE_SHARE * most for change in changes].index(True)
    earlier = int(np.argmax(changes[1:first])) + 1 if first > 2 else first
    nothing = earlier + int(np.argmin(changes[earlier:first] or [0]))
    if (
        changes[earlier] > _MIN_EARLY_SHARE * most
        and changes[nothing] < _MAX_BETWEEN_SHARE * changes[earlier]
        and _are_shades(small, closed[nothing + 1], closed[first + 1])
    ):
        return windows[earlier]
    return windows[first]


def _are_shades(small, bare, ground):
    """Tells whether what is wider than strokes is not as dark as these.

    Args:
        small: `uint8` (height, width).
        bare: likewise, the strokes closed over.
        ground: likewise, what is wider too.
    """
    ink, shade = cv2.subtract(bare, small), cv2.subtract(ground, bare)
    black = np.median(small[ink > ink.max() / 2])
    dark = np.median(bare[shade > shade.max() / 2])
    return bool(dark - black > _MIN_SHADE_LEVEL * (np.median(ground) - black))
