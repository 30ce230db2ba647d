"""Plates as dark as ink next to white: what darker or lighter strokes are on them."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, WIDTH, Ink

_MIN_BOX_SHARE = 0.3  # of the box of the ink: as much a plate's box takes up
_MIN_AREA_SHARE = 0.45  # of its own box: a diamond fills half of it
_STROKE_WIDTH = 0.25  # of its longer side: no stroke is as thick
_MIN_CORE_SHARE = 0.1  # of its box: as much is farther than that from its border
_EDGE_WIDTH = 3  # pixels that its soft edge takes
_MIN_CONTRAST = 20  # grey levels between the plate and its strokes
_LOW, _PLATE, _HIGH = 2, 60, 98  # percent of its pixels that are darker


def on_solid(ink: Ink, gray: np.ndarray) -> np.ndarray | None:
    """Finds a plate that strokes stand on, which look as dark as it is next to white.

    Args:
        ink: of a picture, with the plate all black.
        gray: `uint8` (height, width), what it was found in, at any size.

    Returns:
        `uint8` (height', width') as `ink` has them, 1 on the plate less its edge and 0
        elsewhere; None without.
    """
    label = 1 + int(np.argmax(ink.parts[1:, AREA]))
    if not _is_large(ink.parts[label], ink.box):
        return None
    plate = (ink.labels == label).view(np.uint8)
    _, _, width, height, _ = ink.parts[label]
    thin, edges = int(_STROKE_WIDTH * max(width, height)), 2 * _EDGE_WIDTH + 1
    core = _eroded(plate, max(thin, edges))
    if core.sum() < max(_MIN_CORE_SHARE * width * height, 1):
        return None
    plate = _eroded(plate, edges)
    shown = cv2.resize(gray, plate.shape[::-1], interpolation=cv2.INTER_AREA)
    low, middle, high = np.percentile(shown[plate > 0], (_LOW, _PLATE, _HIGH))
    has_strokes = max(middle - low, high - middle) >= _MIN_CONTRAST
    return plate if has_strokes else None


def _is_large(part, box):
    """Tells whether a part takes up much of the ink's box, and of its own."""
    own, (top, bottom, left, right) = part[WIDTH] * part[HEIGHT], box
    whole = (bottom - top) * (right - left)
    return own >= _MIN_BOX_SHARE * whole and part[AREA] >= _MIN_AREA_SHARE * own


def _eroded(mask, side):
    """Returns a mask less what is near its border, or the picture's, as a square."""
    square = np.ones((side, side), np.uint8)
    return cv2.erode(mask, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
