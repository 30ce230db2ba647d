"""Brackets about a syllable, (가), [나], <다>, or behind it alone: 라)."""

import cv2
import numpy as np

from utils.cleaning.boxes import feet, height_of, right_ends, width_of
from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    LEFT,
    MIN_PART_SHARE,
    TOP,
    WIDTH,
    Ink,
    without_parts,
)

_MAX_BRACKET_WIDTHS = 0.42, 1.1  # of their height: of brackets, of angles
_MIN_BRACKET_HEIGHTS = 0.8, 0.4  # of the letter's height: of brackets, of angles
_MIN_COMMON_HEIGHT = 0.8  # of the higher one's: so much of it both have in common
_MIN_BEND = 0.02  # of its height: so far a bracket's ends come in
_MIN_ANGLE_BEND = 0.2  # the same of angles
_MIN_LONE_BEND = 0.1  # the same of a bracket without another, each of its ends
_MAX_LONE_HEIGHT = 1.6  # of the letter's height: of a bracket without another
_MIN_LETTER_WIDTH = 0.5  # of its height: of a letter before such a bracket
_MAX_LETTER_OVERHANG = 0.08  # of that bracket's height: past its top, or its foot
_MIN_TURN_CORRELATION = 0.6  # of the one with the other's half turn
_MAX_BRACKET_OVERLAP = 0.75  # of its width: so far square ones reach over the letter
_MIN_PIXEL_HEIGHT = 14  # pixels: of lower parts it is not clear whether they are bent
_END_SHARE = 0.06  # of its height: each end; the middle third is its middle
_GRID_SIZE = 12, 24  # pixels, width and height, in which they are compared


def without_brackets(ink: Ink) -> Ink:
    """Leaves brackets out that stand about a syllable, or a round one behind it.

    A pair are the outermost parts, beside all others and not below them, as high as
    these or higher (angles may be lower), bent inward, and alike when one is turned by
    half. No two jamo are so, nor is a vowel bent as far as a bracket that stands alone.

    Args:
        ink: of a picture.

    Returns:
        The same where there are none.
    """
    while (gone := _brackets(ink)) is not None:  # <<가>>, ((나))
        ink = without_parts(ink, gone)
    return ink


def _brackets(ink):
    """Returns which parts are brackets: `bool`, one for each label; None without."""
    parts = ink.parts
    if len(parts) < 3:  # the ground, a bracket, and a letter
        return None
    areas = parts[1:, AREA]
    large = (np.flatnonzero(areas >= MIN_PART_SHARE * areas.sum()) + 1).tolist()
    gone = np.zeros(len(parts), bool)
    gone[_pair(ink, large) or _last(ink, large)] = True
    return gone if gone.any() else None


def _pair(ink, large):
    """Returns the places of two brackets, those of all large parts given."""
    pair = _outermost(ink.parts, large)
    if not pair:
        return []
    bends = [
        side * _bends(ink, label) for label, side in zip(pair, (1, -1), strict=True)
    ]
    angled = int(np.min(bends) >= _MIN_ANGLE_BEND)
    rest = ink.parts[[place for place in large if place not in pair]]
    fits = _may_be(ink.parts[pair], _MAX_BRACKET_WIDTHS[angled]) and _stand_about(
        ink.parts[pair], rest, _MIN_BRACKET_HEIGHTS[angled]
    )
    bent = np.mean(bends, axis=1).min() >= _MIN_BEND
    return pair if fits and bent and _are_turned(ink, pair) else []


def _last(ink, large):
    """Returns the place of a round bracket behind all else, in a list, or none."""
    if len(large) < 2:
        return []
    boxes = ink.parts[large]
    place = int(right_ends(boxes).argmax())
    last, rest = boxes[place], np.delete(boxes, place, axis=0)
    is_wide = width_of(rest) >= _MIN_LETTER_WIDTH * height_of(rest)
    if not is_wide or not _may_be([last], _MAX_BRACKET_WIDTHS[0]):
        return []
    short = _MAX_LETTER_OVERHANG * last[HEIGHT]
    spans = (
        last[LEFT] >= right_ends(rest).max(),
        last[HEIGHT] <= _MAX_LONE_HEIGHT * height_of(rest),
        last[TOP] <= rest[:, TOP].min() + short,
        last[TOP] + last[HEIGHT] >= feet(rest).max() - short,
    )
    bent = all(spans) and -_bends(ink, large[place]).max() >= _MIN_LONE_BEND
    return [large[place]] if bent else []


def _outermost(parts, large):
    """Returns the places of the first and the last of parts; none if that is one."""
    if len(large) < 3:  # two brackets, and a letter between them
        return []
    boxes = parts[large].tolist()  # few: plain Python is faster than NumPy
    first = min(boxes, key=lambda box: box[LEFT])
    last = max(boxes, key=lambda box: box[LEFT] + box[WIDTH])
    if first is last or not _may_be([first, last], max(_MAX_BRACKET_WIDTHS)):
        return []
    return [large[boxes.index(first)], large[boxes.index(last)]]


def _may_be(boxes, most):
    """Tells whether parts are not low, and so many times as wide as high at most."""
    return all(
        box[HEIGHT] >= _MIN_PIXEL_HEIGHT and box[WIDTH] <= most * box[HEIGHT]
        for box in boxes
    )


def _stand_about(pair, rest, least):
    """Tells whether two parts are equally high, and stand beside all others.

    Args:
        pair: their rows of `Ink.parts`.
        rest: those of the others.
        least: of the others' height: so high both are.
    """
    one, other = pair
    left, right = rest[:, LEFT].min(), right_ends(rest).max()
    reach = left - one[LEFT], other[LEFT] + other[WIDTH] - right
    if (
        reach[0] < (1 - _MAX_BRACKET_OVERLAP) * one[WIDTH]
        or reach[1] < (1 - _MAX_BRACKET_OVERLAP) * other[WIDTH]
    ):
        return False
    highest = max(one[HEIGHT], other[HEIGHT])
    return all(
        (
            min(one[HEIGHT], other[HEIGHT]) >= least * height_of(rest),
            one[HEIGHT] + other[HEIGHT] - height_of(pair)
            >= _MIN_COMMON_HEIGHT * highest,
        )
    )


def _are_turned(ink, pair):
    """Tells whether two parts are each the other's half turn.

    As long as paper is level brackets are mirror images, too.
    """
    one, other = (_shape(ink, label) for label in pair)
    other = other[::-1, ::-1]
    return np.corrcoef(one.ravel(), other.ravel())[0, 1] >= _MIN_TURN_CORRELATION


def _cut(ink, label):
    """Returns the mask of a part in its box: `uint8`, 1 is ink."""
    left, top, width, height, _ = ink.parts[label]
    where = np.s_[top : top + height, left : left + width]
    return (ink.labels[where] == label).view(np.uint8)


def _shape(ink, label):
    """Returns a part in `_GRID_SIZE`, as soft as hands differ: `float32`."""
    shape = cv2.resize(
        _cut(ink, label).astype(np.float32), _GRID_SIZE, interpolation=cv2.INTER_AREA
    )
    return cv2.GaussianBlur(shape, (0, 0), 1.0)


def _bends(ink, label):
    """Returns how far a part's ends lie to the right of its middle.

    Returns:
        `float64` (2): of the upper and the lower end, in its heights.
    """
    mask = _cut(ink, label)
    rows = (mask @ np.arange(mask.shape[1])) / mask.sum(axis=1)
    end, third = max(1, round(_END_SHARE * len(rows))), len(rows) // 3
    tips = np.array([rows[:end].mean(), rows[-end:].mean()])
    return (tips - rows[third:-third].mean()) / len(rows)
