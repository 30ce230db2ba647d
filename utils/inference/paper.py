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
    counts = _levels(gray).cumsum()
    low, high = _level(counts, 0), _level(counts, gray.size - 1)
    if high - low < _MIN_CONTRAST:
        raise NoInkError(
            f"The picture holds no ink: its grey levels run from {low} to {high}; "
            "expected a syllable darker or lighter than its ground."
        )
    middle = (_level(counts, (gray.size - 1) // 2) + _level(counts, gray.size // 2)) / 2
    if _is_light_on_dark(gray, middle):
        gray, middle = 255 - gray, 255 - middle
    # White paper leaves nothing to divide by.
    return _stretch(gray if middle >= _WHITE else _divide_by_paper(gray))


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
    return 0.7 * is_dark[_RING].mean() + 0.3 * is_dark.mean() > 0.5


def _plane(small):
    """Fits a plane to the border of a 32 x 32 picture, strokes left aside."""
    values = small[_RING]
    plane = _least_squares(_RING_PLACES, values)
    error = np.abs(values - _RING_PLACES @ plane)
    keep = error <= np.median(error) * 2 + 1e-3
    plane = _least_squares(_RING_PLACES[keep], values[keep])
    return (_PLACES @ plane).reshape(small.shape)


def _least_squares(places, values):
    # By the normal equations: of three unknowns, several times as fast as `lstsq`.
    return np.linalg.solve(places.T @ places, places.T @ values)


_PLACES = np.stack([*np.indices((32, 32)).reshape(2, -1), np.ones(32 * 32)], 1)
_RING = np.pad(np.zeros((30, 30), bool), 1, constant_values=True)
_RING_PLACES = _PLACES[_RING.ravel()]


def _divide_by_paper(gray):
    """Divides by a smooth estimate of the paper, so that paper becomes 255."""
    # The paper is what a window wider than any stroke finds brightest; its median
    # forgets bright specks. Found on a small copy: paper varies slowly.
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(small, np.ones((9, 9), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 9), (0, 0), 4)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(paper, 1), scale=255)


def _stretch(flat):
    """Stretches grey levels: the paper's bulk to 255, the ink's core to 0."""
    threshold, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_OTSU)
    counts = _levels(flat).cumsum()
    num_ink = counts[int(threshold)]
    ink = int(np.searchsorted(counts, 0.3 * num_ink))
    rest = counts[-1] - num_ink
    # A tenth of the paper may be darker than the level set to white: grain.
    paper = int(np.searchsorted(counts, num_ink + 0.25 * rest))
    if paper - ink < _MIN_CONTRAST:
        paper = min(255, ink + _MIN_CONTRAST)
    table = (np.arange(256) - ink) * (255.0 / (paper - ink))
    return cv2.LUT(flat, np.clip(table, 0, 255).astype(np.uint8))
