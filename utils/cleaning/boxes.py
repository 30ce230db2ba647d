"""Boxes of connected parts: where several of them together begin and end."""

import numpy as np

from utils.cleaning.ink import HEIGHT, LEFT, TOP, WIDTH


def right_ends(boxes: np.ndarray) -> np.ndarray:
    """Returns where each of some parts ends on its right: `int32` (parts).

    Args:
        boxes: `int32` (parts, 5), rows of `Ink.parts`.
    """
    return boxes[:, LEFT] + boxes[:, WIDTH]


def feet(boxes: np.ndarray) -> np.ndarray:
    """Returns where each of some parts ends below: `int32` (parts).

    Args:
        boxes: see `right_ends`.
    """
    return boxes[:, TOP] + boxes[:, HEIGHT]


def width_of(boxes: np.ndarray) -> int:
    """Returns how wide some parts are together, in pixels.

    Args:
        boxes: see `right_ends`; one at least.
    """
    return int(right_ends(boxes).max() - boxes[:, LEFT].min())


def height_of(boxes: np.ndarray) -> int:
    """Returns how high some parts are together, in pixels.

    Args:
        boxes: see `right_ends`; one at least.
    """
    return int(feet(boxes).max() - boxes[:, TOP].min())
