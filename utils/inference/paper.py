"""Grey pictures -> dark ink on white: polarity, shadows and contrast."""

import cv2
import numpy as np

_MIN_CONTRAST = 12  # grey levels between paper and ink: below it there is no ink
_WHITE = 250  # grey level: a ground so light needs no removing
_SMOOTH = 0.05  # of a picture's range of grey levels: so near is a border to its ground
_LEVELS_OFF = 4  # grey levels: as near it is at any rate
_NEARLY_ALL = 0.8  # of the border
_CLEARLY = 0.1  # of the border: as much more a better fit has


class NoInkError(ValueError):
    """A picture was read, and holds nothing that could be a syllable."""


def remove_paper(gray: np.ndarray) -> np.ndarray:
    """Turns a grey picture into dark ink on white, paper and shadow removed.

    Args:
        gray: `uint8` (height, width), dark on light or light on dark.

    Returns:
        `uint8` (height, width), paper at 255, the ink's darkest tenth at 0.

    Raises:
        NoInkError: the contrast is too low for ink.
    """
    levels = _levels(gray)
    counts = levels.cumsum()
    low, high = _level(counts, 0), _level(counts, gray.size - 1)
    if high - low < _MIN_CONTRAST:
        raise NoInkError(
            f"The picture holds no ink: its grey levels run from {low} to {high}; "
            "expected a syllable darker or lighter than its ground."
        )
    middle = (_level(counts, (gray.size - 1) // 2) + _level(counts, gray.size // 2)) / 2
    if _is_light_on_dark(gray, middle):
        gray, middle, levels = 255 - gray, 255 - middle, levels[::-1]
    if middle < _WHITE:  # white paper leaves nothing to divide by
        gray = _divide_by_paper(gray)
        levels = _levels(gray)
    return _stretch(gray, levels.cumsum())


def _levels(gray):
    """Counts the pixels of each grey level: 256 integers."""
    return cv2.calcHist([gray], [0], None, [256], [0, 256]).ravel().astype(int)


def _level(counts, place):
    """Returns the grey level at a place in the order of grey levels, from 0."""
    return int(np.searchsorted(counts, place, side="right"))


def _is_light_on_dark(gray, middle):
    """Tells whether the ground, which owns the picture's border, is the dark part."""
    if middle >= _WHITE:
        return False
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    level = small - _ground(small)  # a shadow's slope must not pass for ink
    level = cv2.normalize(level, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    threshold, _ = cv2.threshold(level, 0, 255, cv2.THRESH_OTSU)
    is_dark = level <= threshold
    # Ink is the smaller part; where the border is undecided, the whole decides.
    on_ring = np.count_nonzero(is_dark.ravel()[_RING]) / len(_RING)
    return 0.7 * on_ring + 0.3 * np.count_nonzero(is_dark) / is_dark.size > 0.5


def _ground(small):
    """Fits a plane to the border of a 32 x 32 picture, strokes left aside.

    Where light falls off to the corners, a paraboloid: if it fits nearly all of a
    border that the plane does not. Bars along the border it would fit as well, in part.
    """
    values = small.ravel()[_RING]
    near = max(_SMOOTH * np.ptp(small), _LEVELS_OFF)
    ground, kept = _surface(values, _FLAT, near)
    if kept < _NEARLY_ALL - _CLEARLY:
        curved, kept_curved = _surface(values, _CURVED, near)
        if kept_curved >= max(_NEARLY_ALL, kept + _CLEARLY):
            ground = curved
    return ground.reshape(small.shape)


def _surface(values, terms, near):
    """Fits a surface to what a border is.

    Args:
        values: `float32` (pixels of the border).
        terms: `_terms`: of a plane or a paraboloid.
        near: grey levels that a pixel may be off.

    Returns:
        (`float32` (1024), fraction of the border that is near it).
    """
    places, on_ring, fit = terms
    error = np.abs(values - on_ring @ (fit @ values))
    half = len(error) // 2
    median = np.sort(error)[half - 1 : half + 1].mean()  # `np.median` takes thrice that
    keep = error <= median * 2 + 1e-3
    # By the normal equations: of few unknowns, several times as fast as `lstsq`.
    kept = on_ring[keep]
    surface = places @ np.linalg.solve(kept.T @ kept, kept.T @ values[keep])
    return surface, np.mean(np.abs(values - surface[_RING]) < near)


def _blur_matrix(side, sigma, past):
    """Returns the matrix that blurs columns `past` longer at either end, 256 times.

    Two products with it give what `cv2.GaussianBlur` gives of 8 bits, to the last bit
    and in a tenth of the time: its kernel of whole 256ths, the rest of each rounding
    carried to the next, mirrored at the border about the outermost pixel. The sums stay
    below 2 ** 24: in `float32` they are exact.

    Returns:
        `float32` (side, side + 2 past).
    """
    reach = 3 * sigma
    smooth = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    # Each is what the sum up to it, rounded, has more than the one before.
    half = np.diff(np.rint(256 * (smooth / smooth.sum())[:reach].cumsum()), prepend=0)
    kernel = np.concatenate([half, [256 - 2 * half.sum()], half[::-1]])
    places = np.pad(np.arange(side + 2 * past), reach, mode="reflect")
    matrix = np.zeros((side, side + 2 * past), np.float32)
    for row in range(side):
        np.add.at(matrix[row], places[row + past :][: len(kernel)], kernel)
    return matrix


def _terms(*columns):
    """Returns what a surface is a sum of, that on the border, and how it is fitted."""
    places = np.stack([*columns, np.ones(32 * 32)], 1)
    return places, places[_RING], np.linalg.pinv(places[_RING])


_RING = np.flatnonzero(np.pad(np.zeros((30, 30), bool), 1, constant_values=True))
_Y, _X = np.indices((32, 32)).reshape(2, -1) / 15.5 - 1
_FLAT = _terms(_Y, _X)
_CURVED = _terms(_Y, _X, _Y * _Y, _X * _X, _Y * _X)
_PAST = 12  # of 32 pixels: as far as the paper is continued past the border
_BLUR = _blur_matrix(32, 4, _PAST)
_WINDOW = np.ones((9, 9), np.uint8)  # wider than any stroke, on 32 x 32


def _divide_by_paper(gray):
    """Divides by a smooth estimate of the paper, so that paper becomes 255."""
    # The paper is what a window wider than any stroke finds brightest; its median
    # forgets bright specks. The darkest of that puts the edge of a shadow back where
    # it was. Found on a small copy: paper varies slowly.
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA)
    wide = _continue(small)
    paper = cv2.erode(cv2.medianBlur(cv2.dilate(wide, _WINDOW), 9), _WINDOW)
    paper = _BLUR @ paper.astype(np.float32) @ _BLUR.T
    paper = np.maximum((paper + 2**15) // 2**16, 1).astype(np.uint8)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, paper, scale=255)


def _continue(small):
    """Continues a picture past its border as it changes there, no brighter than it is.

    A window that ends at the border finds paper too bright that darkens towards it.
    """
    around = (_PAST,) * 4
    edge = cv2.copyMakeBorder(small, *around, cv2.BORDER_REPLICATE).astype(np.int16)
    inner = cv2.copyMakeBorder(small, *around, cv2.BORDER_REFLECT_101)
    return np.clip(2 * edge - inner, 0, small.max()).astype(np.uint8)


def _stretch(flat, counts):
    """Stretches grey levels: the paper's bulk to 255, the ink's core to 0.

    Args:
        flat: `uint8` (height, width), dark on light.
        counts: how many of its pixels have each grey level or a lower one: 256.
    """
    threshold, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_OTSU)
    num_ink = counts[int(threshold)]
    ink = int(np.searchsorted(counts, 0.3 * num_ink))
    rest = counts[-1] - num_ink
    # A tenth of the paper may be darker than the level set to white: grain.
    paper = int(np.searchsorted(counts, num_ink + 0.25 * rest))
    if paper - ink < _MIN_CONTRAST:
        paper = min(255, ink + _MIN_CONTRAST)
    table = (np.arange(256) - ink) * (255.0 / (paper - ink))
    return cv2.LUT(flat, np.clip(table, 0, 255).astype(np.uint8))
