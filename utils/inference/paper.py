"""Grey pictures -> dark ink on white: polarity, shadows and contrast."""

import cv2
import numpy as np

from utils.inference.polarity import is_light_on_dark

_MIN_CONTRAST = 12  # grey levels between paper and ink: below it there is no ink
_WHITE = 250  # grey level: a ground so light needs no removing


class NoInkError(ValueError):
    """A picture was read, and holds nothing that could be a syllable."""


def remove_paper(gray: np.ndarray, light: bool | None = None) -> np.ndarray:
    """Turns a grey picture into dark ink on white, paper and shadow removed.

    Args:
        gray: `uint8` (height, width), dark on light or light on dark.
        light: whether it is light on dark; None finds out.

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
    if light or (light is None and middle < _WHITE and is_light_on_dark(gray)):
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
