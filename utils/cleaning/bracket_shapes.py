"""What shape brackets have: narrow, bent, and each the other's half turn."""

from collections.abc import Sequence

import cv2
import numpy as np

from utils.cleaning.boxes import Box, mask_in_box, right_of, span_of
from utils.cleaning.ink import HEIGHT, LEFT, WIDTH, Ink

_MIN_COMMON_HEIGHT = 0.8  # of the higher one's: so much of it both have in common
_MIN_TURN_CORRELATION = 0.6  # of the one with the other's half turn
_MAX_BRACKET_OVERLAP = 0.75  # of its width: so far square ones reach over the letter
_MIN_PIXEL_HEIGHT = 14  # pixels: of lower parts it is not clear whether they are bent
_END_SHARE = 0.06  # of its height: each end; the middle third is its middle
_GRID_SIZE = 12, 24  # pixels, width and height, in which they are compared


def may_be_bracket(box: Box, limits: tuple[float, float]) -> bool:
    """Tells whether a part is not low, and as narrow as a bracket.

    Args:
        box: row of `Ink.parts`.
        limits: as for `stand_about`.
    """
    return box[HEIGHT] >= _MIN_PIXEL_HEIGHT and box[WIDTH] <= limits[0] * box[HEIGHT]


def stand_about(
    pair: Sequence[Box], letter: Sequence[Box], limits: tuple[float, float]
) -> bool:
    """Tells whether two parts are narrow, equally high, and stand beside all others.

    Args:
        pair: boxes of both, the left one first.
        letter: boxes of all others.
        limits: of their width, in their heights, and of their height, in the letter's.
    """
    one, other = pair
    if not (may_be_bracket(one, limits) and may_be_bracket(other, limits)):
        return False
    span, apart = span_of(letter), 1 - _MAX_BRACKET_OVERLAP
    least, most = sorted((one[HEIGHT], other[HEIGHT]))
    common = least + most - span_of(pair).height
    return (
        span.left - one[LEFT] >= apart * one[WIDTH]
        and right_of(other) - span.right >= apart * other[WIDTH]
        and least >= limits[1] * span.height
        and common >= _MIN_COMMON_HEIGHT * most
    )


def are_turned(ink: Ink, pair: Sequence[int]) -> bool:
    """Tells whether two parts are each the other's half turn.

    As long as paper is level brackets are mirror images, too.

    Args:
        ink: of the picture.
        pair: labels of both.
    """
    one, other = (_shape(ink, label) for label in pair)
    other = other[::-1, ::-1]
    likeness = np.corrcoef(one.ravel(), other.ravel())[0, 1]
    return bool(likeness >= _MIN_TURN_CORRELATION)


def _shape(ink, label):
    """Returns a part in `_GRID_SIZE`, as soft as hands differ: `float32`."""
    mask = mask_in_box(ink, label).astype(np.float32)
    shape = cv2.resize(mask, _GRID_SIZE, interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(shape, (0, 0), 1.0)


def bends(ink: Ink, label: int) -> np.ndarray:
    """Returns how far a part's ends lie to the right of its middle.

    Args:
        ink: of the picture.
        label: of the part.

    Returns:
        `float64` (2): of the upper and the lower end, in its heights.
    """
    mask = mask_in_box(ink, label)
    rows = (mask @ np.arange(mask.shape[1])) / mask.sum(axis=1)
    end, third = max(1, round(_END_SHARE * len(rows))), len(rows) // 3
    tips = np.array([rows[:end].mean(), rows[-end:].mean()])
    return (tips - rows[third:-third].mean()) / len(rows)
