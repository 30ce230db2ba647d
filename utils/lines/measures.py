"""Measures pieces of a line by numbers that tell syllables from anything else.

Those of `shapes` are taken before anything is read, those of `certainties` after. Their
weights are learnt: see `utils.lines.scores`.
"""

import numpy as np

from utils.lines.characters import NON_CHARACTERS
from utils.lines.pieces import Pieces
from utils.lines.strips import LINE_HEIGHT, LINE_MARGIN

# Names of the columns of `shapes` and of `certainties`.
SHAPE_MEASURES = (
    "one width width_squared narrow wide height height_squared low hole hole_squared "
    "gaps smaller_gap cut_ink cuts_in_ink hole_over_gap top bottom dot off_middle "
    "one_part two_parts more_parts foot_mark head_mark"
).split()
CERTAINTY_MEASURES = (
    "log_probability log_probability_by_width doubt runner_up nearly_certain sure "
    "likely unlikely log_character"
).split()

_MAX_MARK_SIZE = 0.25  # of the height: longer side of a stop or quotation mark
_MIN_FOOT, _MAX_HEAD = 0.62, 0.35  # of the height: a stop begins, a quote ends there
_MARK_TOLERANCE = 0.06  # of the height: so near to a piece's end it ends with a mark
_MAX_GAP = 0.6  # of the height: wider gaps count as this
_MIN_LOG_PROBABILITY = -8.0  # of the best syllable: less counts as this
_MIN_LOG_CHARACTER = -6.0  # of being another character: less counts as this


def shapes(pieces: Pieces) -> np.ndarray:
    """Measures the position and shape of pieces.

    Args:
        pieces: the `Pieces` of a line.

    Returns:
        `float64` (pieces, len(SHAPE_MEASURES)); lengths in parts of the line's height.
    """
    boxes = np.array([piece.box for piece in pieces.all], float) / LINE_HEIGHT
    top, bottom, left, right = boxes.T
    top, bottom = top - LINE_MARGIN, bottom - LINE_MARGIN
    wide, high = right - left, bottom - top
    through = pieces.cuts.ink[pieces.ends]
    gaps = np.minimum(pieces.cuts.gaps[pieces.ends], _MAX_GAP)
    hole = np.array([_hole(pieces.columns, piece.box) for piece in pieces.all])
    parts = np.array([len(piece.whole) + len(piece.cut) for piece in pieces.all])
    columns = [
        *(np.ones(len(wide)), wide, wide**2),
        *(np.minimum(wide, 0.5), np.maximum(wide - 1.05, 0)),
        *(high, high**2, np.minimum(high, 0.4), hole, hole**2),
        *(gaps.sum(axis=1), gaps.min(axis=1)),
        *(through.sum(axis=1), (through > 0).sum(axis=1)),
        np.maximum(hole - gaps.min(axis=1), 0),
        *(top, bottom, np.maximum(0.4 - np.maximum(wide, high), 0)),
        np.abs(top + bottom - 1),
        *(parts == 1, parts == 2, parts > 2),
        *_marks_behind(pieces).T,
    ]
    return np.stack(columns, axis=1).astype(float)


def certainties(
    values: np.ndarray, widths: np.ndarray, kinds: np.ndarray
) -> np.ndarray:
    """Measures how certain the reading of each piece is.

    Args:
        values: `float64` (pieces, answers), the probabilities of the best, best first.
        widths: `float64` (pieces,), the column `width` of `shapes`.
        kinds: `float32` (pieces, classes), as `characters.Characters` gives it.

    Returns:
        `float64` (pieces, len(CERTAINTY_MEASURES)).
    """
    best = np.maximum(np.log(values[:, 0] + 1e-12), _MIN_LOG_PROBABILITY)
    second = values[:, 1] if values.shape[1] > 1 else np.zeros(len(values))
    columns = [
        *(best, best * widths, np.maximum(best, -1)),
        np.log(np.maximum(second, 1e-4) / np.maximum(values[:, 0], 1e-4)),
        *(best > limit for limit in (-0.01, -0.1, -0.5, -2)),
        # Not its two first classes: of syllables it knows too little.
        np.log(
            np.maximum(
                kinds[:, len(NON_CHARACTERS) :].sum(axis=1), np.exp(_MIN_LOG_CHARACTER)
            )
        ),
    ]
    return np.stack(columns, axis=1).astype(float)


def _hole(columns, box):
    """Returns the widest gap within a piece, in parts of the height."""
    inked = np.flatnonzero(columns[box[2] : box[3]])
    return min((np.diff(inked).max(initial=1) - 1) / LINE_HEIGHT, _MAX_GAP)


def _marks_behind(pieces):
    """Tells which pieces of several parts end with a low or a high one: (pieces, 2)."""
    found = np.zeros((len(pieces.all), 2))
    left, top, width, height = pieces.parts[:, :4].T / LINE_HEIGHT
    small = np.maximum(width, height) < _MAX_MARK_SIZE
    low, high = top - LINE_MARGIN > _MIN_FOOT, top + height - LINE_MARGIN < _MAX_HEAD
    marks = np.stack([small & low, small & high], axis=1)
    for piece, row in zip(pieces.all, found, strict=True):
        if len(piece.whole) + len(piece.cut) > 1:
            last = left[piece.whole] + width[piece.whole] + _MARK_TOLERANCE
            ends = last >= piece.box[3] / LINE_HEIGHT
            row[:] = marks[piece.whole[ends]].any(axis=0)
    return found
