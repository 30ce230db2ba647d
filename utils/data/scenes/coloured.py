"""Draws syllables with a colour for each part, as teaching material prints jamo."""

import cv2
import numpy as np

from utils.data.scenes.settings import spread

_PAPER_GREY = 250.0  # grey level of the paper
_SATURATION_RANGE = 0.45, 1.0  # in HSV, of the ink
_VALUE_RANGE = 0.4, 1.0  # in HSV, of the ink: from dark blue to yellow and pink


def coloured_parts(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Prints every connected part of a syllable in a colour of its own, on white.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width', 3), red, green, blue, 0-255.
    """
    ink = spread(ink, rng)
    parts, numbers = cv2.connectedComponents((ink > 0.5).astype(np.uint8))
    # Grey pixels at an edge belong to the part beside them.
    near = cv2.dilate(numbers.astype(np.float32), np.ones((5, 5), np.uint8))
    number = np.where(numbers > 0, numbers, near.astype(int))
    colours = np.stack([_colour(rng) for _ in range(parts)])
    share = ink[..., None]
    return _PAPER_GREY * (1 - share) + colours[number] * share


def _colour(rng):
    """Returns a colour of any hue that is visible on white paper."""
    hue, vivid, bright = (
        rng.uniform(0, 360),
        rng.uniform(*_SATURATION_RANGE),
        rng.uniform(*_VALUE_RANGE),
    )
    cell = np.full((1, 1, 3), (hue, vivid, bright), np.float32)
    return 255 * cv2.cvtColor(cell, cv2.COLOR_HSV2RGB)[0, 0]
