"""Whether a picture is light on dark: its ground, and what differs from that."""

import cv2
import numpy as np

from utils.pictures.sizes import reduced

_COPY_SIDE = 32  # pixels, of the copy that is looked at: the ground varies slowly
_GROUND_TOLERANCE = 0.05  # of a picture's grey range: so near is a border to its ground
_MIN_TOLERANCE = 4  # grey levels: as near it is at any rate
_MIN_CURVED_FIT = 0.8  # of the border: as much is near a curved ground
_MIN_FIT_GAIN = 0.1  # of the border: as much more is near it than near a plane
_MIN_DIFFERENCE = 0.2  # of the range about the ground: so far from it is what differs
_MIN_DIFFERING_SHARE = 0.02  # of the picture
_MIN_EDGE_EXCESS = 0.3  # so much more of strokes than of anything else is edge
_MIN_BORDER_SHARE = 0.1  # of the border: so much of it both parts have
_MIN_BORDER_CHANGES = 4  # from one part to the other, along it: a shadow makes two
_STROKE_COPY_PIXELS = 9_216  # of the copy in which strokes' widths are measured
_MIN_BETWEEN_SHARE = 0.8  # of the variance is between two parts; of more parts, less
_MAX_UNEVENNESS = 0.68  # of the width of strokes, mostly: see `_unevenness`
_BORDER_WEIGHT = 0.56  # what all of the border counts, beside that widths are uneven
_MIN_LIGHT_LEAD = 0.05  # of that sum: light ink is rarer than dark
_TEXT_COPY_PIXELS = 300_000  # of the copy of a text that is looked at
_NEARBY_WIDTH = 6  # times as wide as strokes: what is near by
_MIN_SKEWNESS = 0.3  # with less, the border decides


def is_light_on_dark(gray: np.ndarray) -> bool:
    """Tells whether the ground is the dark part, in a tight crop too.

    Args:
        gray: `uint8` (height, width).
    """
    light = is_light_in_crop(gray)
    return is_border_dark(gray) if light is None else light


def is_border_dark(gray: np.ndarray) -> bool:
    """Tells whether the ground, which owns the picture's border, is the dark part.

    Where as well darker as lighter parts differ from the ground, ink is the one of
    strokes: a lamp that shines on a board, or the board's edge, is none.

    Args:
        gray: `uint8` (height, width).
    """
    shape = _COPY_SIDE, _COPY_SIDE
    small = cv2.resize(gray, shape, interpolation=cv2.INTER_AREA).astype(np.float32)
    level = small - _ground(small)  # a shadow's slope must not pass for ink
    apart = _MIN_DIFFERENCE * np.ptp(level)
    darker, lighter = level < -apart, level > apart
    fewer = min(np.count_nonzero(darker), np.count_nonzero(lighter))
    if fewer > _MIN_DIFFERING_SHARE * level.size:
        thinner = _edge_share(lighter) - _edge_share(darker)
        if abs(thinner) > _MIN_EDGE_EXCESS:
            return bool(thinner > 0)
    return bool(_is_ground_dark(level))


def is_light_text(gray: np.ndarray, width: float) -> bool:
    """Tells whether strokes are lighter than their ground, wherever shadows lie.

    Text is the smaller part of what is around it: grey levels, less their mean near by,
    are skewed to its side. Neither shadows nor frames change that. Of bold letters it
    is not sure, and then what has the border is the ground.

    Args:
        gray: `uint8` (height, width).
        width: of strokes, in pixels: the smaller of `strokes.stroke_widths`.
    """
    small, scale = reduced(gray, _TEXT_COPY_PIXELS)
    small = small.astype(np.float32)
    around = int(_NEARBY_WIDTH * width * scale) | 1
    apart = small - cv2.blur(small, (around, around))
    apart -= apart.mean()
    spread = max(float(np.sqrt((apart**2).mean())), 1e-3)
    skew = float((apart**3).mean()) / spread**3
    return skew > 0 if abs(skew) > _MIN_SKEWNESS else is_light_on_dark(gray)


def _is_ground_dark(level):
    """Tells whether the darker of two parts has the border, or most of all."""
    level = cv2.normalize(level, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    is_dark = _darker(level)
    # Ink is the smaller part; where the border is undecided, the whole decides.
    on_ring = np.count_nonzero(is_dark.ravel()[_BORDER_PLACES]) / len(_BORDER_PLACES)
    return 0.7 * on_ring + 0.3 * np.count_nonzero(is_dark) / is_dark.size > 0.5


def _darker(gray):
    """Returns the mask of the darker of two parts."""
    return gray <= cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0]


def is_light_in_crop(gray: np.ndarray) -> bool | None:
    """Tells which of two parts that share the border is ink, as in a tight crop.

    Strokes are about equally wide everywhere, what is between them is not.

    Args:
        gray: `uint8` (height, width).

    Returns:
        Whether the lighter one is. None where one part has the border, where there are
        more than two, or no strokes.
    """
    small = cv2.resize(gray, (_COPY_SIDE, _COPY_SIDE), interpolation=cv2.INTER_AREA)
    share = np.mean(_darker(small).ravel()[_BORDER_PLACES])
    if not _MIN_BORDER_SHARE < share < 1 - _MIN_BORDER_SHARE:
        return None
    small = reduced(gray, _STROKE_COPY_PIXELS)[0]
    dark = _darker(small)
    around = _border(dark)
    if np.count_nonzero(around != np.roll(around, 1)) < _MIN_BORDER_CHANGES:
        return None
    apart = small[~dark].mean() - small[dark].mean()
    between = dark.mean() * (1 - dark.mean()) * apart**2
    uneven = _unevenness(dark), _unevenness(~dark)
    if between < _MIN_BETWEEN_SHARE * small.var() or min(uneven) > _MAX_UNEVENNESS:
        return None
    lighter = uneven[0] - uneven[1] + _BORDER_WEIGHT * (around.mean() - 0.5)
    return bool(lighter > _MIN_LIGHT_LEAD)


def _border(mask):
    """Returns the border of a mask, all the way round."""
    return np.concatenate([mask[0], mask[1:, -1], mask[-1, -2::-1], mask[-2:0:-1, 0]])


def _unevenness(mask):
    """Returns how uneven the width of a part is: 0.6 for a bar, more for other shapes.

    The distance to the edge is 1.8 times its mean, or less, in nine tenths of a bar.
    """
    inside = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 3)[mask]
    return np.log(np.percentile(inside, 90) / inside.mean())


def _edge_share(mask):
    """Returns which part of a mask is next to what it leaves out."""
    inner = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8))
    return 1 - np.count_nonzero(inner) / np.count_nonzero(mask)


def _ground(small):
    """Fits a plane to the border of a small picture, strokes left aside.

    Where light falls off to the corners, a paraboloid: if it fits nearly all of a
    border that the plane does not. Bars along the border it would fit as well, in part.
    """
    values = small.ravel()[_BORDER_PLACES]
    near = max(_GROUND_TOLERANCE * np.ptp(small), _MIN_TOLERANCE)
    ground, kept = _surface(values, _PLANE_TERMS, near)
    if kept < _MIN_CURVED_FIT - _MIN_FIT_GAIN:
        curved, kept_curved = _surface(values, _PARABOLOID_TERMS, near)
        if kept_curved >= max(_MIN_CURVED_FIT, kept + _MIN_FIT_GAIN):
            ground = curved
    return ground.reshape(small.shape)


def _surface(values, terms, near):
    """Fits a surface to what a border is.

    Args:
        values: `float32` (pixels of the border).
        terms: `_terms`: of a plane or a paraboloid.
        near: grey levels that a pixel may be off.

    Returns:
        (`float64` (pixels), fraction of the border that is near it).
    """
    places, on_ring, fit = terms
    error = np.abs(values - on_ring @ (fit @ values))
    half = len(error) // 2
    median = np.sort(error)[half - 1 : half + 1].mean()  # `np.median` takes thrice that
    keep = error <= median * 2 + 1e-3
    # By the normal equations: of few unknowns, several times as fast as `lstsq`.
    kept = on_ring[keep]
    try:
        weights = np.linalg.solve(kept.T @ kept, kept.T @ values[keep])
    except np.linalg.LinAlgError:  # what was kept of the border is all on one line
        weights = np.linalg.lstsq(kept, values[keep], rcond=None)[0]
    surface = places @ weights
    return surface, np.mean(np.abs(values - surface[_BORDER_PLACES]) < near)


def _terms(*columns):
    """Returns what a surface is a sum of, that on the border, and how it is fitted."""
    places = np.stack([*columns, np.ones(_COPY_SIDE * _COPY_SIDE)], 1)
    return places, places[_BORDER_PLACES], np.linalg.pinv(places[_BORDER_PLACES])


_BORDER_PLACES = np.flatnonzero(
    np.pad(np.zeros((_COPY_SIDE - 2,) * 2, bool), 1, constant_values=True)
)
_Y, _X = np.indices((_COPY_SIDE, _COPY_SIDE)).reshape(2, -1) / (_COPY_SIDE - 1) * 2 - 1
_PLANE_TERMS = _terms(_Y, _X)
_PARABOLOID_TERMS = _terms(_Y, _X, _Y * _Y, _X * _X, _Y * _X)
