"""Ink that is not wanted -> the paper, or the writing, that it lies on."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width
from utils.pictures.sizes import reduced

_COPY_PIXELS = 640 * 640  # of the copy in which it is painted over
_EDGE_WIDTH = 1  # pixels of the copy in which writing was found: an ink's soft edge


def paint_over(light: np.ndarray, marks: np.ndarray, writing: np.ndarray) -> np.ndarray:
    """Paints over marks what is around them: writing where it goes on, or paper.

    Args:
        light: `uint8` (height, width), dark writing on paper.
        marks: `bool` (height, width), where marks are, on writing too.
        writing: `uint8`, 1 on writing, of a copy that may be smaller.

    Returns:
        `uint8` (height, width).
    """
    # Windows as wide as marks take long in a large picture: a copy tells what goes.
    copy, marks = (
        reduced(each, _COPY_PIXELS)[0] for each in (light, 255 * marks.view("u1"))
    )
    there = cv2.resize(writing, copy.shape[::-1], interpolation=cv2.INTER_NEAREST)
    marks = cv2.bitwise_and((marks > 127).view(np.uint8), 1 - there)
    clean = _painted(copy, marks, there, len(copy) / len(writing))
    whole, changed = light.shape[::-1], (clean != copy).view(np.uint8)
    changed = cv2.resize(changed, whole, interpolation=cv2.INTER_NEAREST)
    return np.where(changed > 0, cv2.resize(clean, whole), light)


def _painted(light, marks, writing, scale):
    """Paints over marks.

    Args:
        light: `uint8` (height, width).
        marks: likewise, 1 on marks that are not on writing.
        writing: likewise, 1 on writing.
        scale: how many pixels one was where that was found.
    """
    edge = 2 * round(_EDGE_WIDTH * scale) + 1
    gone = cv2.dilate(marks, np.ones((edge, edge), np.uint8)) & (1 - writing)
    width = round(stroke_width(marks)) + edge
    around = np.ones((2 * width + 1,) * 2, np.uint8)
    # Writing goes on below marks that have it on both sides.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    below = cv2.morphologyEx(writing, cv2.MORPH_CLOSE, disc) & marks
    paper = cv2.morphologyEx(light, cv2.MORPH_CLOSE, around)
    return np.where(
        below > 0, cv2.erode(light, around), np.where(gone > 0, paper, light)
    )
