"""A picture of text -> dark ink on white: paper, boards and shadows on them removed."""

import cv2
import numpy as np

from utils.cleaning.paper import check_contrast, grey_levels, stretch
from utils.cleaning.strokes import Strokes
from utils.pictures.sizes import resized

_WINDOW_WIDTH = 3  # times as wide as strokes: the ground is seen somewhere in it
_COPY_STROKE_WIDTH = 6  # pixels of a stroke in the copy in which the ground is found
_BLUR_SIGMA = 0.25  # of a stroke's width: so smooth the ground is
_MIN_BOARD_LEVEL = 16  # grey level: what a darker board multiplies is grain
_CHALK_QUANTILE = 0.995  # of a board is darker than its brightest chalk, specks aside


def remove_ground(gray: np.ndarray, strokes: Strokes) -> np.ndarray:
    """Turns a picture of text into dark ink on white.

    As `paper.remove_paper`, which expects one syllable: here the ground is followed
    as closely as strokes allow, to the edges of shadows that cross a line. Letters
    that are laid over a picture are told from it by their own grey level.

    Args:
        gray: `uint8` (height, width).
        strokes: of the text, see `strokes.find_strokes`.

    Returns:
        `uint8` (height, width), the ground at 255, the ink's darkest tenth at 0.

    Raises:
        NoInkError: the contrast is too low for ink.
    """
    check_contrast(grey_levels(gray).cumsum())
    light, width, overlay = strokes
    bright = gray if light else 255 - gray
    if overlay is not None and overlay.has_rim:  # that hides the ground of the letters
        return overlay.letters(bright)
    if light:
        flat = _chalk(gray, 255 - _paper(255 - gray, width))
    else:
        flat = cv2.divide(gray, np.maximum(_paper(gray, width), 1), scale=255)
    clean = stretch(flat, grey_levels(flat).cumsum())
    # Of a board, letters may lie in shadow; of a picture, on bright parts.
    return clean if overlay is None else np.minimum(clean, overlay.letters(bright))


def _paper(gray, width):
    """Estimates the paper below dark strokes: `uint8` (height, width).

    What a window wider than strokes finds brightest; the median of that forgets bright
    specks, and the darkest of it puts edges of shadows back where they were.
    """
    scale = min(1, _COPY_STROKE_WIDTH / width)
    small = resized(gray, scale)
    side = max(3, int(_WINDOW_WIDTH * width * scale) | 1)
    window, around = np.ones((side, side), np.uint8), (side,) * 4
    wide = cv2.copyMakeBorder(small, *around, cv2.BORDER_REPLICATE)
    paper = cv2.erode(cv2.medianBlur(cv2.dilate(wide, window), 5), window)
    paper = cv2.GaussianBlur(paper, (0, 0), max(0.5, _BLUR_SIGMA * width * scale))
    paper = paper[side:-side, side:-side]
    return cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _chalk(gray, board):
    """Returns how much brighter than its board each pixel is, dark on white.

    Light multiplies both: their difference, in parts of the board, is alike in shadow.
    """
    brighter = (gray.astype(np.float32) - board) / np.maximum(board, _MIN_BOARD_LEVEL)
    full = max(float(np.quantile(brighter, _CHALK_QUANTILE)), 1 / 255)
    return (255 * (1 - np.clip(brighter / full, 0, 1))).astype(np.uint8)
