"""Pictures of a batch -> squares for the network, distorted before where asked."""

import cv2
import numpy as np

from utils.data.augment import augment
from utils.inference.imaging import prepare


def prepare_or_blank(image, size):
    """Prepares a picture; one without ink becomes white paper.

    Args:
        image: `uint8` (height, width).
        size: side of the square in pixels.

    Returns:
        `uint8` (size, size).
    """
    try:
        return prepare(image, size)
    except ValueError:
        return np.full((size, size), 255, np.uint8)


def make_squares(rows, size, seed, kinds=None):
    """Prepares pictures, distorted first where asked.

    Args:
        rows: `Rows`.
        size: side of the squares in pixels.
        seed: list of int; the distortions depend on nothing else.
        kinds: those of `augment.DISTORTIONS` that they may have; None leaves the
            pictures as they are.

    Returns:
        `uint8` (rows, size, size).
    """
    if kinds is None:
        return np.stack([prepare_or_blank(image, size) for image in rows.images])
    return _distorted_squares(rows, size, np.random.default_rng(seed), kinds)


def _distorted_squares(rows, size, rng, kinds):
    """Distorts and prepares pictures, each beside the one before it.

    Args:
        rows: `Rows`.
        size: side of the squares in pixels.
        rng: `numpy.random.Generator`; the result depends on nothing else.
        kinds: those of `augment.DISTORTIONS` that they may have; hands that were
            invented placed their jamo already, and are not moved again.

    Returns:
        `uint8` (rows, size, size).
    """
    still = [kind for kind in kinds if kind != "hands"]
    # Of batches of one, a picture is its own neighbour.
    neighbours = [rows.images[-1], *rows.images[:-1]]
    return np.stack(
        [
            _distort(image, beside, rng, still if placed else kinds, size)
            for image, beside, placed in zip(
                rows.images, neighbours, rows.placed, strict=True
            )
        ]
    )


def _distort(image, neighbour, rng, kinds, size):
    """Distorts and prepares a picture; one that lost its ink is seen as it was."""
    distorted = augment(image, rng, neighbour, kinds)
    try:
        return prepare(distorted, size)
    except ValueError:
        return prepare_or_blank(image, size)


# One thread a picture: OpenCV's own threads cost more than they give at this size, and
# the cores belong to the network.
cv2.setNumThreads(1)
