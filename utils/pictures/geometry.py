"""Where the ink of a picture comes to lie in the prepared square, and back."""

from typing import NamedTuple

import cv2
import numpy as np

MARGIN = 1 / 24  # of the side, on each side: 4 pixels of 96, as Melnyk et al. (2020)


class Region(NamedTuple):
    """Where the edges of the prepared square lie in the upright picture.

    Fractions of its width and height, from the left and from the top: 0-1, beyond where
    the square's margin reaches over the picture's edge.
    """

    left: float
    top: float
    right: float
    bottom: float


def region_of(
    box: tuple[int, int, int, int], shape: tuple[int, int], size: int
) -> Region:
    """Returns the `Region` of the square that is made of an ink box.

    Args:
        box: (top, bottom, left, right) in pixels of the picture.
        shape: (height, width) of the picture.
        size: side of the square in pixels.
    """
    top, bottom, left, right = box
    scaled_width, scaled_height, x, y = place_ink(bottom - top, right - left, size)
    across = (right - left) / scaled_width  # pixels of the picture in one of the square
    down = (bottom - top) / scaled_height
    height, width = shape
    return Region(
        (left - x * across) / width,
        (top - y * down) / height,
        (left + (size - x) * across) / width,
        (top + (size - y) * down) / height,
    )


def widen(region: Region, scale: float) -> Region:
    """Returns the `Region` of a square in which all is smaller, about its middle.

    Args:
        region: that of the square as it was.
        scale: size that all has now, in parts of what it had, above 0.
    """
    across, down = region.right - region.left, region.bottom - region.top
    rim = (1 / scale - 1) / 2
    return Region(
        region.left - rim * across,
        region.top - rim * down,
        region.right + rim * across,
        region.bottom + rim * down,
    )


def part_in_whole(
    region: Region, part: tuple[int, int, int, int], shape: tuple[int, int]
) -> Region:
    """Returns the `Region` in a picture of what is known in a part of it.

    Args:
        region: `Region` in the part.
        part: (top, bottom, left, right) in pixels of the picture.
        shape: (height, width) of the picture.
    """
    top, bottom, left, right = part
    height, width = shape
    return Region(
        (left + region.left * (right - left)) / width,
        (top + region.top * (bottom - top)) / height,
        (left + region.right * (right - left)) / width,
        (top + region.bottom * (bottom - top)) / height,
    )


def place_ink(height: int, width: int, size: int) -> tuple[int, int, int, int]:
    """Returns (width, height, left, top) that an ink box gets in the square.

    Args:
        height: of the box, in pixels.
        width: of the box, in pixels.
        size: side of the square in pixels.
    """
    inner = size - 2 * max(1, round(size * MARGIN))
    scale = inner / max(height, width)
    wide, high = (max(1, round(length * scale)) for length in (width, height))
    return wide, high, (size - wide) // 2, (size - high) // 2


def turn(
    picture: np.ndarray, degrees: float, ground: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Turns a picture about its middle; nothing is cut off.

    Args:
        picture: `uint8` (height, width).
        degrees: by which its right side rises.
        ground: what comes into view at the corners.

    Returns:
        (picture, matrix): `uint8` (height', width'), and `float64` (2, 3), from (x, y,
        1) of the one that came to (x, y) of this one.
    """
    if not degrees:
        return picture, np.eye(2, 3)
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cos, sin = np.abs(matrix[0, :2])
    shape = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[:, 2] += (shape[0] - width) / 2, (shape[1] - height) / 2
    return cv2.warpAffine(picture, matrix, shape, borderValue=ground), matrix


def lay_down(picture: np.ndarray) -> np.ndarray:
    """Turns a picture by a quarter to the left: its columns become lines.

    The column at the right, where vertical text begins, is the first of these lines,
    and what was at the top is at the left.

    Args:
        picture: array (height, width).

    Returns:
        Array (width, height).
    """
    return np.ascontiguousarray(np.rot90(picture))


def set_up(picture: np.ndarray) -> np.ndarray:
    """Turns a picture back that was laid down: array (width, height) of what came.

    Args:
        picture: array (height, width).
    """
    return np.ascontiguousarray(np.rot90(picture, -1))


def setting_up(width: int) -> np.ndarray:
    """Returns the matrix (2, 3) from (x, y, 1) of a picture laid down to its own.

    Args:
        width: of the picture as it stands, in pixels.
    """
    return np.array([[0.0, -1.0, width], [1.0, 0.0, 0.0]])


def transform(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Applies an affine matrix to points.

    Args:
        matrix: `float64` (2, 3).
        points: `float64` (points, 2), x and y.

    Returns:
        `float64` (points, 2).
    """
    return points @ matrix[:, :2].T + matrix[:, 2]


def map_back(values: np.ndarray, region: Region, shape: tuple[int, int]) -> np.ndarray:
    """Lays a map over the square back over the picture that the square was cut from.

    Args:
        values: `float32` (size, size), over the prepared square.
        region: `Region` of the square.
        shape: (height, width) of the picture, in pixels.

    Returns:
        `float32` (height, width), 0 where the square does not reach.
    """
    height, width = shape
    size = len(values)
    across = (region.right - region.left) * width / size
    down = (region.bottom - region.top) * height / size
    # OpenCV puts a pixel's centre at a whole number; edges are half a pixel off.
    shift = [
        region.left * width + across / 2 - 0.5,
        region.top * height + down / 2 - 0.5,
    ]
    forward = np.array([[across, 0, shift[0]], [0, down, shift[1]]])
    return cv2.warpAffine(np.asarray(values, np.float32), forward, (width, height))
