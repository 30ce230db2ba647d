"""Boxes of connected parts, as lists: of few, plain Python is faster than NumPy."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    LEFT,
    MIN_PART_SHARE,
    TOP,
    WIDTH,
    Ink,
)

Box = Sequence[int]  # a row of `Ink.parts`


class Span(NamedTuple):
    """Where some parts together begin and end, in pixels, ends exclusive."""

    left: int
    top: int
    right: int
    foot: int

    @property
    def width(self) -> int:
        """How wide they are together."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """How high they are together."""
        return self.foot - self.top


def large_labels(ink: Ink) -> np.ndarray:
    """Returns the labels of parts that are no specks, in order: `int64` (parts,)."""
    areas = ink.parts[1:, AREA]
    return np.flatnonzero(areas >= MIN_PART_SHARE * areas.sum()) + 1


def span_of(boxes: Iterable[Box]) -> Span:
    """Returns where some parts begin and end.

    Args:
        boxes: rows of `Ink.parts`, one at least.
    """
    lefts, tops, widths, heights, _ = zip(*boxes, strict=True)
    return Span(
        min(lefts),
        min(tops),
        max(map(sum, zip(lefts, widths, strict=True))),
        max(map(sum, zip(tops, heights, strict=True))),
    )


def right_of(box: Box) -> int:
    """Returns where a part ends on its right, in pixels."""
    return box[LEFT] + box[WIDTH]


def foot_of(box: Box) -> int:
    """Returns where a part ends below, in pixels."""
    return box[TOP] + box[HEIGHT]


def mask_in_box(ink: Ink, label: int) -> np.ndarray:
    """Returns the mask of a part in its box, 1 or 0: `uint8` (height, width).

    Args:
        ink: of the picture.
        label: of the part.
    """
    left, top, width, height, _ = ink.parts[label]
    where = np.s_[top : top + height, left : left + width]
    return (ink.labels[where] == label).view(np.uint8)
