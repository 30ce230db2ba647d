"""Pictures that are far larger than is enough -> smaller ones, in a few steps."""

import cv2
import numpy as np

from utils.pictures.opening import reduction

_FAR = 4  # times as long as is enough: half of the pixels each way will do


def reduce_gray(array: np.ndarray, side: int | None) -> np.ndarray:
    """Halves a picture as long as it stays no shorter than `side`.

    Halving twice is three times as fast as averaging fours or fives at once.

    Args:
        array: (height, width) or (height, width, channels), of a type that OpenCV
            reduces.
        side: as for `pictures.to_gray`.
    """
    while times_too_large(array.shape[1::-1], side) > 1:
        height, width = array.shape[:2]
        # An odd row costs whole pictures their speed, and is a hair of them.
        if height % 2 <= height / 200 and width % 2 <= width / 200:
            array = array[: height // 2 * 2, : width // 2 * 2]
        shape = (max(1, width // 2), max(1, height // 2))
        array = cv2.resize(array, shape, interpolation=cv2.INTER_AREA)
    return array


def times_too_large(size: tuple[int, ...], side: int | None) -> int:
    """Returns by which whole factor a picture is larger than it needs to be.

    Args:
        size: (width, height) in pixels.
        side: as for `pictures.to_gray`.
    """
    return reduction(size, side) if side else 1


def is_far_too_large(size: tuple[int, ...], side: int | None) -> bool:
    """Tells whether every other row and column of a picture may be left out.

    Args:
        size: (width, height) in pixels.
        side: as for `pictures.to_gray`.
    """
    return times_too_large(size, side) >= _FAR
