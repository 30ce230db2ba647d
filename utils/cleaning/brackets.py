"""Brackets about a syllable, (가), [나], <다>, behind it, 라), or before it: (1) 마."""

import cv2
import numpy as np

from utils.cleaning.boxes import foot_of, large_labels, right_of, span_of
from utils.cleaning.ink import (
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Ink,
    without_parts,
)

# Greatest width, of its height, and least height, of the letter's.
_ROUND_OR_SQUARE = 0.42, 0.8
_ANGLES = 1.1, 0.4
_MIN_COMMON_HEIGHT = 0.8  # of the higher one's: so much of it both have in common
_MIN_BEND = 0.02  # of its height: so far a bracket's ends come in
_MIN_ANGLE_BEND = 0.2  # the same of angles
_MIN_LONE_BEND = 0.1  # the same of a bracket without another, each of its ends
_MAX_LONE_HEIGHT = 1.6  # of the letter's height: of a bracket without another
_MIN_LETTER_WIDTH = 0.5  # of its height: of a letter before such a bracket
_MIN_NUMBERED_WIDTH = 0.6  # the same of a letter behind a number in brackets
_MAX_LETTER_OVERHANG = 0.08  # of that bracket's height: past its top, or its foot
_MIN_TURN_CORRELATION = 0.6  # of the one with the other's half turn
_MAX_BRACKET_OVERLAP = 0.75  # of its width: so far square ones reach over the letter
_MIN_PIXEL_HEIGHT = 14  # pixels: of lower parts it is not clear whether they are bent
_END_SHARE = 0.06  # of its height: each end; the middle third is its middle
_GRID_SIZE = 12, 24  # pixels, width and height, in which they are compared


def without_brackets(ink: Ink) -> Ink:
    """Leaves brackets out that stand about a syllable, behind it, or before it.

    A pair are the outermost parts, beside all others and not below them, as high as
    these or higher (angles may be lower), bent inward, and alike when one is turned by
    half. No two jamo are so, nor is a vowel bent as far as a bracket that stands alone.
    Of brackets before a syllable their number goes as well.

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
    if len(ink.parts) < 3:  # the ground, a bracket, and a letter
        return None
    large = large_labels(ink).tolist()
    gone = np.zeros(len(ink.parts), bool)
    gone[_pair(ink, large) or _last(ink, large) or _number(ink, large)] = True
    return gone if gone.any() else None


def _pair(ink, large):
    """Returns the places of two brackets, those of all large parts given."""
    if len(large) < 3:  # two brackets, and a letter between them
        return []
    boxes = ink.parts[large].tolist()
    pair = min(boxes, key=lambda box: box[LEFT]), max(boxes, key=right_of)
    letter = [box for box in boxes if box not in pair]
    if pair[0] is pair[1] or not _fit(pair, letter, _ANGLES):
        return []
    labels = [large[boxes.index(box)] for box in pair]
    bends = [side * _bends(ink, k) for k, side in zip(labels, (1, -1), strict=True)]
    limits = _ANGLES if np.min(bends) >= _MIN_ANGLE_BEND else _ROUND_OR_SQUARE
    bent = np.mean(bends, axis=1).min() >= _MIN_BEND
    fits = bent and _fit(pair, letter, limits)
    return labels if fits and _are_turned(ink, labels) else []


def _number(ink, large):
    """Returns the places of a number in brackets before all else, and of these."""
    order = sorted(large, key=lambda label: ink.parts[label, LEFT])
    boxes = ink.parts[order].tolist()
    for end in range(2, len(order) - 1):
        number, letter = boxes[1:end], span_of(boxes[end + 1 :])
        pair = boxes[0], boxes[end]
        are_apart = max(map(right_of, boxes[: end + 1])) <= letter.left
        is_letter = letter.width >= _MIN_NUMBERED_WIDTH * letter.height
        if (
            are_apart
            and is_letter
            and pair[0][HEIGHT] <= _MAX_LONE_HEIGHT * letter.height
            and _fit(pair, number, _ROUND_OR_SQUARE)
            and _bend_inward(ink, (order[0], order[end]))
            and _are_turned(ink, (order[0], order[end]))
        ):
            return order[: end + 1]
    return []


def _bend_inward(ink, pair):
    """Tells whether the ends of two parts come in, as those of brackets do."""
    bends = [side * _bends(ink, k) for k, side in zip(pair, (1, -1), strict=True)]
    return np.mean(bends, axis=1).min() >= _MIN_BEND


def _last(ink, large):
    """Returns the place of a round bracket behind all else, in a list, or none."""
    boxes = ink.parts[large].tolist()
    last = max(boxes, key=right_of)
    rest = [box for box in boxes if box is not last]
    if not rest or not _may_be(last, _ROUND_OR_SQUARE):
        return []
    letter, short = span_of(rest), _MAX_LETTER_OVERHANG * last[HEIGHT]
    spans = (
        letter.width >= _MIN_LETTER_WIDTH * letter.height,
        last[LEFT] >= letter.right,
        last[HEIGHT] <= _MAX_LONE_HEIGHT * letter.height,
        last[TOP] <= letter.top + short,
        foot_of(last) >= letter.foot - short,
    )
    label = large[boxes.index(last)]
    return [label] if all(spans) and -_bends(ink, label).max() >= _MIN_LONE_BEND else []


def _may_be(box, limits):
    """Tells whether a part is not low, and as narrow as a bracket."""
    return box[HEIGHT] >= _MIN_PIXEL_HEIGHT and box[WIDTH] <= limits[0] * box[HEIGHT]


def _fit(pair, letter, limits):
    """Tells whether two parts are narrow, equally high, and stand beside all others.

    Args:
        pair: boxes of both, the left one first.
        letter: boxes of all others.
        limits: of their width, in their heights, and of their height, in the letter's.
    """
    one, other = pair
    if not (_may_be(one, limits) and _may_be(other, limits)):
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
