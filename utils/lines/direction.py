"""Tells columns of text from lines."""

from itertools import pairwise

import numpy as np

from utils.lines.rows import find_rows
from utils.lines.rules import text_ink
from utils.lines.tilt import find_tilt
from utils.pictures.geometry import lay_down, turn

# As the shell says whether text is vertical -> as Python does; None: the picture tells.
DIRECTIONS = {"auto": None, "true": True, "false": False}

_MIN_SEVERAL = 2.2  # times a column's width: rows as high as that hold several letters
_MAX_WIDTH = 1.5  # of a row's height: wider columns are words of several lines
_MIN_LENGTH = 1.75  # of its width: a shorter column is one letter
_MIN_GAP = 0.12  # of a letter's side: bands that are nearer are parts of one
_MIN_GAP_RATIO = 1.3  # of the gaps between columns over those between rows of letters


def are_columns(clean: np.ndarray) -> bool:
    """Tells whether a text is written in columns, from top to bottom.

    Letters are about as high as they are wide, and stand nearer to those beside them in
    their line than to other lines. What may be both is taken for lines.

    Args:
        clean: `uint8` (height, width), dark on white.
    """
    rows, columns = _bands(clean, False), _bands(lay_down(clean), True)
    if not rows or not columns:
        return False
    letter = min(_thickness(rows), _thickness(columns))
    rows, columns = _joined(rows, letter), _joined(columns, letter)
    high, wide = _thickness(rows), _thickness(columns)
    if high > _MIN_SEVERAL * wide:
        return True
    if len(rows) == 1 or wide > _MAX_WIDTH * high:
        return False
    if len(columns) == 1:
        return rows[-1][1] - rows[0][0] > _MIN_LENGTH * wide
    return _gap(columns) > _MIN_GAP_RATIO * _gap(rows)


def _bands(clean, vertical):
    """Returns the rows of a text, once it is level: (top, bottom) of each."""
    tilt = find_tilt((clean < 128).view(np.uint8))
    return find_rows(text_ink(turn(clean, tilt, 255)[0], vertical))


def _joined(bands, letter):
    """Returns bands, with those joined that are too near for lines."""
    found = bands[:1]
    for first, end in bands[1:]:
        if first - found[-1][1] < _MIN_GAP * letter:
            found[-1] = found[-1][0], end
        else:
            found.append((first, end))
    return found


def _thickness(bands):
    """Returns the thickness of the thickest band: some letters have thin parts."""
    return max(end - first for first, end in bands)


def _gap(bands):
    """Returns the usual distance between a band and the next."""
    return float(np.median([after[0] - band[1] for band, after in pairwise(bands)]))
