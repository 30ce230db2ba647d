"""Covers what surrounds the sheet or box on which a text stands."""

import cv2
import numpy as np

from utils.cleaning.clutter import sheet_among_others
from utils.cleaning.frames import cover_outside
from utils.cleaning.sheet import apart_from_border, find_sheet, without_edge
from utils.pictures.sizes import resized

_COPY_SIDE = 400  # pixels of the reduced copy in which the sheet is looked for
_MIN_SHEET_AREA = 0.08  # of the picture: smaller parts are letters
_MIN_HULL_FILL = 0.6  # of its convex hull: a sheet fills more, without its letters
_MIN_RIM_FILL = 0.9  # along its hull: bold letters are open somewhere, a sheet is not
_MIN_WRITTEN_PARTS = 4  # parts of other lightness on it: bold letters hold two or three
_MIN_WRITTEN_AREA = 0.005  # of the sheet, covered by these parts


def cover_surroundings(gray: np.ndarray) -> np.ndarray:
    """Covers what lies around a sheet on a desk, or a box of other lightness.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height, width), the sheet extended over the rest; the same picture
        where the sheet fills it, or there is none.
    """
    inner = sheet_among_others(gray, _COPY_SIDE)
    if inner is not None:
        return cover_outside(gray, inner)
    small = resized(gray, min(1, _COPY_SIDE / max(gray.shape)))
    hull = _sheet(small)
    if hull is None:
        inner = find_sheet(gray)  # one that extends beyond the picture
        return gray if inner is None else cover_outside(gray, inner)
    mask = np.zeros(small.shape, np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    inner = without_edge(mask)
    return cover_outside(gray, inner) if inner.any() else gray


def _sheet(small):
    """Returns the convex hull of the sheet as an OpenCV contour, or None."""
    other = apart_from_border(small)
    if other is None:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(other)
    place = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    part = (labels == place).astype(np.uint8)
    hull = cv2.convexHull(cv2.findNonZero(part))
    area = stats[place, cv2.CC_STAT_AREA]
    large = area > max(
        _MIN_SHEET_AREA * small.size, _MIN_HULL_FILL * cv2.contourArea(hull)
    )
    return hull if large and _is_written_on(part, hull) else None


def _is_written_on(part, hull):
    """Tells whether a part is closed along its rim and has several parts on it."""
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8))
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8))
    rim = part[(mask > 0) & (inner == 0)]
    held = inner & (1 - part)
    return bool(
        rim.size
        and rim.mean() > _MIN_RIM_FILL
        and cv2.connectedComponents(held)[0] > _MIN_WRITTEN_PARTS
        and np.count_nonzero(held) > _MIN_WRITTEN_AREA * np.count_nonzero(inner)
    )
