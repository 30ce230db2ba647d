"""Finds the rows of ink in level text, which are lines or parts of lines."""

from itertools import pairwise

import cv2
import numpy as np

from utils.lines.rules import letter_height

_MIN_ROW_INK = 0.15  # of the fullest pixel row near by: less lies between lines
_MIN_ROW_PIXELS = 0.5  # of ink, added to that limit
_MAX_EMPTY_INK = 0.004  # of the fullest pixel row: with less a line has ended
_TRIMMED_INK = 0.005  # of a line's ink, outside its height at the top and the bottom
_MIN_ROW_HEIGHT = 0.35  # of the usual height: lower rows are parts of lines
_MIN_SURE_HEIGHT = 0.8  # of the letters' width and the highest row: lower may be parts
_MIN_SURE_ASPECT = 4  # width over height: rows of a few letters are never certain
# A row below the least height is a line of small text from so many pixels and letters.
_MIN_SMALL_HEIGHT, _MIN_SMALL_LETTERS = 8, 4
_MAX_PART_GAP = 0.6  # of the usual height: a part farther from any line is dropped


def find_rows(ink: np.ndarray) -> list[tuple[int, int]]:
    """Finds the lines of level text.

    Args:
        ink: `uint8` (height, width), 1 is ink.

    Returns:
        List of (top, bottom) in pixels, from top to bottom, ends exclusive.
    """
    if not ink.any():
        return []
    height = letter_height(ink)
    profile = ink.sum(axis=1).astype(float)
    smooth = cv2.GaussianBlur(profile[None], (0, 0), 0.05 * height + 0.3)[0]
    # Compared near by: a line of one letter has far less ink than one of twenty.
    near = cv2.dilate(smooth[None], np.ones((1, int(height) | 1), np.uint8))[0]
    runs = _runs(smooth > _MIN_ROW_INK * near + _MIN_ROW_PIXELS)
    rows = _merge(runs, _usual(ink, height), ink)
    return [_tighten(profile, row) for row in _widen(rows, smooth / smooth.max())]


def are_sure(rows: list[tuple[int, int]], ink: np.ndarray) -> bool:
    """Tells whether it is certain that every row is a whole line.

    Hangul is as high as it is wide: a clearly lower row may hold the initials and
    medials of a line, above its finals. With a few letters it stays uncertain.

    Args:
        rows: as `find_rows` gives them.
        ink: as for `find_rows`.
    """
    if len(rows) < 2:
        return True
    heights = [bottom - top for top, bottom in rows]
    wide = _widths(ink)
    if cv2.boundingRect(ink)[2] < _MIN_SURE_ASPECT * max(heights):
        return False
    return min(heights) > _MIN_SURE_HEIGHT * max(
        wide[int(0.95 * (len(wide) - 1))], *heights
    )


def _runs(mask):
    """Returns the runs of True in a mask: a list of (first, end)."""
    edges = np.flatnonzero(np.diff(np.r_[0, mask.astype(int), 0]))
    return [tuple(pair) for pair in edges.reshape(-1, 2).tolist()]


def _usual(ink, height):
    """Estimates the usual height of a line: letters are as high as they are wide."""
    widths = _widths(ink)
    # Joined letters are wider: hence the upper limit.
    return max(height, min(widths[int(0.8 * (len(widths) - 1))], 1.5 * height))


def _widths(ink):
    """Returns the widths of connected parts, sorted."""
    return np.sort(cv2.connectedComponentsWithStats(ink)[2][1:, 2])


def _has_letters(row, ink):
    """Tells whether a row may be small text: several parts fill most of its height.

    A row of finals may look the same: reading tells the two apart.
    """
    top, bottom = row
    stats = cv2.connectedComponentsWithStats(ink[top:bottom])[2][1:]
    high = stats[:, 3] > 0.5 * (bottom - top)
    return (
        bottom - top >= _MIN_SMALL_HEIGHT
        and np.count_nonzero(high) >= _MIN_SMALL_LETTERS
    )


def _merge(rows, usual, ink):
    """Joins rows that are too low for a line with the nearest row, or drops them."""
    thin = [row for row in rows if row[1] - row[0] <= _MIN_ROW_HEIGHT * usual]
    lines = [row for row in thin if _has_letters(row, ink)]
    rest = [row for row in rows if row not in lines]
    return _apart(sorted(lines + _join(rest, usual)))


def _apart(rows):
    """Joins sorted rows that overlap, as two that were joined across a low one do."""
    found = rows[:1]
    for top, bottom in rows[1:]:
        if top < found[-1][1]:
            found[-1] = found[-1][0], max(bottom, found[-1][1])
        else:
            found.append((top, bottom))
    return found


def _join(rows, usual):
    """Joins low rows with the nearest, or drops them."""
    while len(rows) > 1:
        heights = [bottom - top for top, bottom in rows]
        place = int(np.argmin(heights))
        if heights[place] > _MIN_ROW_HEIGHT * usual:
            break
        other = min(
            (at for at in (place - 1, place + 1) if 0 <= at < len(rows)),
            key=lambda at: _gap(rows[place], rows[at]),
        )
        if _gap(rows[place], rows[other]) > _MAX_PART_GAP * usual:
            rows.pop(place)  # far from all
            continue
        first = min(place, other)
        rows[first : first + 2] = [(rows[first][0], rows[first + 1][1])]
    return rows


def _gap(one, other):
    """Returns the distance between two rows in pixels, below 0 where they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _widen(rows, smooth):
    """Extends rows up to where the ink between them ends, or is least."""
    ends = [0, *(_least(smooth, a[1], b[0]) for a, b in pairwise(rows))]
    ends.append(len(smooth))
    empty = smooth < _MAX_EMPTY_INK
    for place, (top, bottom) in enumerate(rows):
        above = np.flatnonzero(empty[ends[place] : top])
        below = np.flatnonzero(empty[bottom : ends[place + 1]])
        first = ends[place] + int(above[-1]) + 1 if len(above) else ends[place]
        yield first, bottom + int(below[0]) if len(below) else ends[place + 1]


def _least(smooth, start, end):
    return start + int(smooth[start : end + 1].argmin())


def _tighten(profile, row):
    """Trims the outermost ink of a row, which may belong to its neighbours."""
    top, bottom = row
    share = profile[top:bottom].cumsum() / profile[top:bottom].sum()
    first = int(np.searchsorted(share, _TRIMMED_INK))
    last = int(np.searchsorted(share, 1 - _TRIMMED_INK)) + 1
    return top + first, top + max(last, first + 1)
