"""Grey pictures -> dark ink on white: polarity, shadows and contrast."""

import cv2
import numpy as np

_MIN_CONTRAST = 12  # grey levels between paper and ink: below it there is no ink
_WHITE = 250  # grey level: a ground so light needs no removing


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
    level = small - _plane(small)  # a shadow's slope must not pass for ink
    level = cv2.normalize(level, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    threshold, _ = cv2.threshold(level, 0, 255, cv2.THRESH_OTSU)
    is_dark = level <= threshold
    # Ink is the smaller part; where the border is undecided, the whole decides.
    on_ring = np.count_nonzero(is_dark.ravel()[_RING]) / len(_RING)
    return 0.7 * on_ring + 0.3 * np.count_nonzero(is_dark) / is_dark.size > 0.5


def _plane(small):
    """Fits a plane to the border of a 32 x 32 picture, strokes left aside."""
    values = small.ravel()[_RING]
    error = np.abs(values - _RING_PLACES @ (_RING_FIT @ values))
    half = len(error) // 2
    median = np.sort(error)[half - 1 : half + 1].mean()  # `np.median` takes thrice that
    keep = error <= median * 2 + 1e-3
    # By the normal equations: of three unknowns, several times as fast as `lstsq`.
    places = _RING_PLACES[keep]
    plane = np.linalg.solve(places.T @ places, places.T @ values[keep])
    return (_PLACES @ plane).reshape(small.shape)


def _blur_matrix(side, sigma):
    """Returns the matrix that blurs the columns of a square, 256 times too bright.

    Two products with it give what `cv2.GaussianBlur` gives of 8 bits, to the last bit
    and in a tenth of the time: its kernel of whole 256ths, the rest of each rounding
    carried to the next, mirrored at the border about the outermost pixel. The sums stay
    below 2 ** 24: in `float32` they are exact.
    """
    reach = 3 * sigma
    smooth = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    # Each is what the sum up to it, rounded, has more than the one before.
    half = np.diff(np.rint(256 * (smooth / smooth.sum())[:reach].cumsum()), prepend=0)
    kernel = np.concatenate([half, [256 - 2 * half.sum()], half[::-1]])
    places = np.pad(np.arange(side), reach, mode="reflect")
    matrix = np.zeros((side, side), np.float32)
    for row in range(side):
        np.add.at(matrix[row], places[row : row + len(kernel)], kernel)
    return matrix


_PLACES = np.stack([*np.indices((32, 32)).reshape(2, -1), np.ones(32 * 32)], 1)
_RING = np.flatnonzero(np.pad(np.zeros((30, 30), bool), 1, constant_values=True))
_RING_PLACES = _PLACES[_RING]
_RING_FIT = np.linalg.pinv(_RING_PLACES)  # values on the border -> their plane
_BLUR = _blur_matrix(32, 4)
_WINDOW = np.ones((9, 9), np.uint8)  # wider than any stroke, on 32 x 32


def _divide_by_paper(gray):
    """Divides by a smooth estimate of the paper, so that paper becomes 255."""
    # The paper is what a window wider than any stroke finds brightest; its median
    # forgets bright specks. The darkest of that puts the edge of a shadow back where
    # it was. Found on a small copy: paper varies slowly.
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA)
    paper = cv2.erode(cv2.medianBlur(cv2.dilate(small, _WINDOW), 9), _WINDOW)
    paper = _BLUR @ paper.astype(np.float32) @ _BLUR.T
    paper = np.maximum((paper + 2**15) // 2**16, 1).astype(np.uint8)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, paper, scale=255)


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
