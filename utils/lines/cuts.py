"""Finds where a line of text can be cut: every gap, and columns with little ink.

It is over-segmented on purpose: which cuts separate syllables is decided by reading
what lies between them (Casey, Lecolinet 1996, section 4, https://doi.org/10.1109/34.506792).
"""

from typing import NamedTuple

import cv2
import numpy as np

from utils.lines.strips import LINE_HEIGHT

# All in parts of the line's height.
_MIN_INK_WIDTH = 0.3  # narrower runs of ink are not cut
_MIN_CUT_DISTANCE = 0.08  # between two cuts through ink
_BLUR_SIGMA = 0.02  # of the column profile, before its minima are looked for
_MAX_CUT_INK = 0.5  # in a column: fuller ones are not cut


class Cuts(NamedTuple):
    """The possible cuts of a line, from left to right, including both its ends.

    places: integers (cuts,), columns in pixels.
    ink: `float64` (cuts,), the ink in that column, in parts of `LINE_HEIGHT`.
    gaps: `float64` (cuts,), the width of the gap around the cut, in parts of
        `LINE_HEIGHT`; 0 in ink, 1 at both ends.
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
    smooth = cv2.GaussianBlur(profile[None], (0, 0), _BLUR_SIGMA * LINE_HEIGHT)[0]
    for start, end in np.r_[first, edges, last].reshape(-1, 2).tolist():
        found += [(at, profile[at], 0) for at in _thinnest(smooth, start, end)]
    found = [(first, 0.0, LINE_HEIGHT), *sorted(found), (last, 0.0, LINE_HEIGHT)]
    places, through, widths = zip(*found, strict=True)
    return Cuts(np.array(places), *np.array([through, widths]) / LINE_HEIGHT)


def _thinnest(smooth, start, end):
    """Returns the columns within a run of ink where its profile has a low minimum."""
    if end - start < _MIN_INK_WIDTH * LINE_HEIGHT:
        return []
    room = round(_MIN_INK_WIDTH / 3 * LINE_HEIGHT)
    columns = np.arange(start + room, end - room)
    here = smooth[columns]
    lowest = (here <= smooth[columns - 1]) & (here <= smooth[columns + 1])
    lowest &= here < _MAX_CUT_INK * LINE_HEIGHT
    chosen: list[int] = []
    for column in sorted(columns[lowest].tolist(), key=lambda at: smooth[at]):
        if all(
            abs(column - other) > _MIN_CUT_DISTANCE * LINE_HEIGHT for other in chosen
        ):
            chosen.append(column)
    return chosen
