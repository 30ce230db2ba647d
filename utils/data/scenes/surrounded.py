"""Draws syllables with a hand-drawn ring around them, or in brackets."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width
from utils.data.scenes.settings import spread
from utils.data.scenes.worn import printed

_FRACTION_BITS = 3  # of OpenCV's fixed-point coordinates: eighths of a pixel


def circled_by_hand(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a ring around a syllable with the same pen, near or touching it.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width', 3), red, green, blue, 0-255.
    """
    ink = spread(ink, rng, 0.4)
    left, top, width, height = _box(ink)
    angles = np.linspace(0, 2 * np.pi * rng.uniform(0.98, 1.05), 90) + rng.uniform(0, 6)
    across, down = np.array([width, height]) * rng.uniform(0.62, 0.8)
    ring = np.stack([across * np.cos(angles), down * np.sin(angles)], 1)
    waves = 0.02 * max(width, height) * rng.normal(size=(4, 2))
    for number, wave in enumerate(waves, 1):
        ring += wave * np.sin(number * angles / 2)[:, None]
    _draw(ink, ring + (left + width / 2, top + height / 2))
    return printed(ink)


def in_brackets(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a syllable in round or square brackets.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        As `circled_by_hand`.
    """
    ink = spread(ink, rng, 0.5)
    left, top, width, height = _box(ink)
    high = rng.uniform(1.02, 1.3) * height
    deep, apart = rng.uniform(0.12, 0.2) * high, rng.uniform(0.1, 0.25) * height
    if rng.random() < 0.5:
        turns = np.linspace(-1, 1, 24)
        one = np.stack([deep * turns**2, turns * high / 2], 1)
    else:
        one = np.array([[1, -1], [0, -1], [0, 1], [1, 1]]) * (deep, high / 2)
    middle = top + height / 2
    _draw(ink, one + (left - apart - deep, middle))
    _draw(ink, one * (-1, 1) + (left + width + apart + deep, middle))
    return printed(ink)


def _box(ink):
    """Returns (left, top, width, height) of the ink."""
    return cv2.boundingRect((ink > 0.5).view(np.uint8))


def _draw(ink, points):
    """Draws a line through points (points, 2) as wide as the strokes of the ink."""
    pen = max(1, round(stroke_width((ink > 0.5).view(np.uint8))))
    fine = np.rint(points * 2**_FRACTION_BITS).astype(np.int32)
    cv2.polylines(ink, [fine], False, 1.0, pen, cv2.LINE_AA, _FRACTION_BITS)
