"""Where words end in a line: at gaps wider than others, and where text ends words."""

from collections.abc import Sequence

import numpy as np

from utils.inference.ordering import space_odds
from utils.lines.path import OTHER
from utils.lines.pieces import Piece
from utils.lines.scores import SPACE, learnt_weights
from utils.lines.strips import HEIGHT

_USUAL = 0.3  # of a line's gaps are narrower than what is usual in it
_FAR, _WIDE = 0.2, 0.3  # of the height: farther from a step, and wider steps, are alike
_SURE = 4.0  # logarithm: what pairs say is no surer than that


def gaps_between(pieces: Sequence[Piece]) -> np.ndarray:
    """Returns the gaps between neighbours: `float64` (pieces - 1,).

    Args:
        pieces: one or more, from left to right.

    Returns:
        Widths in parts of the line's height; below 0 where neighbours reach over each
        other.
    """
    boxes = np.array([piece.box for piece in pieces], float)
    return (boxes[1:, 2] - boxes[:-1, 3]) / HEIGHT


def find_spaces(
    gaps: np.ndarray, codes: np.ndarray, vertical: bool = False
) -> np.ndarray:
    """Tells which gaps between neighbours are spaces.

    Args:
        gaps: `float64` (gaps,), as `gaps_between` gives them.
        codes: integers (gaps + 1,), what stands beside them: places in the Unicode
            block, `OTHER` of what is no syllable.
        vertical: they are of a column, see `strips.Strip`.

    Returns:
        bool (gaps,).
    """
    return gap_measures(gaps, codes) @ learnt_weights(vertical).space > 0


def gap_measures(gaps: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Measures what tells spaces.

    Args:
        gaps: as for `find_spaces`.
        codes: likewise.

    Returns:
        `float64` (gaps, len(SPACE)), in the order of `scores.SPACE`.
    """
    if not len(gaps):
        return np.zeros((0, len(SPACE)))
    usual = np.sort(gaps)[int(_USUAL * (len(gaps) - 1))]
    columns = [np.ones(len(gaps)), gaps, gaps - usual, _over_step(gaps), _odds(codes)]
    return np.stack(columns, axis=1)


def _over_step(gaps):
    """Returns on which side of the line's widest step gaps lie, and how clearly.

    Gaps of two kinds, sorted, have one wide step, from the widest within words to the
    narrowest between them.
    """
    ordered = np.sort(gaps)
    steps = np.diff(ordered)
    if not len(steps):
        return np.zeros(len(gaps))
    at = steps.argmax()
    away = gaps - (ordered[at] + ordered[at + 1]) / 2
    return np.clip(away, -_FAR, _FAR) * min(steps[at], _WIDE)


def _odds(codes):
    """Returns what pairs of syllables say of every gap, 0 beside what is none."""
    before, after = codes[:-1], codes[1:]
    known = (before != OTHER) & (after != OTHER)
    odds = np.zeros(len(before))
    odds[known] = np.clip(space_odds(before[known], after[known]), -_SURE, _SURE)
    return odds
