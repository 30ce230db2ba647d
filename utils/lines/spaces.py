"""Where words end in a line: gaps that are wider than the others."""

import numpy as np

from utils.lines.scores import learnt_weights

_USUAL = 0.3  # of a line's gaps are narrower than what is usual in it


def find_spaces(gaps: np.ndarray) -> np.ndarray:
    """Tells which gaps between neighbours are spaces.

    Args:
        gaps: `float64` (gaps,), widths in parts of the line's height; below 0 where
            neighbours reach over each other.

    Returns:
        bool (gaps,).
    """
    return gap_measures(gaps) @ learnt_weights().space > 0


def gap_measures(gaps: np.ndarray) -> np.ndarray:
    """Returns what tells spaces, as `scores.SPACE` names it: `float64` (gaps, 3).

    Args:
        gaps: as for `find_spaces`.
    """
    usual = np.sort(gaps)[int(_USUAL * (len(gaps) - 1))] if len(gaps) else 0
    return np.stack([np.ones(len(gaps)), gaps, gaps - usual], axis=1)
