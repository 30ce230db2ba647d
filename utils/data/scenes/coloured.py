"""Syllables whose parts have a colour each, as those who teach jamo print them."""

import cv2
import numpy as np

from utils.data.scenes.settings import spread

_WHITE = 250.0  # grey level of the paper
_VIVID = 0.45, 1.0  # saturation of a colour
_BRIGHT = 0.4, 1.0  # its value: yellow and pink, and dark blue


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
    # Soft edges are a near part's.
    near = cv2.dilate(numbers.astype(np.float32), np.ones((5, 5), np.uint8))
    number = np.where(numbers > 0, numbers, near.astype(int))
    colours = np.stack([_colour(rng) for _ in range(parts)])
    share = ink[..., None]
    return _WHITE * (1 - share) + colours[number] * share


def _colour(rng):
    """Returns a colour of any hue that white paper shows."""
    hue, vivid, bright = (
        rng.uniform(0, 360),
        rng.uniform(*_VIVID),
        rng.uniform(*_BRIGHT),
    )
    cell = np.full((1, 1, 3), (hue, vivid, bright), np.float32)
    return 255 * cv2.cvtColor(cell, cv2.COLOR_HSV2RGB)[0, 0]
