"""What stands beside a syllable in its line: ! and ?, quotes, rings and boxes."""

import cv2
import numpy as np

from utils.cleaning.boxes import (
    foot_of,
    large_labels,
    mask_in_box,
    right_of,
    span_of,
)
from utils.cleaning.ink import (
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Ink,
    half_thickness,
    mask_of,
    stroke_width,
    without_parts,
)
from utils.cleaning.quotes import find_quotes

# Of ! and ?:
_MAX_DOT_SIDE = 2.2  # strokes' widths: no dot is wider or higher
_MIN_DOT_FULLNESS = 0.6  # of its box: rings fill less
_MAX_MARK_WIDTH = 0.75  # of its height: a ? is the widest
_MIN_MARK_GAP = 0.5  # strokes' widths: so far it stands from the letter
_MIN_STROKE_HEIGHT = 0.55  # of a mark's height, dot and all: the stroke's above it
_MARK_HEIGHT_RANGE = 0.4, 1.15  # of the letter's height; vowels are higher
_MAX_FOOT_OFFSET = 0.2  # of the letter's height: from its foot to the dot's
# Of a number in a ring:
_MIN_RING_ROUNDNESS = 0.75  # its shorter side, of its longer one
_MAX_RING_HEIGHTS = 1.4, 0.75  # of the letter's height: the ring's, its number's
# Of a bullet, □, ○, ● or ★:
_MAX_BULLET_HEIGHT = 1.2  # of the letter's height
_MIN_BULLET_GAP = 0.3  # of the letter's height: initials stand nearer to their vowel
_MIN_LETTER_WIDTH = 0.65  # of its height: a vowel alone is narrower
_MIN_HOLE_SHARE = 0.35  # of its box: what it is closed around
_MIN_SHAPE_THICKNESS = 0.38  # of its longer side: that of a circle in its ink


def without_companions(ink: Ink) -> Ink:
    """Leaves out what may stand beside a syllable and is no part of it.

    ! and ? behind it: no jamo is a stroke with a dot below that stands beside all else
    and is no higher. A number in a ring before it: no jamo holds something. A bullet
    far before what is wide enough to be a syllable itself. Quotes: no
    syllable has as many tiny strokes to its left as to its right, both at its top.

    Args:
        ink: of a picture.

    Returns:
        The same where there are none.
    """
    while (gone := _companions(ink)) is not None:  # !!, ?!
        ink = without_parts(ink, gone)
    return ink


def _companions(ink):
    """Returns which parts go: `bool`, one for each label; None if none does."""
    large = large_labels(ink)
    if len(large) < 2:  # a bullet and a letter
        return None
    order = large[ink.parts[large, LEFT].argsort(kind="stable")]
    boxes = ink.parts[order].tolist()
    for find in (_mark, _ring, _bullet):
        if places := find(ink, order, boxes):
            break
    else:
        places = find_quotes(boxes)
    gone = np.zeros(len(ink.parts), bool)
    gone[order[places]] = True
    return gone if places else None


def _mark(ink, order, boxes):
    """Finds a ! or ? and its dot, where a picture ends with one.

    Args:
        ink: of the picture.
        order: labels of its parts from left to right.
        boxes: of them, lists.

    Returns:
        List of places in that order, empty without one; so do `_ring` and `_bullet`.
    """
    if len(boxes) < 3:  # a mark, its dot and a letter
        return []
    places = sorted(range(len(boxes))[-2:], key=lambda place: boxes[place][TOP])
    mark, dot = (boxes[place] for place in places)
    letter = span_of(boxes[:-2])
    if not _stands_above(mark, dot) or not _ends(mark, dot, letter):
        return []
    pen = _pen_of_others(ink, order[places[1]])
    is_apart = min(mark[LEFT], dot[LEFT]) - letter.right >= _MIN_MARK_GAP * pen
    return places if is_apart and _is_dot(dot, pen) else []


def _stands_above(mark, dot):
    """Tells whether a part stands above the middle of another."""
    centre = dot[LEFT] + dot[WIDTH] / 2
    return foot_of(mark) <= dot[TOP] and mark[LEFT] <= centre <= right_of(mark)


def _ends(mark, dot, letter):
    """Tells whether a mark and its dot stand behind a letter, as high as that."""
    pair = span_of((mark, dot))
    low, high = (share * letter.height for share in _MARK_HEIGHT_RANGE)
    return (
        pair.left >= letter.right
        and low <= pair.height <= high
        and max(mark[WIDTH], dot[WIDTH]) <= _MAX_MARK_WIDTH * pair.height
        and mark[HEIGHT] >= _MIN_STROKE_HEIGHT * pair.height
        and abs(pair.foot - letter.foot) <= _MAX_FOOT_OFFSET * letter.height
    )


def _pen_of_others(ink, label):
    """Returns how wide the strokes of all parts but one are, in pixels."""
    others = np.arange(len(ink.parts)) > 0
    others[label] = False
    return stroke_width(mask_of(others, ink.labels))


def _is_dot(box, pen):
    """Tells whether a part is as small as strokes are wide, and full."""
    _, _, width, height, area = box
    is_full = area >= _MIN_DOT_FULLNESS * width * height
    return is_full and max(width, height) <= _MAX_DOT_SIDE * pen


def _ring(ink, order, boxes):
    """Finds a ring and what it holds, where a picture begins so; see `_mark`."""
    ring = boxes[0]
    low, high = sorted((ring[WIDTH], ring[HEIGHT]))
    held = [k for k, box in enumerate(boxes) if k and _lies_in(box, ring)]
    beside = [box for box in boxes if box[LEFT] >= right_of(ring)]
    are_all = 1 + len(held) + len(beside) == len(boxes)
    if low < _MIN_RING_ROUNDNESS * high or not (held and beside and are_all):
        return []
    letter = span_of(beside).height
    highest, number = (share * letter for share in _MAX_RING_HEIGHTS)
    fits = high <= highest and span_of(boxes[k] for k in held).height <= number
    return [0, *held] if fits and _holds(ink, order[0], order[held]) else []


def _bullet(ink, order, boxes):
    """Finds a box, ring, dot or star far before a whole letter; see `_mark`."""
    bullet, letter = boxes[0], span_of(boxes[1:])
    low, high = sorted((bullet[WIDTH], bullet[HEIGHT]))
    stands = (
        low >= _MIN_RING_ROUNDNESS * high,
        high <= _MAX_BULLET_HEIGHT * letter.height,
        letter.left - right_of(bullet) >= _MIN_BULLET_GAP * letter.height,
        letter.width >= _MIN_LETTER_WIDTH * letter.height,
    )
    return [0] if all(stands) and _is_shape(ink, order[0]) else []


def _is_shape(ink, label):
    """Tells whether a part is closed around most of its box, or thick as no stroke."""
    _, _, width, height, _ = ink.parts[label]
    part = np.pad(mask_in_box(ink, label), 1)
    thickness = 2 * half_thickness(part)
    cv2.floodFill(part, None, (0, 0), 1)
    hole = np.count_nonzero(part == 0)
    return (
        hole >= _MIN_HOLE_SHARE * width * height
        or thickness >= _MIN_SHAPE_THICKNESS * max(width, height)
    )


def _lies_in(box, other):
    """Tells whether a part's box lies in another's."""
    is_within = other[LEFT] < box[LEFT] and right_of(box) < right_of(other)
    return is_within and other[TOP] < box[TOP] and foot_of(box) < foot_of(other)


def _holds(ink, ring, others):
    """Tells whether a part is closed around all of some others."""
    around = np.pad((ink.labels == ring).view(np.uint8), 1)
    cv2.floodFill(around, None, (0, 0), 1)
    return not around[1:-1, 1:-1][np.isin(ink.labels, others)].any()
