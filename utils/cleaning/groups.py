"""Groups of ink that stand far apart: a syllable among what else a picture shows."""

from collections.abc import Sequence

_MIN_FAR = 0.85  # sides of a group: what is as far away is another thing
_MAX_OTHER = 1.3  # the same: longer parts, as lines are, count as no longer
_MAX_LONG = 2.0  # times its shorter side: a longer group is no syllable
_MAX_ALIKE = 0.8  # of the broadest group's shorter side: with as much it is one too

Corners = tuple[int, int, int, int]  # left, top, right, bottom


def largest_group(parts: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Returns those parts that stand together, of several such groups the broadest.

    Jamo of a syllable stand no farther apart than they are large; buttons, captions,
    page numbers and whatever else a picture shows often do.

    Args:
        parts: rows of `ink.Ink.parts`, at least one.

    Returns:
        All parts, where none of the groups can be a syllable, or several can.
    """
    boxes = [(_corners(part), place) for place, part in enumerate(parts)]
    groups, rest = [], sorted(boxes, key=lambda box: (_breadth(box[0]), box))
    while rest:
        groups.append(_take_group(rest))
    breadths = [
        _breadth(box) if _extent(box) <= _MAX_LONG * _breadth(box) else 0
        for box, _ in groups
    ]
    *_, second, first = [0, *sorted(breadths)]
    if not first or second > _MAX_ALIKE * first:
        return list(parts)
    return [parts[k] for k in groups[breadths.index(first)][1]]


def _take_group(rest):
    """Takes the last of (corners, place) away, and all that stand together with it.

    Returns:
        (corners of the group, places of its parts in order).
    """
    box, place = rest.pop()
    places = [place]
    while rest:
        gap, nearest = min((_gap(box, other), k) for k, (other, _) in enumerate(rest))
        side = min(_extent(box), _MAX_LONG * _breadth(box))
        other = min(_extent(rest[nearest][0]), _MAX_OTHER * side)
        if gap > _MIN_FAR * max(side, other):
            break
        other, place = rest.pop(nearest)
        places.append(place)
        box = (*map(min, box[:2], other[:2]), *map(max, box[2:], other[2:]))
    return box, sorted(places)


def _corners(part):
    """Returns the `Corners` of a part."""
    left, top, width, height, _ = part
    return left, top, left + width, top + height


def _gap(box, other):
    """Returns how far apart two boxes are, the larger of both ways; below 0: not."""
    across = max(other[0] - box[2], box[0] - other[2])
    return max(across, other[1] - box[3], box[1] - other[3])


def _breadth(box):
    return min(box[2] - box[0], box[3] - box[1])


def _extent(box):
    return max(box[2] - box[0], box[3] - box[1])
