"""Letters of dots, as lamps and needles form them -> strokes."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH, connected
from utils.cleaning.paper import grey_levels, stretch

_MIN_DOTS, _MAX_DOTS = 20, 10_000  # fewer are no letter, more are grain
_MAX_MEASURED_DOTS = 500  # so many tell how far all are apart
_DOT_AREA_RANGE = 0.4, 2.5  # times the usual area
_LETTER_AREA_RATIO = 6.0  # largest dots to smallest, at most: some run together
TEXT_AREA_RATIO = 1.35  # likewise of a text: blurred letters may look like dots
_MAX_DOT_ASPECT = 1.6  # times as long as across
_MIN_DOT_SHARE = 0.8  # of the ink is in such dots
_MAX_DISTANCE_RATIO = 1.4  # of the farthest tenth to the nearest tenth
_MAX_DOT_DISTANCE = 3.0  # times the side of a square as large as a dot
_BLUR_SIGMA = 0.55  # times the distance of dots: so far each is spread
_INK_LEVEL = 128  # grey level: what is darker is ink
_MIN_MERGED_LEVEL = 24  # grey level, on average, of ink that may be dots run together
_CORE_LEVELS = 64, 32  # grey levels: what is darker may be the same dots, apart


def join_dots(
    clean: np.ndarray,
    parts: np.ndarray | None = None,
    alike: float = _LETTER_AREA_RATIO,
) -> np.ndarray | None:
    """Joins dots to strokes where ink is nothing but dots, each as far from the next.

    Args:
        clean: `uint8` (height, width), dark on white, without its paper.
        parts: of its ink where they are known, rows as `Ink.parts` has them, without
            the ground's.
        alike: times as large as the smallest tenth the largest tenth of them may be.

    Returns:
        `uint8` (height, width), dark on white; None where there are no such dots.
    """
    parts = _darker(clean, _INK_LEVEL) if parts is None else parts
    apart = _distance(parts, alike)
    if (
        apart is None
        and len(parts)
        and clean[clean < _INK_LEVEL].mean() > _MIN_MERGED_LEVEL
    ):
        found = (_distance(_darker(clean, level), alike) for level in _CORE_LEVELS)
        apart = next((distance for distance in found if distance), None)
    if apart is None:
        return None
    spread = 255 - cv2.GaussianBlur(255 - clean, (0, 0), _BLUR_SIGMA * apart)
    return stretch(spread, grey_levels(spread).cumsum())


def _darker(clean, level):
    """Returns the connected parts of what is darker than a level, as `Ink.parts`."""
    return connected((clean < level).view(np.uint8))[1][1:]


def _distance(parts, alike):
    """Returns how far dots are apart, in pixels; None where parts are no dots.

    Args:
        parts: rows as `Ink.parts` has them, without the ground's.
        alike: as for `join_dots`.
    """
    if not _MIN_DOTS <= len(parts) <= _MAX_DOTS:
        return None
    areas = parts[:, AREA]
    usual = float(np.median(areas))
    sides = parts[:, [WIDTH, HEIGHT]]
    dots = (areas > _DOT_AREA_RANGE[0] * usual) & (areas < _DOT_AREA_RANGE[1] * usual)
    dots &= sides.max(axis=1) <= _MAX_DOT_ASPECT * sides.min(axis=1) + 1
    if areas[dots].sum() < _MIN_DOT_SHARE * areas.sum():
        return None
    small, large = np.quantile(areas[dots], (0.1, 0.9))
    nearest, apart, farthest = np.quantile(_apart(parts[dots]), (0.1, 0.5, 0.9))
    even = (
        0 < farthest <= _MAX_DISTANCE_RATIO * nearest
        and apart <= _MAX_DOT_DISTANCE * usual**0.5
    )
    return float(apart) if even and large <= alike * small else None


def _apart(parts):
    """Returns how far the middles of some parts are from the nearest others."""
    middles = parts[:, [LEFT, TOP]] + parts[:, [WIDTH, HEIGHT]] / 2
    some = middles[:: len(middles) // _MAX_MEASURED_DOTS + 1]
    distances = np.hypot(*np.moveaxis(some[:, None] - middles, -1, 0))
    return np.partition(distances, 1, axis=1)[:, 1]  # after its own, which is 0
