"""What stands beside a syllable in its line: ! and ?, quotes, a number in a ring."""

import cv2
import numpy as np

from utils.cleaning.boxes import foot_of, large_labels, right_of, span_of
from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Ink,
    mask_of,
    stroke_width,
    without_parts,
)

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
# Of quotes:
_MAX_QUOTE_HEIGHT = 0.42  # of the letter's height
_MAX_QUOTE_INK = 0.12  # of the letter's ink: none has more
_MAX_QUOTE_DROP = 0.15  # of the letter's height: so far below its top they begin
_MIN_QUOTE_LIKENESS = 0.7  # of the greatest height, and of the greatest area, of them


def without_companions(ink: Ink) -> Ink:
    """Leaves out what may stand beside a syllable and is no part of it.

    ! and ? behind it: no jamo is a stroke with a dot below that stands beside all else
    and is no higher. A number in a ring before it: no jamo holds something. Quotes: no
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
    if len(large) < 3:  # a mark, its dot and a letter; a ring, its number and a letter
        return None
    order = large[ink.parts[large, LEFT].argsort(kind="stable")]
    boxes = ink.parts[order].tolist()
    for find in (_mark, _ring, _quotes):
        places = find(ink, order, boxes)
        if places:
            gone = np.zeros(len(ink.parts), bool)
            gone[order[places]] = True
            return gone
    return None


def _mark(ink, order, boxes):
    """Finds a ! or ? and its dot, where a picture ends with one.

    Args:
        ink: of the picture.
        order: labels of its parts from left to right.
        boxes: of them, lists.

    Returns:
        List of places in that order, empty without one; so do `_ring` and `_quotes`.
    """
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


def _lies_in(box, other):
    """Tells whether a part's box lies in another's."""
    is_within = other[LEFT] < box[LEFT] and right_of(box) < right_of(other)
    return is_within and other[TOP] < box[TOP] and foot_of(box) < foot_of(other)


def _holds(ink, ring, others):
    """Tells whether a part is closed around all of some others."""
    around = np.pad((ink.labels == ring).view(np.uint8), 1)
    cv2.floodFill(around, None, (0, 0), 1)
    return not around[1:-1, 1:-1][np.isin(ink.labels, others)].any()


def _quotes(ink, order, boxes):
    """Finds quotes, two or one on either side of a letter; see `_mark`."""
    end = sorted(range(len(boxes)), key=lambda place: right_of(boxes[place]))
    highest = _MAX_QUOTE_HEIGHT * span_of(boxes).height
    if max(boxes[0][HEIGHT], boxes[end[-1]][HEIGHT]) > highest:
        return []
    for count in (2, 1):
        both = [*range(count), *end[-count:]]
        rest = [box for place, box in enumerate(boxes) if place not in both]
        if len(set(both)) == 2 * count and rest:
            before, behind = (
                span_of(boxes[k] for k in both[i:][:count]) for i in (0, count)
            )
            letter = span_of(rest)
            beside = before.right <= letter.left and letter.right <= behind.left
            if beside and _hang([boxes[k] for k in both], rest):
                return both
    return []


def _hang(quotes, letter):
    """Tells whether parts hang at a letter's top, tiny, and as large as each other."""
    span = span_of(letter)
    heights, areas = ([box[column] for box in quotes] for column in (HEIGHT, AREA))
    is_tiny = max(heights) <= _MAX_QUOTE_HEIGHT * span.height
    is_light = max(areas) <= _MAX_QUOTE_INK * sum(box[AREA] for box in letter)
    drop = max(box[TOP] for box in quotes) - span.top
    alike = all(min(v) >= _MIN_QUOTE_LIKENESS * max(v) for v in (heights, areas))
    return is_tiny and is_light and alike and drop <= _MAX_QUOTE_DROP * span.height
