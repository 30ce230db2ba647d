"""Writing that shadows cross, or stripes, or patches of two shades."""

import cv2
import numpy as np

from utils.cleaning.cuts import border_of
from utils.cleaning.ink import stroke_width
from utils.cleaning.paper import grey_levels
from utils.cleaning.thresholds import three_parts

_MAX_INK_SHARE = 0.5  # of the picture is ink
_MIN_STEP = 0.3  # of the way from ink to the lighter shade: as far the darker one is
_BESIDE_RANGE = 0.06, 0.94  # of what is beside ink is of the darker shade
_WIDE = 1.5  # times a stroke's width: what is as wide is no stroke
_BORDER_RANGE = 0.04, 0.9  # of the picture's border is of the darker shade: it goes on
_MIN_BORDER_RANGE = 16  # grey levels of it: less is one shade
_MAX_SOFTNESS = 0.3  # times a stroke's width: a third of the way between the shades
_MAX_WIDTH = 0.14  # of the picture's shorter side: no stroke is wider
_MIN_LEFT_STEP = 0.15  # of the way from the darker shade to ink: what is as dark is ink
_MAX_LEFT_SHARE = 0.06  # of the ink: so much of it is overlooked at most
_EDGE = 0.35  # times a stroke's width: its soft edge, and one pixel more
_GROUND_QUANTILE = 0.02  # of the ground is darker than what becomes white
_INK_QUANTILE = 0.5  # of the ink is darker than what becomes black


def without_shades(gray: np.ndarray, small: np.ndarray) -> np.ndarray | None:
    """Takes the ground away where it has two shades, and the ink lies on both.

    Such are shadows with edges, the light through blinds and leaves, walls of two
    colours. The ink is darker than both shades, or lighter than both.

    Args:
        gray: `uint8` (height, width).
        small: likewise, the same picture at work size.

    Returns:
        `uint8` (height, width), dark ink on white; None where the ground is of one
        shade, or of many.
    """
    if np.ptp(border_of(small)) < _MIN_BORDER_RANGE:
        return None
    levels = grey_levels(small)
    bounds = three_parts(levels)
    if bounds is None:
        return None
    dark = _ink_on_shades(small, levels, bounds)
    light = _ink_on_shades(
        255 - small, levels[::-1], tuple(256 - b for b in bounds)[::-1]
    )
    if dark is None and light is None:
        return None
    # Ink is what ends at the picture's border less.
    if light is None or (dark is not None and dark[0] <= light[0]):
        return cv2.LUT(gray, dark[1])
    return cv2.LUT(255 - gray, light[1])


def _ink_on_shades(small, counts, bounds):
    """Finds ink that is darker than the two shades that it lies on.

    Args:
        small: `uint8` (height, width).
        counts: of its grey levels.
        bounds: as `three_parts` gives them.

    Returns:
        (ink's part of the picture's border in parts of its part of the picture, `uint8`
        (256,): what becomes of each grey level); None where there is none.
    """
    if not _are_ink_and_ground(counts, bounds):
        return None
    ink, dark = (small < bounds[0]).view(np.uint8), small < bounds[1]
    shade = (dark > ink).view(np.uint8)
    width = stroke_width(ink)
    if width > _MAX_WIDTH * min(small.shape):
        return None
    near = cv2.dilate(ink, _window(_EDGE * width))
    if not (_lies_on_both(ink, shade, width) and _goes_on(shade, width)):
        return None
    if _softness(small, shade, near) > _MAX_SOFTNESS * width:
        return None  # the ground is better followed
    if _leaves_ink(small, ink, shade, near):
        return None
    white = np.quantile(small[near == 0], _GROUND_QUANTILE)
    black = np.quantile(small[ink > 0], _INK_QUANTILE)
    table = (np.arange(256) - black) * (255 / max(1, white - black))
    return border_of(ink).mean() / ink.mean(), np.clip(table, 0, 255).astype(np.uint8)


def _are_ink_and_ground(counts, bounds):
    """Tells whether ink is the smaller part, and no shade nearly as dark as it.

    Args:
        counts: of grey levels.
        bounds: of ink, of its darker ground and of its lighter one.
    """
    parts = np.split(np.arange(256), bounds)
    sizes = [counts[part].sum() for part in parts]
    ink, dark, light = (
        counts[part] @ part / max(1, size)
        for part, size in zip(parts, sizes, strict=True)
    )
    is_step = dark - ink > _MIN_STEP * (light - ink)
    return is_step and sizes[0] < _MAX_INK_SHARE * sum(sizes)


def _lies_on_both(ink, shade, width):
    """Tells whether both shades are beside ink.

    Args:
        ink: `uint8` (height, width), 1 on ink.
        shade: likewise, on the darker shade.
        width: of strokes, in pixels.
    """
    edge = _EDGE * width
    beside = cv2.dilate(ink, _window(edge + 2)) - cv2.dilate(ink, _window(edge))
    count = cv2.countNonZero(beside)
    share = cv2.countNonZero(beside & shade) / max(1, count)
    return _BESIDE_RANGE[0] < share < _BESIDE_RANGE[1]


def _goes_on(shade, width):
    """Tells whether the darker shade goes on past the picture's border, not all round.

    Thick grey writing that thin black lines cross does not.

    Args:
        shade: `uint8` (height, width), 1 on the darker shade.
        width: of strokes, in pixels.
    """
    wide = cv2.morphologyEx(shade, cv2.MORPH_OPEN, _window(_WIDE * width / 2))
    return _BORDER_RANGE[0] < border_of(wide).mean() < _BORDER_RANGE[1]


def _leaves_ink(small, ink, shade, near):
    """Tells whether there are strokes between ink and the darker shade, as in a shadow.

    Light strokes that a shadow makes nearly as dark as their board are such.

    Args:
        small: `uint8` (height, width).
        ink: likewise, 1 on ink.
        shade: likewise, on the darker shade.
        near: likewise, on ink and beside it.
    """
    far = near == 0
    black, dark = np.median(small[ink > 0]), np.median(small[far & (shade > 0)])
    between = (small < dark - _MIN_LEFT_STEP * (dark - black)) & far
    return between.sum() > _MAX_LEFT_SHARE * cv2.countNonZero(ink)


def _softness(small, shade, near):
    """Measures how wide the edges between the shades are.

    Args:
        small: `uint8` (height, width).
        shade: likewise, 1 on the darker shade.
        near: likewise, 1 on ink and beside it.

    Returns:
        Pixels in which the middle third of the way between the shades lies.
    """
    far = near == 0
    ends = [np.median(small[far & (shade == each)]) for each in (1, 0)]
    low, high = np.interp([1 / 3, 2 / 3], [0, 1], ends)
    between = (low < small) & (small < high) & far
    sides = cv2.medianBlur((small < np.mean(ends)).astype(np.uint8), 5)
    edges = cv2.morphologyEx(sides, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    return between.sum() / max(1, cv2.countNonZero(edges & far.view(np.uint8)))


def _window(reach):
    """Returns the window that reaches so many pixels to each side: a square of ones."""
    return np.ones((2 * round(reach) + 1,) * 2, np.uint8)
