"""Level text -> where its lines begin and end."""

from itertools import pairwise

import cv2
import numpy as np

from utils.lines.rules import letter_height

_FAINT = 0.15  # of the fullest row's ink near by: with less it lies between lines
_NOTHING = 0.5  # pixels
_EMPTY = 0.004  # of it: there a line has ended
_EDGE = 0.005  # of a line's ink above and below what counts as its height
_THIN = 0.35  # of the usual height: less is part of a line, finals of some letters
_SURE = 0.8  # of the letters' width and the highest line: lower ones may be none
_LONG = 4  # times as wide as high: of shorter rows it is never sure
_LOWEST, _SEVERAL = 8, 4  # pixels, and letters, of a line that is so thin
_NEAR = 0.6  # of the usual height: so near a part lies to its line


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
    # Of those near by: a line of one letter has little beside one of twenty.
    near = cv2.dilate(smooth[None], np.ones((1, int(height) | 1), np.uint8))[0]
    runs = _runs(smooth > _FAINT * near + _NOTHING)
    rows = _merge(runs, _usual(ink, height), ink)
    return [_tighten(profile, row) for row in _widen(rows, smooth / smooth.max())]


def are_sure(rows: list[tuple[int, int]], ink: np.ndarray) -> bool:
    """Tells whether rows are lines for sure, and not parts of lines.

    Hangul is as high as it is wide: what is clearly lower may be the initials and the
    upper strokes of a line, above its finals. Of a few letters it is not clear.

    Args:
        rows: as `find_rows` gives them.
        ink: as there.
    """
    if len(rows) < 2:
        return True
    heights = [bottom - top for top, bottom in rows]
    wide = _widths(ink)
    if cv2.boundingRect(ink)[2] < _LONG * max(heights):
        return False
    return min(heights) > _SURE * max(wide[int(0.95 * (len(wide) - 1))], *heights)


def _runs(mask):
    """Returns where runs begin and end: a list of (first, end)."""
    edges = np.flatnonzero(np.diff(np.r_[0, mask.astype(int), 0]))
    return [tuple(pair) for pair in edges.reshape(-1, 2).tolist()]


def _usual(ink, height):
    """Returns how high lines are, nearly: letters are as high as they are wide."""
    widths = _widths(ink)
    # Letters that join are wider than that.
    return max(height, min(widths[int(0.8 * (len(widths) - 1))], 1.5 * height))


def _widths(ink):
    """Returns how wide connected parts are, sorted."""
    return np.sort(cv2.connectedComponentsWithStats(ink)[2][1:, 2])


def _has_letters(row, ink):
    """Tells whether a row may be a line of small letters: several parts as high as it.

    So may finals be that stand below other strokes: what is read tells them apart.
    """
    top, bottom = row
    stats = cv2.connectedComponentsWithStats(ink[top:bottom])[2][1:]
    high = stats[:, 3] > 0.5 * (bottom - top)
    return bottom - top >= _LOWEST and np.count_nonzero(high) >= _SEVERAL


def _merge(rows, usual, ink):
    """Joins rows that are too thin for a line with the nearest, or drops them."""
    thin = [row for row in rows if row[1] - row[0] <= _THIN * usual]
    lines = [row for row in thin if _has_letters(row, ink)]
    rest = [row for row in rows if row not in lines]
    return _apart(sorted(lines + _join(rest, usual)))


def _apart(rows):
    """Joins sorted rows that reach over each other, as two about a thin one do."""
    found = rows[:1]
    for top, bottom in rows[1:]:
        if top < found[-1][1]:
            found[-1] = found[-1][0], max(bottom, found[-1][1])
        else:
            found.append((top, bottom))
    return found


def _join(rows, usual):
    """Joins thin rows with the nearest, or drops them."""
    while len(rows) > 1:
        heights = [bottom - top for top, bottom in rows]
        place = int(np.argmin(heights))
        if heights[place] > _THIN * usual:
            break
        other = min(
            (at for at in (place - 1, place + 1) if 0 <= at < len(rows)),
            key=lambda at: _gap(rows[place], rows[at]),
        )
        if _gap(rows[place], rows[other]) > _NEAR * usual:
            rows.pop(place)  # far from all
            continue
        first = min(place, other)
        rows[first : first + 2] = [(rows[first][0], rows[first + 1][1])]
    return rows


def _gap(one, other):
    """Returns how far two rows are apart."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _widen(rows, smooth):
    """Lets rows begin and end where there is least ink between them, or none."""
    ends = [0, *(_least(smooth, a[1], b[0]) for a, b in pairwise(rows))]
    ends.append(len(smooth))
    empty = smooth < _EMPTY
    for place, (top, bottom) in enumerate(rows):
        above = np.flatnonzero(empty[ends[place] : top])
        below = np.flatnonzero(empty[bottom : ends[place + 1]])
        first = ends[place] + int(above[-1]) + 1 if len(above) else ends[place]
        yield first, bottom + int(below[0]) if len(below) else ends[place + 1]


def _least(smooth, start, end):
    return start + int(smooth[start : end + 1].argmin())


def _tighten(profile, row):
    """Leaves out a row's first and last bits of ink, which may be a neighbour's."""
    top, bottom = row
    share = profile[top:bottom].cumsum() / profile[top:bottom].sum()
    first = int(np.searchsorted(share, _EDGE))
    last = int(np.searchsorted(share, 1 - _EDGE)) + 1
    return top + first, top + max(last, first + 1)
