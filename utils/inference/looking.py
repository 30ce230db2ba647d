"""Applies a network a second time, to smaller copies of uncertain pictures."""

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from utils.inference.tempering import temper
from utils.kinds import Heads, ReadSquares
from utils.pictures.several import check_prepared

SECOND_LOOK_SCALE = 0.88  # size of the second look, in parts of the first


def look_as_configured(
    read: ReadSquares, images: np.ndarray, config: Any, once: bool = False
) -> Heads:
    """Reads prepared pictures with a configuration's looks and temperature.

    Args:
        read: as for `look_twice`.
        images: as for `look_twice`.
        config: has `image_size`, `first_look`, `second_look` and `temperature`.
        once: leave the second look out.

    Returns:
        As `look_twice`.

    Raises:
        ValueError: they are not prepared ones of that size.
    """
    check_prepared(images, config.image_size)
    below = 0 if once else config.second_look
    return temper(
        look_twice(read, images, below, config.first_look), config.temperature
    )


def look_twice(
    read: ReadSquares, images: np.ndarray, below: float, first: float = 1.0
) -> Heads:
    """Reads prepared pictures, and the uncertain ones a second time.

    In the second look the ink is smaller, and the mean of both is the answer: errors
    that depend on single pixels are seldom made twice. (Averaging views is as old as
    Krizhevsky, Sutskever, Hinton (2012), section 4.1; that a network may read other
    sizes better than its own, Touvron et al. (2019), https://arxiv.org/abs/1906.06423.)
    Ours is to look again only where the answer is uncertain.

    Args:
        read: function from `uint8` (pictures, size, size) to the heads' dict of
            probabilities.
        images: `uint8` (pictures, size, size), dark on white.
        below: pictures whose best answer has less than this probability, 0-1, are
            looked at again; 0 is none.
        first: size of the first look in parts of the whole, above 0 to 1.

    Returns:
        Dict of arrays (pictures, classes), as `read` gives.
    """
    images = np.asarray(images)
    heads = read(look(images, first))
    if not below:
        return heads
    return look_again(
        heads, lambda unsure: read(look(images[unsure], first, again=True)), below
    )


def look(images: np.ndarray, first: float = 1.0, again: bool = False) -> np.ndarray:
    """Returns prepared pictures at the size of a look.

    Args:
        images: `uint8` (pictures, size, size), dark on white.
        first: size of the first look in parts of the whole, above 0 to 1.
        again: whether this is the second look, smaller by `SECOND_LOOK_SCALE`.

    Returns:
        `uint8`, of the same shape; the same array where the size is 1.
    """
    scale = first * SECOND_LOOK_SCALE if again else first
    return images if scale == 1 else shrink(images, scale)


def look_again(
    heads: Heads, again: Callable[[np.ndarray], Heads], below: float
) -> Heads:
    """Averages uncertain answers with those of a second look.

    Args:
        heads: dict of arrays (pictures, classes), of the first look.
        again: function from integer indices of pictures to their second look's dict.
        below: as for `look_twice`.

    Returns:
        Dict of arrays (pictures, classes).
    """
    unsure = np.flatnonzero(best_probability(heads) < below)
    if not len(unsure):
        return heads
    heads = {name: np.array(values) for name, values in heads.items()}
    for name, values in again(unsure).items():
        heads[name][unsure] = (heads[name][unsure] + values) / 2
    return heads


def best_probability(heads: Heads) -> np.ndarray:
    """Returns the probability of the best answer: the product of the heads' best.

    Args:
        heads: dict of arrays (pictures, classes) of probabilities.

    Returns:
        `float64` (pictures,), 0-1.
    """
    return math.prod(each.max(axis=1).astype(float) for each in heads.values())


def shrink(images: np.ndarray, scale: float) -> np.ndarray:
    """Shrinks prepared pictures towards their middle, on white.

    Args:
        images: `uint8` (pictures, size, size), dark on white.
        scale: new size in parts of the old one, above 0 to 1.

    Returns:
        `uint8`, of the same shape.
    """
    size = images.shape[-1]
    shift = (1 - scale) * (size - 1) / 2  # pixels' centres are at whole numbers
    matrix = np.array([[scale, 0, shift], [0, scale, shift]])
    small = [cv2.warpAffine(i, matrix, (size, size), borderValue=255) for i in images]
    return np.stack(small) if small else images
