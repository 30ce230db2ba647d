"""Changes strokes as signs, stamps and worn print do: outlines, holes, dots."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width

_MIN_OUTLINE_WIDTH = 7  # pixels: wider strokes have room for an outline inside


def hollow(image, rng):
    """Keeps only the outlines of the strokes, as in hollow or outlined letters.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width).
    """
    size = int(rng.choice([3, 3, 5, 5, 7]))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    width = stroke_width((image < 128).astype(np.uint8))
    if width >= _MIN_OUTLINE_WIDTH and rng.random() < 0.5:
        return 255 - cv2.subtract(255 - image, 255 - cv2.dilate(image, kernel))
    if width < 3:  # a hole needs room
        image = cv2.erode(image, np.ones((2, 2), np.uint8))
    return 255 - cv2.subtract(255 - cv2.erode(image, kernel), 255 - image)


def wear(image, rng):
    """Wears the strokes or their background: holes, dots, scratches or dust.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width).
    """
    kind = rng.choice([_holes, _dots, _scratches, _dust])
    return kind(image, rng)


def _holes(image, rng):
    """Leaves holes where a stamp prints no ink."""
    noise = rng.random(image.shape).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.6, 1.6))
    bare = noise < np.quantile(noise, rng.uniform(0.05, 0.3))
    return np.where(bare, 255, image).astype(np.uint8)


def _dots(image, rng):
    """Prints the strokes in dots, as a halftone does."""
    period, turn = rng.uniform(2.5, 5), rng.uniform(0, np.pi / 2)
    rows, columns = np.indices(image.shape)
    one = np.sin((columns * np.cos(turn) + rows * np.sin(turn)) * 2 * np.pi / period)
    two = np.sin((rows * np.cos(turn) - columns * np.sin(turn)) * 2 * np.pi / period)
    bare = one * two < rng.uniform(-0.4, 0)
    return np.where(bare, 255, image).astype(np.uint8)


def _scratches(image, rng):
    """Scratches thin straight lines out of the ink."""
    image = image.copy()
    for _ in range(rng.integers(1, 4)):
        cv2.line(image, *_two_places(image, rng), 255, 1, cv2.LINE_AA)
    return image


def _dust(image, rng):
    """Adds specks to background and ink that are smaller than the stroke width."""
    image = image.copy()
    width = stroke_width((image < 128).astype(np.uint8))
    largest = min(0.35 * width, max(image.shape) / 16)  # a dark square has no strokes
    for _ in range(rng.integers(3, 20)):
        at = _two_places(image, rng)[0]
        radius = max(0, round(rng.uniform(0, largest)))
        cv2.circle(image, at, radius, int(rng.integers(0, 100)), -1, cv2.LINE_AA)
    return image


def _two_places(image, rng):
    """Returns two places anywhere in a picture, (x, y) in pixels."""
    height, width = image.shape
    places = rng.integers(0, (width, height), (2, 2)).tolist()
    return tuple(map(tuple, places))
