"""Strokes of two kinds of ink: whether one goes across the other, or only meets it."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width

_CROSSING_RADII = 0.8, 1.2, 1.7  # times both widths: of circles around a meeting
_PLACE_STEP = 0.4  # times both widths: from each place that is looked at to the next
_CIRCLE_ANGLES = np.linspace(0, 2 * np.pi, 96, endpoint=False)  # radians
_OPPOSITE_REACH, _ASIDE_REACH = 0.08, 0.14  # of a turn, to either side


def widened(mask: np.ndarray, width: float) -> np.ndarray:
    """Returns a mask widened by half a stroke, and a soft edge, all around.

    Args:
        mask: `uint8` (height, width), 1 or 0.
        width: of the stroke in pixels.
    """
    side = int(width) + 4 | 1
    return cv2.dilate(mask, np.ones((side, side), np.uint8))


def cross(one: np.ndarray, other: np.ndarray) -> bool:
    """Tells whether somewhere strokes go on beyond others, and those beyond them.

    Strokes of a syllable end where they meet; those that were drawn over it do not.
    Either may cover the other.

    Args:
        one: `uint8` (height, width), 1 on strokes.
        other: likewise, on others; the two have no pixel in common.
    """
    widths = stroke_width(one), stroke_width(other)
    both = sum(widths)
    meeting = widened(one, widths[1]) & widened(other, widths[0]) & (one | other)
    step = max(1, round(_PLACE_STEP * both))
    rows, columns = np.nonzero(meeting[::step, ::step])
    return any(
        _cross_at((x, y), radius * both, one, other, meeting)
        for x, y in zip(step * columns, step * rows, strict=True)
        for radius in _CROSSING_RADII
    )


def _cross_at(place, radius, one, other, meeting):
    """Tells whether strokes cross others in a circle around a place.

    Args:
        place: (x, y) in pixels, of the meeting.
        radius: in pixels.
        one: as for `cross`.
        other: likewise.
        meeting: `uint8` (height, width), 1 on ink of either kind near the other.
    """
    reach = round(radius) + 1
    around = [slice(max(0, length - reach), length + reach + 1) for length in place]
    x, y = (length - part.start for length, part in zip(place, around, strict=True))
    one, other, meeting = (mask[around[1], around[0]] for mask in (one, other, meeting))
    disc = cv2.circle(np.zeros_like(one), (int(x), int(y)), reach, 1, -1)
    joined = [
        _joined(strokes & disc, meeting & disc, (y, x)) for strokes in (one, other)
    ]
    return _alternate(joined[0] + 2 * joined[1], (x, y), radius)


def _joined(strokes, meeting, place):
    """Returns the mask of strokes that are joined where they meet others, at a place.

    Args:
        strokes: `uint8` (height, width).
        meeting: likewise, ink of either kind: under the others a stroke goes on.
        place: (row, column), of the meeting.
    """
    labels = cv2.connectedComponents(strokes | meeting)[1]
    return strokes & (labels == labels[place]).view(np.uint8)


def _alternate(kinds, place, radius):
    """Tells whether one kind lies on opposite sides of a place, the other between.

    Args:
        kinds: (height, width): 0 on paper, 1 and 2 on ink, 3 on what may be either.
        place: (x, y) in pixels.
        radius: in pixels, of the circle that is gone around.
    """
    x = np.rint(place[0] + radius * np.cos(_CIRCLE_ANGLES)).astype(int)
    y = np.rint(place[1] + radius * np.sin(_CIRCLE_ANGLES)).astype(int)
    inside = (x >= 0) & (x < kinds.shape[1]) & (y >= 0) & (y < kinds.shape[0])
    around = np.zeros(len(_CIRCLE_ANGLES), int)
    around[inside] = kinds[y[inside], x[inside]]
    one, other = around == 1, around == 2
    aside = _near(other, 0.25, _ASIDE_REACH) & _near(other, 0.75, _ASIDE_REACH)
    return bool((one & _near(one, 0.5, _OPPOSITE_REACH) & aside).any())


def _near(around, turn, reach):
    """Tells of each direction whether there is something a turn farther, or near it.

    Args:
        around: `bool` (directions,).
        turn: 0-1, of the full circle.
        reach: likewise, on either side.
    """
    count = len(around)
    places = np.arange(round((turn - reach) * count), round((turn + reach) * count) + 1)
    return around[(np.arange(count)[:, None] + places) % count].any(axis=1)
