"""Brackets about a syllable, (가), [나], <다>, behind it, 라), or before it: (1) 마."""

import numpy as np

from utils.cleaning.boxes import foot_of, large_labels, right_of, span_of
from utils.cleaning.bracket_shapes import (
    are_turned,
    bends,
    may_be_bracket,
    stand_about,
)
from utils.cleaning.ink import (
    HEIGHT,
    LEFT,
    TOP,
    Ink,
    without_parts,
)

# Greatest width, of its height, and least height, of the letter's.
_ROUND_OR_SQUARE = 0.42, 0.8
_ANGLES = 1.1, 0.4
_MIN_BEND = 0.02  # of its height: so far a bracket's ends come in
_MIN_ANGLE_BEND = 0.2  # the same of angles
_MIN_LONE_BEND = 0.1  # the same of a bracket without another, each of its ends
_MAX_LONE_HEIGHT = 1.6  # of the letter's height: of a bracket without another
_MIN_LETTER_WIDTH = 0.5  # of its height: of a letter before such a bracket
_MIN_NUMBERED_WIDTH = 0.6  # the same of a letter behind a number in brackets
_MIN_NUMBER_GAP = 0.15  # of the letter's height: from such a number's only bracket
_MAX_LETTER_OVERHANG = 0.08  # of that bracket's height: past its top, or its foot


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
    if pair[0] is pair[1] or not stand_about(pair, letter, _ANGLES):
        return []
    labels = [large[boxes.index(box)] for box in pair]
    bent = _inward_bends(ink, labels)
    limits = _ANGLES if np.min(bent) >= _MIN_ANGLE_BEND else _ROUND_OR_SQUARE
    fits = _are_bent(bent) and stand_about(pair, letter, limits)
    return labels if fits and are_turned(ink, labels) else []


def _number(ink, large):
    """Returns the places of a number before all else, and of its brackets."""
    order = sorted(large, key=lambda label: ink.parts[label, LEFT])
    boxes = ink.parts[order].tolist()
    for end in range(1, len(order) - 1):
        letter, bracket = span_of(boxes[end + 1 :]), boxes[end]
        stands = (
            max(map(right_of, boxes[: end + 1])) <= letter.left,
            letter.width >= _MIN_NUMBERED_WIDTH * letter.height,
            bracket[HEIGHT] <= _MAX_LONE_HEIGHT * letter.height,
        )
        if not all(stands) or not may_be_bracket(bracket, _ROUND_OR_SQUARE):
            continue
        if _encloses(ink, order, boxes, end) or _closes(
            ink, order[end], bracket, span_of(boxes[:end]), letter
        ):
            return order[: end + 1]
    return []


def _encloses(ink, order, boxes, end):
    """Tells whether the first part and another are brackets around those between."""
    if end < 2:
        return False
    fits = stand_about((boxes[0], boxes[end]), boxes[1:end], _ROUND_OR_SQUARE)
    pair = order[0], order[end]
    return fits and _are_bent(_inward_bends(ink, pair)) and are_turned(ink, pair)


def _closes(ink, label, bracket, number, letter):
    """Tells whether a part closes a number that nothing opens: 1) 가."""
    gap = letter.left - right_of(bracket)
    stands = (
        number.right <= bracket[LEFT],
        bracket[HEIGHT] >= _ROUND_OR_SQUARE[1] * number.height,
        gap >= _MIN_NUMBER_GAP * letter.height,
    )
    return all(stands) and -bends(ink, label).max() >= _MIN_LONE_BEND


def _inward_bends(ink, pair):
    """Returns how far the two ends of each of two parts come in, a pair for each."""
    return [side * bends(ink, k) for k, side in zip(pair, (1, -1), strict=True)]


def _are_bent(inward):
    """Tells whether ends come in as those of brackets do, see `_inward_bends`."""
    return np.mean(inward, axis=1).min() >= _MIN_BEND


def _last(ink, large):
    """Returns the place of a round bracket behind all else, in a list, or none."""
    boxes = ink.parts[large].tolist()
    last = max(boxes, key=right_of)
    rest = [box for box in boxes if box is not last]
    if not rest or not may_be_bracket(last, _ROUND_OR_SQUARE):
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
    return [label] if all(spans) and -bends(ink, label).max() >= _MIN_LONE_BEND else []
