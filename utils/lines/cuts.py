"""A line of text -> where it can be cut: every gap, and where the ink is thin.

Too many cuts on purpose: which of them part syllables is told by reading what lies
between them (Casey, Lecolinet 1996, section 4, https://doi.org/10.1109/34.506792).
"""

from typing import NamedTuple

import cv2
import numpy as np

from utils.lines.strips import HEIGHT

_WIDE = 0.3  # of the height: narrower ink is not cut
_APART = 0.08  # of the height: so far are cuts through ink from each other
_SMOOTH = 0.02  # of the height
_THIN = 0.5  # of the height: columns with more ink are not cut


class Cuts(NamedTuple):
    """Where a line can be cut, from left to right; both its ends are cuts as well.

    places: integers (cuts,), columns in pixels.
    ink: `float64` (cuts,), the ink that each goes through, in parts of `HEIGHT`.
    gaps: `float64` (cuts,), how wide the gap is that it lies in, likewise; 0 in ink,
        1 at both ends.
    """

    places: np.ndarray
    ink: np.ndarray
    gaps: np.ndarray


def find_cuts(ink: np.ndarray) -> Cuts:
    """Finds where a line can be cut.

    Args:
        ink: (height, width), not 0 where there is ink; somewhere there is.
    """
    profile = np.count_nonzero(ink, axis=0).astype(float)
    inked = np.flatnonzero(profile)
    first, last = int(inked[0]), int(inked[-1]) + 1
    edges = np.flatnonzero(np.diff(profile[first:last] > 0)) + 1 + first
    gaps = edges.reshape(-1, 2).tolist()  # where ink ends, and begins again
    found = [((start + end) // 2, 0.0, end - start) for start, end in gaps]
    smooth = cv2.GaussianBlur(profile[None], (0, 0), _SMOOTH * HEIGHT)[0]
    for start, end in np.r_[first, edges, last].reshape(-1, 2).tolist():
        found += [(at, profile[at], 0) for at in _thinnest(smooth, start, end)]
    found = [(first, 0.0, HEIGHT), *sorted(found), (last, 0.0, HEIGHT)]
    places, through, widths = zip(*found, strict=True)
    return Cuts(np.array(places), *np.array([through, widths]) / HEIGHT)


def _thinnest(smooth, start, end):
    """Returns the columns within a run of ink where there is least of it."""
    if end - start < _WIDE * HEIGHT:
        return []
    room = round(_WIDE / 3 * HEIGHT)
    columns = np.arange(start + room, end - room)
    here = smooth[columns]
    lowest = (here <= smooth[columns - 1]) & (here <= smooth[columns + 1])
    lowest &= here < _THIN * HEIGHT
    chosen: list[int] = []
    for column in sorted(columns[lowest].tolist(), key=lambda at: smooth[at]):
        if all(abs(column - other) > _APART * HEIGHT for other in chosen):
            chosen.append(column)
    return chosen
