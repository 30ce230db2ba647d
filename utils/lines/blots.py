"""Solid spots on a page, as dark as its ink: holes of a punch, bullets."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH, stroke_width
from utils.pictures.sizes import reduced

_PIXELS = 1_000_000  # of the copy that is looked at
_PALER = 0.15  # of the contrast: shadows are paler than ink by more
_SOLID = 0.6  # of its box: discs and squares cover more
_LONG = 2  # times as long as wide: strokes are longer
_LARGEST = 0.03  # of the picture: so large is no hole
_THICK = 3.5  # times a stroke's width: no stroke is so thick
_EDGE, _AROUND = 5, 11  # pixels of that copy: a spot's edge, and paper beyond it


def cover_blots(gray: np.ndarray) -> np.ndarray:
    """Covers spots as dark as ink, and thicker than any stroke, with their paper.

    Done before anything else is measured: paper is found by what is wider than
    strokes, so that of a spot a ring would stay, and be read.

    Args:
        gray: `uint8` (height, width); of light text on dark nothing is covered.

    Returns:
        `uint8` (height, width): the same picture where there is no such spot.
    """
    small = reduced(gray, _PIXELS)[0]
    paper, covered = small.copy(), np.zeros_like(small)
    for where, spot in _blots(small):
        edge, around = (_grown(spot, by) for by in (_EDGE, _AROUND))
        paper[where][edge] = np.median(small[where][around & ~edge])
        covered[where][edge] = 1
    if not covered.any():
        return gray
    covered = cv2.resize(covered, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(covered > 0, paper, gray)


def _blots(gray):
    """Yields parts that are solid, thick, and as dark as the rest: where, and mask."""
    _, ink = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels, parts, _ = cv2.connectedComponentsWithStats(ink)
    shorter, longer = np.sort(parts[:, [WIDTH, HEIGHT]], axis=1).T
    solid = (parts[:, AREA] > _SOLID * shorter * longer) & (longer < _LONG * shorter)
    solid &= parts[:, AREA] < _LARGEST * gray.size
    solid[0] = False
    rest = ink & ~solid[labels]
    if not solid.any() or not rest.any():
        return
    solid &= 2 * _depths(ink, labels, len(parts)) > _THICK * stroke_width(rest)
    level = gray[rest > 0].mean()
    most = level + _PALER * (gray[ink == 0].mean() - level)
    for place in np.flatnonzero(solid):
        where = _surroundings(parts[place])
        spot = labels[where] == place
        if gray[where][spot].mean() < most:
            yield where, spot.view(np.uint8)


def _surroundings(part):
    """Returns the rows and columns of a part and of the paper beside it."""
    left, top = (part[[LEFT, TOP]] - _AROUND).clip(0)
    right, bottom = part[[LEFT, TOP]] + part[[WIDTH, HEIGHT]] + _AROUND
    return slice(top, bottom), slice(left, right)


def _depths(ink, labels, count):
    """Returns how far the innermost pixel of each part is from its edge."""
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    depths = np.zeros(count)
    np.maximum.at(depths, labels[ink > 0], inside[ink > 0])
    return depths


def _grown(mask, by):
    return cv2.dilate(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0
