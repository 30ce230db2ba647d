"""Text on boards of lamps, or printed by needles -> text in strokes."""

import cv2
import numpy as np

from utils.inference.dots import join_dots
from utils.inference.paper import NoInkError, remove_paper

_PIXELS = 2_000_000  # of a picture: in larger ones nothing is looked for


def join_lamps(gray: np.ndarray) -> np.ndarray:
    """Joins the dots of a text to strokes, where it is of dots.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height, width), dark on white; the same picture where it is of strokes.
    """
    if gray.size > _PIXELS:
        return gray
    try:
        clean = remove_paper(gray)
    except NoInkError:
        return gray
    ink = (clean < 128).view(np.uint8)
    joined = join_dots(clean, cv2.connectedComponentsWithStats(ink)[2][1:])
    return gray if joined is None else joined
