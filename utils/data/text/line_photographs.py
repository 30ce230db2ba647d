"""Clean lines of text -> photographs of them: ruled, tilted, lit, blurred."""

import cv2
import numpy as np

from utils.data.scenes.camera import compress
from utils.data.scenes.lighting import ink_cover, paper_light
from utils.pictures.geometry import transform, turn


def photograph_line(ink, ends, size, rng):
    """Rules, tilts, lights and blurs a line of text.

    Args:
        ink: `uint8` (height, width), 0 paper to 255 ink.
        ends: `float64` (characters, 4), two points of each, x and y in pixels.
        size: pixels an em.
        rng: `numpy.random.Generator`.

    Returns:
        (picture, ends): `uint8` (height', width'), and where the points are in it.
    """
    if rng.random() < 0.15:
        ink = _ruled(ink, size, rng)
    if rng.random() < 0.35:
        ink, matrix = turn(ink, rng.uniform(-5, 5))
        ends = transform(matrix, ends.reshape(-1, 2)).reshape(ends.shape)
    cover = ink_cover(255 - ink, rng)
    paper = rng.uniform(130, 255)
    level = paper * rng.uniform(0, 0.6)
    picture = (paper - (paper - level) * cover) * paper_light(ink.shape, rng)
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, size / 45))
    picture += rng.normal(0, rng.uniform(0, 6), picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        picture = compress(picture, rng)
    return (255 - picture if rng.random() < 0.1 else picture), ends


def _ruled(ink, size, rng):
    """Draws a line of a notebook below the text."""
    ink = ink.copy()
    bottom = np.flatnonzero(ink.any(axis=1))[-1]
    y = round(min(bottom + rng.uniform(0.02, 0.12) * size, len(ink) - 2))
    slope = round(rng.normal(0, 0.004) * ink.shape[1])
    thick = max(1, round(size / rng.uniform(25, 60)))
    cv2.line(ink, (0, y), (ink.shape[1], y + slope), rng.uniform(80, 255), thick)
    return ink
