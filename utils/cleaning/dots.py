"""Letters of dots, as lamps and needles form them -> strokes."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH, connected
from utils.cleaning.paper import grey_levels, stretch

_MANY, _MOST = 20, 10_000  # dots: fewer are no letter, more are grain
_SOME = 500  # of them tell how far all are apart
_ALIKE = 0.4, 2.5  # times the usual area
_LETTER = 6.0  # times as large may dots of one letter be: some run together
TEXT = 1.35  # likewise of a text, whose blurred letters may look like dots
_ROUND = 1.6  # times as long as across
_ALL = 0.8  # of the ink is in such dots, at least
_EVEN = 1.4  # times as far apart as the nearest tenth: the farthest tenth
_NEAR = 3.0  # times the side of a square as large as a dot: how far apart, at most
_SOFT = 0.55  # times the distance of dots: so far each is spread
_INK = 128  # level: what is darker is ink
_PALE = 24  # levels: ink whose usual level is lighter may be dots that run together
_CORES = 64, 32  # levels: what is darker may be dots that do not


def join_dots(
    clean: np.ndarray, parts: np.ndarray | None = None, alike: float = _LETTER
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
    parts = _darker(clean, _INK) if parts is None else parts
    apart = _distance(parts, alike)
    if apart is None and len(parts) and clean[clean < _INK].mean() > _PALE:
        found = (_distance(_darker(clean, level), alike) for level in _CORES)
        apart = next((distance for distance in found if distance), None)
    if apart is None:
        return None
    spread = 255 - cv2.GaussianBlur(255 - clean, (0, 0), _SOFT * apart)
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
    if not _MANY <= len(parts) <= _MOST:
        return None
    areas = parts[:, AREA]
    usual = float(np.median(areas))
    sides = parts[:, [WIDTH, HEIGHT]]
    dots = (areas > _ALIKE[0] * usual) & (areas < _ALIKE[1] * usual)
    dots &= sides.max(axis=1) <= _ROUND * sides.min(axis=1) + 1
    if areas[dots].sum() < _ALL * areas.sum():
        return None
    small, large = np.quantile(areas[dots], (0.1, 0.9))
    nearest, apart, farthest = np.quantile(_apart(parts[dots]), (0.1, 0.5, 0.9))
    even = 0 < farthest <= _EVEN * nearest and apart <= _NEAR * usual**0.5
    return float(apart) if even and large <= alike * small else None


def _apart(parts):
    """Returns how far the middles of some parts are from the nearest others."""
    middles = parts[:, [LEFT, TOP]] + parts[:, [WIDTH, HEIGHT]] / 2
    some = middles[:: len(middles) // _SOME + 1]
    distances = np.hypot(*np.moveaxis(some[:, None] - middles, -1, 0))
    return np.partition(distances, 1, axis=1)[:, 1]  # after its own, which is 0
