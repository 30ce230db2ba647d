"""The sheet, or the box, that a text stands on, in a picture of more than that."""

import cv2
import numpy as np

from utils.cleaning.frames import cover_outside
from utils.cleaning.sheet import apart_from_border, find_sheet, without_edge
from utils.pictures.sizes import resized

_SIDE = 400  # pixels of the copy that is looked at
_LEAST = 0.08  # of the picture: smaller parts are letters
_SOLID = 0.6  # of its hull: a sheet covers more, its letters aside
_RIM = 0.9  # along its hull: bold letters are open somewhere, a sheet is not
_HELD = 4  # other things on it, at least: bold letters hold two or three
_WRITTEN = 0.005  # of it


def cover_surroundings(gray: np.ndarray) -> np.ndarray:
    """Covers what lies around a sheet on a desk, or around a box of another lightness.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height, width), all but the sheet as that goes on; the same picture
        where it fills the whole.
    """
    small = resized(gray, min(1, _SIDE / max(gray.shape)))
    hull = _sheet(small)
    if hull is None:
        inner = find_sheet(gray)  # one that goes on beyond the picture
        return gray if inner is None else cover_outside(gray, inner)
    mask = np.zeros(small.shape, np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    inner = without_edge(mask)
    return cover_outside(gray, inner) if inner.any() else gray


def _sheet(small):
    """Returns the convex hull of the sheet, as OpenCV has it; None without one."""
    other = apart_from_border(small)
    if other is None:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(other)
    place = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    part = (labels == place).astype(np.uint8)
    hull = cv2.convexHull(cv2.findNonZero(part))
    area = stats[place, cv2.CC_STAT_AREA]
    large = area > max(_LEAST * small.size, _SOLID * cv2.contourArea(hull))
    return hull if large and _is_written_on(part, hull) else None


def _is_written_on(part, hull):
    """Tells whether a part is whole along its rim, and holds other things."""
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8))
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8))
    rim = part[(mask > 0) & (inner == 0)]
    held = inner & (1 - part)
    return bool(
        rim.size
        and rim.mean() > _RIM
        and cv2.connectedComponents(held)[0] > _HELD
        and np.count_nonzero(held) > _WRITTEN * np.count_nonzero(inner)
    )
