"""The sheet that a syllable stands on, on a desk of patterns or many things."""

import cv2
import numpy as np

from utils.cleaning.cuts import border_of
from utils.cleaning.outlines import fullness
from utils.cleaning.sheet import COPY_SIDE, without_edge
from utils.pictures.sizes import resized

_MIN_SIDE = 64  # pixels: in less there is no room around a sheet
_EDGE_STEP = 0.08  # of a picture's grey range: an edge changes as much in three pixels
_MIN_EDGE_STEP = 8  # grey levels: grain changes less
_REACH = 3  # pixels
_MIN_BORDER_EDGES = 0.01  # of the border: with fewer edges nothing lies around
_NUM_PARTS = 3  # parts without edges, the largest, are looked at
_MIN_PART_SHARE = 0.08  # of the picture: so much of a sheet is blank
_MIN_SHEET_SHARE = 0.2  # of the picture: smaller ones are parts of a scene
_NECK_WIDTH = 0.3  # of a sheet's side: what is narrower, and hangs on it, is none of it
_MIN_FULLNESS = 0.93  # of its convex hull: as much a sheet fills
_MAX_BORDER_SHARE = 0.3  # of the border: as much may a sheet go on beyond the picture
_MIN_SHARP_SHARE = 0.6  # of its outline is an edge
_MIN_DARKER_SHARE = 0.75  # of what is around it is darker
_INK_EDGES_RANGE = 0.01, 0.6  # of it are edges of ink
_MAX_RIM_EDGES = 0.05  # of its rim: strokes that cross it are on no sheet, but in light
_OUTLINE, _RIM = np.ones((5, 5), np.uint8), np.ones((11, 11), np.uint8)  # pixels


def sheet_among_others(gray: np.ndarray, side: int = COPY_SIDE) -> np.ndarray | None:
    """Finds a light sheet by its edges alone: what is around may be as light in parts.

    So are striped and checked cloth, wood, keyboards, papers below it. The sheet holds
    the middle of the picture, and ink.

    Args:
        gray: `uint8` (height, width).
        side: pixels of the longer side of the copy that is looked at: a text, whose
            letters are small, needs more.

    Returns:
        `uint8` (height', width'), at most `side` large: 1 on the sheet, less its
        edge, and 0 elsewhere; None where no such sheet is seen.
    """
    small = resized(gray, min(1, side / max(gray.shape)), quick=True)
    if min(small.shape) < _MIN_SIDE or not _has_edges_at_border(small):
        return None
    edges = _edges(small)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - edges, connectivity=4)
    largest = np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_NUM_PARTS] + 1
    for part in largest[
        stats[largest, cv2.CC_STAT_AREA] > _MIN_PART_SHARE * small.size
    ]:
        blank = (labels == part).view(np.uint8)
        whole = _whole(blank)
        if whole is not None and _is_sheet(small, edges, blank, whole):
            return without_edge(whole)
    return None


def _has_edges_at_border(small):
    """Tells whether the picture's border crosses edges of anything."""
    line = border_of(small)
    if np.ptp(line) < _MIN_EDGE_STEP:
        return False
    step = max(_MIN_EDGE_STEP, _EDGE_STEP * np.ptp(small))
    high = cv2.absdiff(line[_REACH:], line[:-_REACH]) > step
    return high.mean() > _MIN_BORDER_EDGES


def _edges(small):
    """Returns where grey levels change at once: `uint8` (height, width), 1 there."""
    soft = cv2.GaussianBlur(small, (3, 3), 0)
    low, high = np.percentile(soft, [2, 98])
    steps = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((_REACH,) * 2, np.uint8))
    return (steps > max(_MIN_EDGE_STEP, _EDGE_STEP * (high - low))).view(np.uint8)


def _whole(blank):
    """Returns the sheet of which a part is blank, or None.

    What hangs on it by a neck, as light squares of a cloth do, is left out.

    Args:
        blank: `uint8` (height, width), 1 on the blank part.
    """
    sheet = cv2.drawContours(np.zeros_like(blank), [_outline(blank)], 0, 1, cv2.FILLED)
    side = int(_NECK_WIDTH * sheet.sum() ** 0.5) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    wide = cv2.morphologyEx(np.pad(sheet, side), cv2.MORPH_OPEN, disc)
    sheet = np.ascontiguousarray(wide[side:-side, side:-side])
    if sheet.mean() < _MIN_SHEET_SHARE:
        return None
    contour = _outline(sheet)
    if fullness(contour) < _MIN_FULLNESS:
        return None
    return cv2.fillConvexPoly(np.zeros_like(blank), cv2.convexHull(contour), 1)


def _outline(mask):
    """Returns the contour of the largest part of a mask."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return max(contours, key=cv2.contourArea)


def _is_sheet(small, edges, blank, whole):
    """Tells a sheet from what lies between strokes, and from scenes.

    Args:
        small: `uint8` (height, width).
        edges: likewise, 1 on edges.
        blank: likewise, on the sheet's blank part.
        whole: likewise, on the sheet.
    """
    middle = whole[whole.shape[0] // 2, whole.shape[1] // 2]
    inner = cv2.erode(whole, _RIM)
    if not (middle and inner.any()) or border_of(whole).mean() > _MAX_BORDER_SHARE:
        return False
    outline = cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    outline[[0, -1]], outline[:, [0, -1]] = 0, 0
    near = cv2.dilate(edges, _OUTLINE)
    level = np.median(small[(blank & whole) > 0])
    rim, ink = edges[cv2.erode(whole, _OUTLINE) > inner], edges[inner > 0]
    return bool(
        near[outline > 0].mean() > _MIN_SHARP_SHARE
        and rim.mean() < _MAX_RIM_EDGES
        and (small[whole == 0] < level).mean() > _MIN_DARKER_SHARE
        and _INK_EDGES_RANGE[0] < ink.mean() < _INK_EDGES_RANGE[1]
    )
