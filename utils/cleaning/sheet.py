"""The sheet that a syllable stands on, in a picture of more: of a desk around it."""

import cv2
import numpy as np

from utils.cleaning.cuts import border_of
from utils.cleaning.outlines import fullness
from utils.pictures.sizes import resized

COPY_SIDE = 200  # pixels of the longer side of the copy that is looked at
_MIN_BORDER_SHARE = 0.7  # of the border: as much is of what lies around the sheet
_MIN_SHEET_SHARE = 0.12  # of the picture: smaller parts are letters
_MIN_SHEET_FULLNESS = 0.95  # of its convex hull: as much a sheet fills
_MAX_LIGHT_BESIDE = 0.1  # of the sheet: what else is as light; letters have other parts
_INK_SHARE_RANGE = 0.0005, 0.35  # of the sheet: so much of it is ink
_MIN_EDGE_CONTRAST = 0.6  # of the sheet's contrast to the desk: so much at its edge
_EDGE_WINDOW = np.ones((9, 9), np.uint8)  # pixels: 4 to either side of the edge
_MAX_DENT_DEPTH = 5  # pixels of that copy: letters in a shadow's edge leave deeper ones
_DARKEST_PERCENT = 2  # of what lies beside the sheet may be darker than the rest
_MIN_INK_CONTRAST = 0.45  # of the sheet's contrast to the desk: of ink in a shadow
_EDGE_WIDTH = 0.015  # of the longer side: so wide is the edge that is left out


def find_sheet(gray: np.ndarray) -> np.ndarray | None:
    """Finds the sheet, lighter than its desk, that a syllable stands on, tilted or not.

    It may go on beyond the picture, so that the desk is a margin at some sides.
    Dark plates are told from bold letters with holes by `frames.inside_frame`.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height', width'), at most `COPY_SIDE` large: 1 on the sheet, less its
        edge, and 0 elsewhere; None where no sheet is seen, or one fills the picture.
    """
    small = resized(gray, min(1, COPY_SIDE / max(gray.shape)), quick=True)
    bright = _bright(small)
    around = border_of(bright).mean()
    if around == 1 or not bright.any():
        return None
    contours, _ = cv2.findContours(
        bright.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    contour = max(contours, key=cv2.contourArea)
    if (
        cv2.contourArea(contour) <= _MIN_SHEET_SHARE * small.size
        or fullness(contour) <= _MIN_SHEET_FULLNESS
    ):
        return None
    whole = np.zeros(small.shape, np.uint8)
    cv2.drawContours(whole, [contour], 0, 1, cv2.FILLED)
    if around > 1 - _MIN_BORDER_SHARE and (
        _is_cut_into(whole) or _is_beside_ink(small, whole)
    ):
        return None
    sheet = without_edge(whole)
    is_sheet = _is_written_on(sheet, whole, bright) and _is_sharp(small, whole)
    return sheet if is_sheet else None


def _bright(small):
    """Tells what is lighter than the rest of a picture: `bool` (height, width)."""
    threshold, _ = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    return small > threshold


def _is_written_on(sheet, whole, bright):
    """Tells a sheet from the inside of a letter: it holds ink, and most of the light.

    Args:
        sheet: `uint8` (height, width), 1 on the sheet less its edge.
        whole: likewise, on all of it.
        bright: `bool` (height, width), what is light in the picture.
    """
    size = max(1, int(sheet.sum()))
    beside = int((bright > whole).sum()) / size
    written = int((sheet > bright).sum()) / size
    return (
        beside < _MAX_LIGHT_BESIDE
        and _INK_SHARE_RANGE[0] < written < _INK_SHARE_RANGE[1]
    )


def _is_cut_into(whole):
    """Tells a sheet from paper in whose shadow letters stand: they leave dents in it.

    Args:
        whole: `uint8` (height, width), 1 on what is light and in its holes.
    """
    hull = np.zeros_like(whole)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(whole)), 1)
    deep = cv2.distanceTransform(hull, cv2.DIST_L2, 3)[hull > whole]
    return bool(deep.max(initial=0) > _MAX_DENT_DEPTH)


def _is_beside_ink(small, whole):
    """Tells whether there is ink beside a sheet: then it lies in a shadow, on no desk.

    Args:
        small: `uint8` (height, width).
        whole: `uint8` (height, width), 1 on the sheet and 0 elsewhere.
    """
    beside = small[whole == 0]
    darkest, usual = np.percentile(beside, [_DARKEST_PERCENT, 50])
    return usual - darkest > _MIN_INK_CONTRAST * (np.median(small[whole > 0]) - usual)


def apart_from_border(small: np.ndarray) -> np.ndarray | None:
    """Finds what is lighter or darker than the border of a picture.

    Args:
        small: `uint8` (height, width).

    Returns:
        `uint8` (height, width), 1 there and 0 elsewhere; None where there is nothing,
        or the border is of both kinds.
    """
    bright = _bright(small)
    share = border_of(bright).mean()
    if max(share, 1 - share) < _MIN_BORDER_SHARE:
        return None
    other = bright if share < 0.5 else ~bright
    return other.astype(np.uint8) if other.any() else None


def without_edge(mask: np.ndarray) -> np.ndarray:
    """Returns the mask of a sheet less its edge, which is neither sheet nor desk.

    Args:
        mask: `uint8` (height, width), 1 on the sheet and 0 elsewhere.
    """
    wide = max(3, int(_EDGE_WIDTH * max(mask.shape)) * 2 + 1)
    return cv2.erode(mask, np.ones((wide, wide), np.uint8))


def _is_sharp(small, whole):
    """Tells the edge of a sheet, within the picture, from light that falls off.

    Args:
        small: `uint8` (height, width).
        whole: `uint8` (height, width), 1 on the sheet and 0 elsewhere.
    """
    inner = whole - cv2.erode(whole, _EDGE_WINDOW)
    outer = cv2.dilate(whole, _EDGE_WINDOW) - whole
    parts = [small[mask > 0] for mask in (whole, 1 - whole, inner, outer)]
    if not all(map(len, parts)):
        return False
    sheet, desk, inside, outside = (float(np.median(part)) for part in parts)
    return inside - outside > _MIN_EDGE_CONTRAST * (sheet - desk) > 0
