"""Covers solid spots on a page that are as dark as ink: punch holes, bullets."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH, stroke_width
from utils.pictures.sizes import reduced

_MAX_COPY_PIXELS = 1_000_000  # of the reduced copy in which spots are looked for
_MAX_PALENESS = 0.15  # of the contrast above mean ink: shadows are paler
_MIN_BOX_FILL = 0.6  # share of its box: discs and squares cover more
_MAX_ASPECT = 2  # length over width: strokes are longer
_MAX_AREA = 0.03  # of the picture: no punch hole is larger
_MIN_THICKNESS = 3.5  # times the stroke width: no stroke is so thick
_EDGE_WIDTH = 5  # pixels of the copy: the spot's blurred edge, covered with it
_PAPER_MARGIN = 11  # pixels of the copy around a spot: paper that its level comes from


def cover_blots(gray: np.ndarray) -> np.ndarray:
    """Covers spots as dark as ink and thicker than any stroke with paper.

    This comes before anything else is measured: paper is estimated as what is wider
    than strokes, so that only a ring of a spot would remain, and be read as ink.

    Args:
        gray: `uint8` (height, width); of light text on dark nothing is covered.

    Returns:
        `uint8` (height, width): the same picture where there is no such spot.
    """
    small = reduced(gray, _MAX_COPY_PIXELS)[0]
    paper, covered = small.copy(), np.zeros_like(small)
    for where, spot in _blots(small):
        edge, around = (_grown(spot, by) for by in (_EDGE_WIDTH, _PAPER_MARGIN))
        paper[where][edge] = np.median(small[where][around & ~edge])
        covered[where][edge] = 1
    if not covered.any():
        return gray
    covered = cv2.resize(covered, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(covered > 0, paper, gray)


def _blots(gray):
    """Yields (slices, mask) of parts that are solid, thick and as dark as the rest."""
    _, ink = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels, parts, _ = cv2.connectedComponentsWithStats(ink)
    shorter, longer = np.sort(parts[:, [WIDTH, HEIGHT]], axis=1).T
    solid = (parts[:, AREA] > _MIN_BOX_FILL * shorter * longer) & (
        longer < _MAX_ASPECT * shorter
    )
    solid &= parts[:, AREA] < _MAX_AREA * gray.size
    solid[0] = False
    rest = ink & ~solid[labels]
    if not solid.any() or not rest.any():
        return
    solid &= 2 * _depths(ink, labels, len(parts)) > _MIN_THICKNESS * stroke_width(rest)
    level = gray[rest > 0].mean()
    most = level + _MAX_PALENESS * (gray[ink == 0].mean() - level)
    for place in np.flatnonzero(solid):
        where = _surroundings(parts[place])
        spot = labels[where] == place
        if gray[where][spot].mean() < most:
            yield where, spot.view(np.uint8)


def _surroundings(part):
    """Returns the rows and columns of a part and of the paper beside it."""
    left, top = (part[[LEFT, TOP]] - _PAPER_MARGIN).clip(0)
    right, bottom = part[[LEFT, TOP]] + part[[WIDTH, HEIGHT]] + _PAPER_MARGIN
    return slice(top, bottom), slice(left, right)


def _depths(ink, labels, count):
    """Returns the largest distance from the edge within each part, in pixels."""
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    depths = np.zeros(count)
    np.maximum.at(depths, labels[ink > 0], inside[ink > 0])
    return depths


def _grown(mask, by):
    return cv2.dilate(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0
