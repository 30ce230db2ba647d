"""What stands beside a syllable in its line: ! and ?, quotes, a number in a ring."""

import cv2
import numpy as np

from utils.cleaning.boxes import feet, height_of, right_ends
from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    LEFT,
    MIN_PART_SHARE,
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
    areas = ink.parts[1:, AREA]
    large = np.flatnonzero(areas >= MIN_PART_SHARE * areas.sum()) + 1
    if len(large) < 3:  # a mark, its dot and a letter; a ring, its number and a letter
        return None
    for places in (_mark(ink, large), _ring(ink, large), _quotes(ink.parts, large)):
        if len(places):
            gone = np.zeros(len(ink.parts), bool)
            gone[places] = True
            return gone
    return None


def _mark(ink, large):
    """Returns the places of a ! or ? and of its dot, where a picture ends with one."""
    order = large[ink.parts[large, LEFT].argsort()]
    pair, rest = order[-2:], ink.parts[order[:-2]]
    mark, dot = pair = pair[ink.parts[pair, TOP].argsort()]
    if not _stands_above(ink.parts[mark], ink.parts[dot]):
        return []
    ends = _ends(ink.parts[pair], rest)
    return pair if ends and _is_dot(ink, dot) else []


def _stands_above(mark, dot):
    """Tells whether a part stands above the middle of another."""
    centre = dot[LEFT] + dot[WIDTH] / 2
    is_above = mark[TOP] + mark[HEIGHT] <= dot[TOP]
    return is_above and mark[LEFT] <= centre <= mark[LEFT] + mark[WIDTH]


def _ends(pair, rest):
    """Tells whether a mark and its dot stand behind all others, as high as those."""
    height, letter = height_of(pair), height_of(rest)
    low, high = np.multiply(_MARK_HEIGHT_RANGE, letter)
    is_narrow = pair[:, WIDTH].max() <= _MAX_MARK_WIDTH * height
    is_long = pair[0, HEIGHT] >= _MIN_STROKE_HEIGHT * height
    is_behind = pair[:, LEFT].min() >= right_ends(rest).max()
    is_level = abs(feet(pair).max() - feet(rest).max()) <= _MAX_FOOT_OFFSET * letter
    return all((is_narrow, is_long, is_behind, is_level, low <= height <= high))


def _is_dot(ink, label):
    """Tells whether a part is as small as other strokes are wide, and full."""
    _, _, width, height, area = ink.parts[label]
    others = np.arange(len(ink.parts)) > 0
    others[label] = False
    most = _MAX_DOT_SIDE * stroke_width(mask_of(others, ink.labels))
    return max(width, height) <= most and area >= _MIN_DOT_FULLNESS * width * height


def _ring(ink, large):
    """Returns the places of a ring and of what it holds, where a picture begins so."""
    boxes = ink.parts[large]
    first = boxes[:, LEFT].argmin()
    ring = boxes[first]
    beside = boxes[:, LEFT] >= ring[LEFT] + ring[WIDTH]
    held = ~beside
    held[first] = False
    low, high = sorted((ring[WIDTH], ring[HEIGHT]))
    if not beside.any() or not held.any() or low < _MIN_RING_ROUNDNESS * high:
        return []
    highest, number = np.multiply(_MAX_RING_HEIGHTS, height_of(boxes[beside]))
    fits = ring[HEIGHT] <= highest and height_of(boxes[held]) <= number
    return large[~beside] if fits and _holds(ink, large[first], large[held]) else []


def _holds(ink, ring, others):
    """Tells whether a part is closed around all of some others."""
    around = np.pad((ink.labels == ring).view(np.uint8), 1)
    cv2.floodFill(around, None, (0, 0), 1)
    return not around[1:-1, 1:-1][np.isin(ink.labels, others)].any()


def _quotes(parts, large):
    """Returns the places of quotes, two or one on either side of a letter."""
    begin = large[parts[large, LEFT].argsort(kind="stable")]
    end = large[right_ends(parts[large]).argsort(kind="stable")]
    for count in (2, 1):
        both = np.union1d(begin[:count], end[-count:])
        rest = np.setdiff1d(large, both)
        if len(both) == 2 * count and len(rest):
            before, behind, letter = (
                parts[begin[:count]],
                parts[end[-count:]],
                parts[rest],
            )
            beside = right_ends(before).max() <= letter[:, LEFT].min()
            beside &= behind[:, LEFT].min() >= right_ends(letter).max()
            if beside and _hang(parts[both], letter):
                return both
    return []


def _hang(quotes, letter):
    """Tells whether parts hang at a letter's top, tiny, and as large as each other."""
    height, top = height_of(letter), letter[:, TOP].min()
    sizes = quotes[:, [HEIGHT, AREA]]
    least, most = sizes.min(axis=0), sizes.max(axis=0)
    is_tiny = (
        most[0] <= _MAX_QUOTE_HEIGHT * height
        and most[1] <= _MAX_QUOTE_INK * letter[:, AREA].sum()
    )
    hang = quotes[:, TOP].max() <= top + _MAX_QUOTE_DROP * height
    return is_tiny and hang and (least >= _MIN_QUOTE_LIKENESS * most).all()
