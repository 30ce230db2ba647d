"""Grey pictures -> dark ink on white: polarity, shadows and contrast."""

import cv2
import numpy as np

from utils.cleaning.polarity import is_border_dark, is_light_in_crop

_MIN_CONTRAST = 12  # grey levels between paper and ink: below it there is no ink
_MIN_WHITE_LEVEL = 250  # grey level: a ground so light needs no removing


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
    levels = grey_levels(gray)
    counts = levels.cumsum()
    check_contrast(counts)
    light, ground, is_crop = _ground(gray, counts)
    if light:
        gray, levels = 255 - gray, levels[::-1]
    if ground < _MIN_WHITE_LEVEL:  # white paper leaves nothing to divide by
        gray = _divide_by_paper(gray, is_crop)
        levels = grey_levels(gray)
    return stretch(gray, levels.cumsum())


def grey_levels(gray: np.ndarray) -> np.ndarray:
    """Counts the pixels of each grey level: 256 integers.

    Args:
        gray: `uint8` (height, width).
    """
    return cv2.calcHist([gray], [0], None, [256], [0, 256]).ravel().astype(int)


def check_contrast(counts: np.ndarray) -> None:
    """Raises `NoInkError` where the contrast of a picture is too low for ink.

    Args:
        counts: how many of its pixels have each grey level or a lower one: 256.
    """
    low, high = _level(counts, 0), _level(counts, counts[-1] - 1)
    if high - low < _MIN_CONTRAST:
        raise NoInkError(
            f"The picture holds no ink: its grey levels run from {low} to {high}; "
            "expected a syllable darker or lighter than its ground."
        )


def _level(counts, place):
    """Returns the grey level at a place in the order of grey levels, from 0."""
    return int(np.searchsorted(counts, place, side="right"))


def _ground(gray, counts):
    """Looks at what ink is on.

    Returns:
        (light, ground, is_crop): whether the picture is light on dark; its ground's
        level as on paper; and whether ink has some of the border.
    """
    size = counts[-1]
    middle = (_level(counts, (size - 1) // 2) + _level(counts, size // 2)) / 2
    if middle >= _MIN_WHITE_LEVEL:  # nobody asks
        return False, middle, False
    crop = is_light_in_crop(gray)
    light = is_border_dark(gray) if crop is None else crop
    return light, 255 - middle if light else middle, crop is not None


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


_MARGIN = 12  # pixels on 32 x 32: so far the paper is continued past the border
_BLUR_MATRIX = _blur_matrix(32, 4, _MARGIN)
_PAPER_WINDOW = np.ones((9, 9), np.uint8)  # wider than any stroke, on 32 x 32
_MIN_SHADOW_JUMP = 0.1  # natural logarithm, between two of 32: light falls off less
_MIN_GROUND_LEVEL = 16  # grey level: on darker ground grain alone makes such jumps


def has_shadow_edges(gray: np.ndarray) -> bool:
    """Tells whether the ground of a picture changes at once, as beside a shadow.

    There `remove_paper`, whose paper is smooth, leaves some of the shadow, or takes
    some of the ink.

    Args:
        gray: `uint8` (height, width), dark on light or light on dark.
    """
    light, ground, is_crop = _ground(gray, grey_levels(gray).cumsum())
    if ground >= _MIN_WHITE_LEVEL or is_crop:
        return False
    paper = _small_paper(255 - gray if light else gray)
    paper = paper[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    level = 255.0 - paper if light else paper.astype(float)
    height = np.log(np.maximum(level, _MIN_GROUND_LEVEL))
    jumps = (np.abs(np.diff(height, axis=axis)).max() for axis in (0, 1))
    return bool(max(jumps) > _MIN_SHADOW_JUMP)


def _divide_by_paper(gray, is_crop):
    """Divides by a smooth estimate of the paper, so that paper becomes 255."""
    small = _small_paper(gray, is_crop).astype(np.float32)
    paper = _BLUR_MATRIX @ small @ _BLUR_MATRIX.T
    paper = np.maximum((paper + 2**15) // 2**16, 1).astype(np.uint8)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, paper, scale=255)


def _small_paper(gray, is_crop=False):
    """Returns the paper as a copy of 32 x 32 shows it, and `_MARGIN` past its border.

    It is what a window wider than any stroke finds brightest; its median forgets bright
    specks. The darkest of that puts the edge of a shadow back where it was. Found on a
    small copy: paper varies slowly.
    """
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA)
    wide = _continue_paper(small) if is_crop else _continue(small)
    return cv2.erode(cv2.medianBlur(cv2.dilate(wide, _PAPER_WINDOW), 9), _PAPER_WINDOW)


def _continue(small):
    """Continues a picture past its border as it changes there, no brighter than it is.

    A window that ends at the border finds paper too bright that darkens towards it.
    """
    around = (_MARGIN,) * 4
    edge = cv2.copyMakeBorder(small, *around, cv2.BORDER_REPLICATE).astype(np.int16)
    inner = cv2.copyMakeBorder(small, *around, cv2.BORDER_REFLECT_101)
    return np.clip(2 * edge - inner, 0, small.max()).astype(np.uint8)


def _continue_paper(small):
    """Continues a picture past its border by the paper that is near."""
    around = (_MARGIN,) * 4
    paper = cv2.dilate(small, _PAPER_WINDOW)
    wide = cv2.copyMakeBorder(paper, *around, cv2.BORDER_REPLICATE)
    wide[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = small
    return wide


def stretch(flat: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Stretches grey levels: the paper's bulk to 255, the ink's core to 0.

    Args:
        flat: `uint8` (height, width), dark on light.
        counts: as for `check_contrast`.

    Returns:
        `uint8` (height, width).
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
