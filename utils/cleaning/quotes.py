"""Quotes on both sides of a syllable, at its top."""

from utils.cleaning.boxes import Box, right_of, span_of
from utils.cleaning.ink import AREA, HEIGHT, TOP

_MAX_QUOTE_HEIGHT = 0.42  # of the letter's height
_MAX_QUOTE_INK = 0.12  # of the letter's ink: none has more
_MAX_QUOTE_DROP = 0.15  # of the letter's height: so far below its top they begin
_MIN_QUOTE_LIKENESS = 0.7  # of the greatest height, and of the greatest area, of them


def find_quotes(boxes: list[Box]) -> list[int]:
    """Finds quotes, two or one on either side of a letter.

    Args:
        boxes: rows of `Ink.parts`, as lists, from left to right; two or more.

    Returns:
        The places of the quotes among them; none where there are no such.
    """
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
