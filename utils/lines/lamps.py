"""Joins text made of dots, on LED boards or from dot-matrix printers, to strokes."""

import numpy as np

from utils.cleaning.dots import TEXT_AREA_RATIO, join_dots
from utils.cleaning.paper import NoInkError, remove_paper

_MAX_PIXELS = 2_000_000  # of a picture: larger ones are left alone, to save time


def join_lamps(gray: np.ndarray) -> np.ndarray:
    """Joins the dots of dotted text to strokes, in pictures that are not very large.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height, width), dark on white; the same picture where the text is not
        dotted, it holds no ink, or it has more than 2 million pixels.
    """
    if gray.size > _MAX_PIXELS:
        return gray
    try:
        clean = remove_paper(gray)
    except NoInkError:
        return gray
    joined = join_dots(clean, alike=TEXT_AREA_RATIO)
    return gray if joined is None else joined
