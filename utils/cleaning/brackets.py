"""Round and square brackets about a syllable: (가), [나]."""

import cv2
import numpy as np

from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    LEFT,
    NO_SPECK,
    TOP,
    WIDTH,
    Ink,
    without_parts,
)

_NARROW = 0.42  # of its height: so wide a bracket is at most
_LEAST = 0.8  # of the letter's height: brackets are nearly as high, or higher
_ALIKE = 0.8  # of the higher one's height, and of it in common
_BENT = 0.02  # of its height: so far a bracket's ends come in
_TURNED = 0.6  # correlation of the one with the other's half turn
_OVER = 0.75  # of its width: so far square ones reach over the letter
_LOWEST = 14  # pixels: of lower parts it is not clear whether they are bent
_END = 0.06  # of its height: so much of it is an end, and the middle third its middle
_GRID = 12, 24  # pixels, width and height, in which they are compared


def without_brackets(ink: Ink) -> Ink:
    """Leaves a pair of brackets out that stands about a syllable.

    They are its outermost parts, beside all others and not below them, as high as these
    or higher, bent inward, and alike when one is turned by half. No two jamo are so.

    Args:
        ink: of a picture.

    Returns:
        The same where there are none.
    """
    parts = ink.parts
    if len(parts) < 4:  # the ground, two brackets, and a letter between them
        return ink
    areas = parts[1:, AREA]
    large = (np.flatnonzero(areas >= NO_SPECK * areas.sum()) + 1).tolist()
    pair = _outermost(parts, large)
    if pair is None:
        return ink
    rest = parts[[place for place in large if place not in pair]]
    if not _stand_about(parts[pair], rest) or not _are_turned(ink, pair):
        return ink
    gone = np.zeros(len(parts), bool)
    gone[pair] = True
    return without_parts(ink, gone)


def _outermost(parts, large):
    """Returns the places of the first and the last of parts, if narrow; or None."""
    boxes = parts[large].tolist()  # few: plain Python is faster than NumPy
    first = min(boxes, key=lambda box: box[LEFT])
    last = max(boxes, key=lambda box: box[LEFT] + box[WIDTH])
    narrow = all(box[WIDTH] <= _NARROW * box[HEIGHT] for box in (first, last))
    if not narrow or first is last or len(large) < 3:
        return None
    return [large[boxes.index(first)], large[boxes.index(last)]]


def _stand_about(pair, rest):
    """Tells whether two parts are equally high, and stand beside all others."""
    one, other = pair
    left, right = rest[:, LEFT].min(), (rest[:, LEFT] + rest[:, WIDTH]).max()
    reach = left - one[LEFT], other[LEFT] + other[WIDTH] - right
    if reach[0] < (1 - _OVER) * one[WIDTH] or reach[1] < (1 - _OVER) * other[WIDTH]:
        return False
    highest = max(one[HEIGHT], other[HEIGHT])
    return all(
        (
            min(one[HEIGHT], other[HEIGHT]) >= max(_LEAST * _height(rest), _LOWEST),
            one[HEIGHT] + other[HEIGHT] - _height(pair) >= _ALIKE * highest,
        )
    )


def _height(parts):
    """Returns how high some parts are together."""
    return int((parts[:, TOP] + parts[:, HEIGHT]).max() - parts[:, TOP].min())


def _are_turned(ink, pair):
    """Tells whether two parts are bent inward, and each the other's half turn.

    As long as paper is level they are mirror images, too.
    """
    one, other = (_shape(ink, label) for label in pair)
    other = other[::-1, ::-1]
    bent = _bend(ink, pair[0], 1) and _bend(ink, pair[1], -1)
    return bent and np.corrcoef(one.ravel(), other.ravel())[0, 1] >= _TURNED


def _cut(ink, label):
    """Returns the mask of a part in its box: `uint8`, 1 is ink."""
    left, top, width, height, _ = ink.parts[label]
    where = np.s_[top : top + height, left : left + width]
    return (ink.labels[where] == label).view(np.uint8)


def _shape(ink, label):
    """Returns a part in `_GRID`, as soft as hands differ: `float32`."""
    shape = cv2.resize(
        _cut(ink, label).astype(np.float32), _GRID, interpolation=cv2.INTER_AREA
    )
    return cv2.GaussianBlur(shape, (0, 0), 1.0)


def _bend(ink, label, side):
    """Tells whether a part's ends lie farther to a side, 1 or -1, than its middle."""
    mask = _cut(ink, label)
    rows = side * (mask @ np.arange(mask.shape[1])) / mask.sum(axis=1)
    end, third = max(1, round(_END * len(rows))), len(rows) // 3
    tips = (rows[:end].mean() + rows[-end:].mean()) / 2
    return tips - rows[third:-third].mean() >= _BENT * len(rows)
