"""Parts of a picture: how large they are, cut out, in the whole, and the border."""

from collections.abc import Sequence

import numpy as np

Part = tuple[int, int, int, int]  # top, bottom, left, right in pixels, ends exclusive


def all_of(gray: np.ndarray) -> Part:
    """Returns the part that is a whole picture: `uint8` (height, width)."""
    return 0, gray.shape[0], 0, gray.shape[1]


def cut(gray: np.ndarray, part: Part) -> np.ndarray:
    """Returns a part of a picture (height, width), not copied."""
    return gray[part[0] : part[1], part[2] : part[3]]


def extent(part: Part) -> int:
    """Returns the longer side of a part in pixels."""
    return max(part[1] - part[0], part[3] - part[2])


def within(part: Part, box: Sequence[int] | np.ndarray, shape: Sequence[int]) -> Part:
    """Returns a box in a part as a part of the whole picture, cut to that part.

    Args:
        part: of the picture.
        box: (top, bottom, left, right) in pixels of `shape`.
        shape: (height, width) at which the part is shown.
    """
    start, end = np.array(part[::2]), np.array(part[1::2])
    scales = ((end - start) / shape).repeat(2)
    inner = start.repeat(2) + (np.array(box) * scales).astype(int)
    top, bottom, left, right = np.clip(inner, start.repeat(2), end.repeat(2)).tolist()
    return top, bottom, left, right


def border_of(gray: np.ndarray) -> np.ndarray:
    """Returns the pixels along a picture's border, all around: those of corners twice.

    Args:
        gray: (height, width), or a mask.
    """
    return np.concatenate([gray[0], gray[:, -1], gray[-1, ::-1], gray[::-1, 0]])
