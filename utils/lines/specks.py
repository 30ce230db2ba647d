"""Finds specks of dust on a page: neither letters nor the marks behind them."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH

_MAX_SPECK_SIZE = 0.06  # of a letter's height: longer side of any speck
_MAX_LONE_SIZE = 0.2  # of a letter's height: longer side of a speck that lies alone
_LONE_MARGIN = 2.5  # times its size: so far around a lone speck there is no text
_MAX_INK_AROUND = 3  # times its own ink, within that margin: other specks
# Of a letter's height. A letter stands so far in front of a full stop, rises so far
# above it, and reaches so far below.
_STOP_DISTANCE, _STOP_DEPTH, _BELOW_STOP = 0.75, 0.6, 0.1
_PAPER_BEHIND = 0.3  # of a letter's height: so far behind a stop nothing stands
# Specks that cannot be stops: from so many on, and more than so many for each that may
# be, a page is dusty. Stops are then so much larger than nearly all of them.
_MIN_DUST, _DUST_PER_STOP, _MIN_STOP_AREA, _DUST_QUANTILE = 4, 2, 1.3, 0.95
_MIN_LETTER_INK = 0.02  # of a letter's height squared: it has so much ink there


def find_specks(
    ink: np.ndarray, parts: np.ndarray, height: float, vertical: bool = False
) -> np.ndarray:
    """Tells which connected parts are neither letters nor parts of letters.

    What may be a full stop is none of them: it lies as much alone as dust does, but
    behind a letter, at its foot.

    Args:
        ink: `uint8` (height, width), 1 is ink.
        parts: `int32` (labels, 5), OpenCV's statistics of its connected parts, the
            paper's first.
        height: of letters, in pixels.
        vertical: the letters lie on their left side: their right one is above.

    Returns:
        `bool` (labels,), False for paper.
    """
    size = parts[:, [WIDTH, HEIGHT]].max(axis=1)
    gone = size < _MAX_SPECK_SIZE * height
    table = cv2.integral(ink)
    lone = (size < _MAX_LONE_SIZE * height) & _are_alone(table, parts, size)
    stops = lone & _are_behind_letters(table, parts, height, vertical)
    stops &= ~_are_as_small_as_dust(parts, stops, lone & ~stops & ~gone)
    gone |= lone & ~stops
    gone[0] = False
    return gone


def _are_as_small_as_dust(parts, stops, dust):
    """Tells which parts are no larger than nearly all dust, where there is much of it.

    Args:
        parts: as for `find_specks`.
        stops: bool (labels,), what may be stops.
        dust: bool (labels,), specks that are none.
    """
    areas = parts[dust, AREA]
    if len(areas) < max(_MIN_DUST, _DUST_PER_STOP * np.count_nonzero(stops) + 1):
        return np.zeros(len(parts), bool)
    return parts[:, AREA] <= _MIN_STOP_AREA * np.quantile(areas, _DUST_QUANTILE)


def _are_alone(table, parts, size):
    """Tells which parts have hardly any other ink around them."""
    room = np.ceil(_LONE_MARGIN * size).astype(int)
    around = _ink_around(table, parts, room, room, room, room)
    return around <= (1 + _MAX_INK_AROUND) * parts[:, AREA]


def _are_behind_letters(table, parts, height, vertical):
    """Tells which parts have a letter in front of them and above, paper behind."""
    above, below = (round(part * height) for part in (_STOP_DEPTH, _BELOW_STOP))
    if vertical:  # a column's stops stand at the right of it
        above, below = below, above
    before, own = round(_STOP_DISTANCE * height), -parts[:, WIDTH]
    found = _ink_around(table, parts, before, own, above, below)
    behind = round(_PAPER_BEHIND * height)
    free = _ink_around(table, parts, own, behind, above, below) == 0
    return free & (found > _MIN_LETTER_INK * height**2)


def _ink_around(table, parts, left, right, above, below):
    """Returns the ink within boxes that reach beyond those of parts: (labels,).

    Args:
        table: as `cv2.integral` gives it.
        parts: as for `find_specks`.
        left: pixels, or integers (labels,): how far the boxes reach beyond the parts.
        right: the same.
        above: the same.
        below: the same.
    """
    high, wide = table.shape[0] - 1, table.shape[1] - 1
    # Where no pixel is paper, OpenCV's box of it lies outside the picture.
    first = np.clip(parts[:, LEFT] - left, 0, wide)
    last = np.clip(parts[:, LEFT] + parts[:, WIDTH] + right, 0, wide)
    top = np.clip(parts[:, TOP] - above, 0, high)
    bottom = np.clip(parts[:, TOP] + parts[:, HEIGHT] + below, 0, high)
    around = table[bottom, last] - table[top, last]
    return around + table[top, first] - table[bottom, first]
