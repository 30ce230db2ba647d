"""Finds the spaces in a line, by the width of gaps and by pairs of syllables."""

from collections.abc import Sequence

import numpy as np

from utils.inference.pair_shares import space_odds
from utils.lines.path import OTHER
from utils.lines.pieces import Piece
from utils.lines.scores import SPACE_MEASURES, learnt_weights
from utils.lines.strips import LINE_HEIGHT

_USUAL_QUANTILE = 0.3  # of a line's gaps, which is its usual gap
_MAX_STEP_DISTANCE = 0.2  # of the height, from the widest step: farther is the same
_MAX_STEP_WIDTH = 0.3  # of the height: wider steps are the same
_MAX_LOG_ODDS = 4.0  # natural logarithm: limits what pairs of syllables say


def gaps_between(pieces: Sequence[Piece]) -> np.ndarray:
    """Returns the gaps between neighbours: `float64` (pieces - 1,).

    Args:
        pieces: one or more, from left to right.

    Returns:
        Widths in parts of the line's height; below 0 where neighbours overlap.
    """
    boxes = np.array([piece.box for piece in pieces], float)
    return (boxes[1:, 2] - boxes[:-1, 3]) / LINE_HEIGHT


def find_spaces(
    gaps: np.ndarray, indices: np.ndarray, vertical: bool = False
) -> np.ndarray:
    """Tells which gaps between neighbours are spaces.

    Args:
        gaps: `float64` (gaps,), as `gaps_between` gives them.
        indices: integers (gaps + 1,), the syllables beside them, as
            `hangul.syllable_indices`; `OTHER` where there is no syllable.
        vertical: the gaps are those of a column, see `strips.Strip`.

    Returns:
        bool (gaps,).
    """
    return gap_measures(gaps, indices) @ learnt_weights(vertical).space > 0


def gap_measures(gaps: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Measures by which gaps are told to be spaces.

    Args:
        gaps: as for `find_spaces`.
        indices: as for `find_spaces`.

    Returns:
        `float64` (gaps, len(SPACE_MEASURES)), in the order of `scores.SPACE`.
    """
    if not len(gaps):
        return np.zeros((0, len(SPACE_MEASURES)))
    usual = np.sort(gaps)[int(_USUAL_QUANTILE * (len(gaps) - 1))]
    columns = [np.ones(len(gaps)), gaps, gaps - usual, _over_step(gaps), _odds(indices)]
    return np.stack(columns, axis=1)


def _over_step(gaps):
    """Returns how far above or below the widest step of the sorted gaps each gap lies.

    Where there are two kinds of gaps, their sorted widths have one large step, from the
    widest within words to the narrowest between them. The distances are multiplied by
    the step's width: a small step says little.
    """
    ordered = np.sort(gaps)
    steps = np.diff(ordered)
    if not len(steps):
        return np.zeros(len(gaps))
    at = steps.argmax()
    away = gaps - (ordered[at] + ordered[at + 1]) / 2
    return np.clip(away, -_MAX_STEP_DISTANCE, _MAX_STEP_DISTANCE) * min(
        steps[at], _MAX_STEP_WIDTH
    )


def _odds(indices):
    """Returns the log odds of a space by pairs of syllables, 0 beside others."""
    before, after = indices[:-1], indices[1:]
    known = (before != OTHER) & (after != OTHER)
    odds = np.zeros(len(before))
    odds[known] = np.clip(
        space_odds(before[known], after[known]), -_MAX_LOG_ODDS, _MAX_LOG_ODDS
    )
    return odds
