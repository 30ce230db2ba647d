"""Text on boards of lamps, or printed by needles -> text in strokes."""

import numpy as np

from utils.cleaning.dots import TEXT_AREA_RATIO, join_dots
from utils.cleaning.paper import NoInkError, remove_paper

_PIXELS = 2_000_000  # of a picture: in larger ones nothing is looked for


def join_lamps(gray: np.ndarray) -> np.ndarray:
    """Joins the dots of a text to strokes, where it is of dots and not very large.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height, width), dark on white; the same picture where it is of strokes,
        holds no ink, or has more than 2 million pixels.
    """
    if gray.size > _PIXELS:
        return gray
    try:
        clean = remove_paper(gray)
    except NoInkError:
        return gray
    joined = join_dots(clean, alike=TEXT_AREA_RATIO)
    return gray if joined is None else joined
