"""Adds strokes of neighbouring syllables, as a crop from a line contains them."""

import cv2
import numpy as np

NEIGHBOUR_PROBABILITY = 0.4  # that a neighbour stands near by
SECOND_PROBABILITY = 0.3  # of those, that there is a second one, on any side


def surround(image, box, neighbour, rng):
    """Adds one or two neighbours to a share of the pictures.

    Args:
        image: `uint8` (height, width), dark on white.
        box: (left, top, width, height) of the syllable's ink.
        neighbour: another clean picture, whose strokes may be added; None adds none.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width).
    """
    if neighbour is None or rng.random() >= NEIGHBOUR_PROBABILITY:
        return image
    image = intrude(image, box, _other(image, neighbour, rng), rng)
    if rng.random() < SECOND_PROBABILITY:
        image = intrude(image, box, _other(image, neighbour, rng), rng)
    return image


def _other(image, neighbour, rng):
    """Returns the neighbour: the picture itself, in the same hand, or the other."""
    return image if rng.random() < 0.5 else neighbour


def intrude(image, box, other, rng):
    """Adds a neighbour close to one side of a syllable, or slightly over it.

    Args:
        image: `uint8` (height, width), dark on white.
        box: (left, top, width, height) of the syllable's ink.
        other: the neighbour's picture, of any size.
        rng: `numpy.random.Generator`.
    """
    left, top, width, height = box
    x, y, wide, high = ink_bounds(other)
    if not width or not wide:
        return image
    side = max(width, height)
    scale = side / max(wide, high) * rng.uniform(0.8, 1.2)
    gap, slide = rng.uniform(-0.05, 0.16) * side, rng.uniform(-0.15, 0.15) * side
    if rng.random() < 0.75:  # left or right, as in a line
        before = left - gap - scale * wide
        at_x = before if rng.random() < 0.5 else left + width + gap
        at_y = top + (height - scale * high) / 2 + slide
    else:
        before = top - gap - scale * high
        at_y = before if rng.random() < 0.5 else top + height + gap
        at_x = left + (width - scale * wide) / 2 + slide
    matrix = np.float32([[scale, 0, at_x - scale * x], [0, scale, at_y - scale * y]])
    shape = image.shape[::-1]
    return np.minimum(image, cv2.warpAffine(other, matrix, shape, borderValue=255))


def ink_bounds(image):
    """Returns (left, top, width, height) of the ink in pixels, width 0 without any.

    Args:
        image: `uint8` (height, width), dark on white.
    """
    return cv2.boundingRect((image < 128).astype(np.uint8))
