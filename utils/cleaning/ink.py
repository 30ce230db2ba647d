"""Dark ink on white: how wide its strokes are, the box of what is the syllable's."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from utils.cleaning.groups import largest_group
from utils.cleaning.paper import NoInkError

MIN_PART_SHARE = 0.004  # of all ink: smaller parts are specks
LEFT, TOP, WIDTH, HEIGHT, AREA = range(5)  # columns of `Ink.parts`, as OpenCV has them


class Ink(NamedTuple):
    """A picture of nothing but ink, and where the syllable is in it.

    clean: `uint8` (height, width), dark on white, without its paper.
    box: of the syllable: (top, bottom, left, right) in pixels, ends exclusive; one
        pixel more on each side than its ink has, for the stroke's grey edge is part of
        it.
    labels: `uint16` (height, width): which connected part a pixel is of, 0 for none.
    parts: `int32` (labels, 5): the columns of `LEFT` to `AREA` for each label, the
        ground's first.
    """

    clean: np.ndarray
    box: tuple[int, int, int, int]
    labels: np.ndarray
    parts: np.ndarray


def ink_of(clean: np.ndarray) -> Ink:
    """Finds the ink in a picture, and what of it belongs to the syllable.

    Args:
        clean: as in `Ink`.

    Raises:
        NoInkError: nothing is dark enough.
    """
    mask = (clean < 128).view(np.uint8)
    labels, parts = connected(mask)
    if not len(parts) - 1:
        raise NoInkError("The picture holds no ink: nothing in it is dark enough.")
    return Ink(
        clean, _box(_belonging(parts[1:], clean.shape), clean.shape), labels, parts
    )


def connected(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds the connected parts of a mask.

    Args:
        mask: `uint8` (height, width), 0 on paper.

    Returns:
        (labels, parts): as in `Ink`, the labels `int32` in a picture far larger than
        the work size.
    """
    # Labels of 16 bits take half the time of 32, and suffice for as many pixels.
    kind = cv2.CV_16U if mask.size < 2**16 else cv2.CV_32S
    _, labels, parts, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask, 8, kind, cv2.CCL_SPAGHETTI
    )
    return labels, parts


def _box(parts, shape):
    """Returns the box of connected parts in a picture (height, width), see `Ink`."""
    return (
        max(0, min(part[TOP] for part in parts) - 1),
        min(shape[0], max(part[TOP] + part[HEIGHT] for part in parts) + 1),
        max(0, min(part[LEFT] for part in parts) - 1),
        min(shape[1], max(part[LEFT] + part[WIDTH] for part in parts) + 1),
    )


def mask_of(which: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the mask of some connected parts, 1 or 0: `uint8` (height, width).

    Args:
        which: `bool`, one for each label.
        labels: as in `Ink`.
    """
    return which[labels].view(np.uint8)


def wiped(clean: np.ndarray, others: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Returns a clean picture without some of its ink, nor the soft edges of that.

    Args:
        clean: as in `Ink`.
        others: `uint8` (height, width), 1 is ink that goes.
        ink: likewise, what stays, its own edges too.

    Returns:
        `uint8` (height, width).
    """
    near = cv2.dilate(others, np.ones((5, 5), np.uint8)) > 0
    near &= cv2.dilate(ink, np.ones((3, 3), np.uint8)) == 0
    return np.where(near | (others > 0), np.uint8(255), clean)


def without_parts(ink: Ink, gone: np.ndarray) -> Ink:
    """Leaves connected parts out, and finds what belongs to the syllable anew.

    Args:
        ink: of a picture.
        gone: `bool`, one for each label, the ground's first, which stays.

    Raises:
        NoInkError: no other part is left.
    """
    kept = ~gone
    kept[0] = False
    return ink_of(
        wiped(ink.clean, mask_of(gone, ink.labels), mask_of(kept, ink.labels))
    )


def stroke_width(ink: np.ndarray) -> float:
    """Returns the usual width of strokes in pixels; 0 without ink.

    Across a stroke the distance to its edge averages a quarter of the width.

    Args:
        ink: `uint8` (height, width), 0 on paper.
    """
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)[ink > 0]
    return 4 * float(inside.mean()) if len(inside) else 0.0


def half_thickness(mask: np.ndarray) -> float:
    """Returns half the width of the thickest part in pixels, its edge's left out.

    Args:
        mask: `uint8` (height, width), 0 on paper.
    """
    return float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max()) - 0.5


def evened(away: np.ndarray, reach: float, least: int) -> np.ndarray:
    """Makes every stroke as dark as the darkest of them near by.

    Args:
        away: `uint8` (height, width), how far each pixel is from the paper.
        reach: pixels: so far is near by.
        least: how far from the paper the darkest is taken to be at least.

    Returns:
        `uint8` (height, width), dark on white.
    """
    side = max(3, int(reach) | 1)
    most = cv2.dilate(away, np.ones((side, side), np.uint8))
    share = away / np.maximum(most, least).astype(np.float32)
    return np.rint(255 * (1 - share)).astype(np.uint8)


def _belonging(parts, shape):
    """Returns the connected parts that are the syllable's: lists as `parts` has rows.

    Specks are not, nor small strokes that a neighbour pushes over the border, nor what
    stands far from the rest. Few are left of any number of specks: plain Python looks
    at those several times as fast as NumPy.
    """
    areas = parts[:, AREA]
    total, side = int(areas.sum()), max(shape)
    large = parts[areas >= MIN_PART_SHARE * total].tolist()
    largest = parts[areas.argmax()].tolist()
    rest = [p for p in large if p != largest and _extent(p) >= 0.03 * side]
    inner = sum(p[AREA] for p in (largest, *rest) if not touches(p, shape))
    # Only where the rest is clearly the syllable; a tight crop touches everywhere.
    if inner > 0.75 * total:
        rest = [p for p in rest if not (touches(p, shape) and _small(p, total, side))]
    return largest_group([largest, *rest])


def _extent(part):
    return max(part[WIDTH], part[HEIGHT])


def _small(part, total, side):
    return part[AREA] < 0.1 * total and _extent(part) < 0.35 * side


def touches(part: Sequence[int], shape: tuple[int, ...]) -> bool:
    """Tells whether a part, a row of `Ink.parts`, touches a picture's border.

    Args:
        part: its columns.
        shape: (height, width) of the picture.
    """
    left, top, width, height, _ = part
    return not (left and top and left + width < shape[1] and top + height < shape[0])
