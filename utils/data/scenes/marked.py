"""Draws syllables with a red correction mark or a red seal over them."""

import cv2
import numpy as np

from utils.data.scenes.settings import spread
from utils.data.scenes.worn import printed

# Points (x, y) from the middle, in parts of the longer side.
_TICK_POINTS = np.array([[-0.45, 0.0], [-0.15, 0.35], [0.5, -0.5]])
_STROKE_POINTS = np.array([[-0.55, 0.45], [0.55, -0.45]])
_MAX_PEN_COLOUR = 25, 30, 60  # red, green, blue of the writing: from 0 to these
_RED_RANGE = np.array([[195.0, 20.0, 20.0], [240.0, 70.0, 80.0]])  # lowest, highest


def marked_in_red(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Marks a syllable in red by a tick, a stroke, a ring or a seal.

    The red ink covers what is below it, or multiplies with it as transparent inks do.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width', 3), red, green, blue, 0-255.
    """
    ink = spread(ink, rng, 0.2)
    written = printed(
        ink, rng.uniform(0, _MAX_PEN_COLOUR), np.full(3, rng.uniform(225, 250))
    )
    red = rng.uniform(*_RED_RANGE)
    mark = (_drawn, _drawn, _ring, _seal)[rng.integers(4)](ink.shape, rng)[..., None]
    if rng.random() < 0.5:
        return written + (red - written) * mark
    return written * (1 - mark * (1 - red / 255))


def _drawn(shape, rng):
    """Draws a tick or a stroke through the middle: `float32` (height, width), 0-1."""
    points = (_TICK_POINTS, _STROKE_POINTS)[rng.integers(2)] + rng.uniform(
        -0.08, 0.08, 2
    )
    points = points * max(shape) * rng.uniform(0.7, 0.9) + np.array(shape[::-1]) / 2
    mark = np.zeros(shape, np.float32)
    width = _width(shape, rng)
    cv2.polylines(mark, [points.round().astype(np.int32)], False, 1, width, cv2.LINE_AA)
    return mark / mark.max()


def _ring(shape, rng, least=0.3, most=0.48, off=0.05):
    """Draws a ring around the middle, or near it: `float32` (height, width), 0-1."""
    longer = max(shape)
    middle = np.array(shape[::-1]) / 2 + rng.uniform(-off, off, 2) * longer
    axes = rng.uniform(least, most) * longer * rng.uniform(0.9, 1, 2)
    mark = np.zeros(shape, np.float32)
    where = *middle.round().astype(int).tolist(), *axes.round().astype(int).tolist()
    width = _width(shape, rng)
    cv2.ellipse(mark, where[:2], where[2:], 0, 0, 360, 1, width, cv2.LINE_AA)
    return mark / mark.max()


def _seal(shape, rng):
    """Draws a ring with strokes in it, beside the middle: as `_ring`."""
    mark = _ring(shape, rng, 0.22, 0.3, 0.2)
    left, top, width, height = cv2.boundingRect((mark > 0.5).astype(np.uint8))
    for x in left + width * np.array([0.35, 0.65]):
        ends = [(round(x), round(top + height * part)) for part in (0.25, 0.75)]
        cv2.line(mark, *ends, 1, 2, cv2.LINE_AA)
    across = round(top + height / 2)
    ends = [(round(left + width * part), across) for part in (0.25, 0.75)]
    return cv2.line(mark, *ends, 1, 2, cv2.LINE_AA) / mark.max()


def _width(shape, rng):
    return max(1, round(max(shape) * rng.uniform(0.012, 0.03)))
