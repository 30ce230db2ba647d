"""Finds the best way to cut a line, by its read pieces and by pairs of syllables."""

from typing import NamedTuple

import numpy as np

from utils.inference.frequencies import text_shares
from utils.inference.ordering import PAIR_POWER
from utils.inference.pair_shares import follow_shares, start_shares

_MIN_RATIO = 1e-9  # of an answer's probability over the best one's
OTHER = -1  # in place of a syllable's index: a piece that shows none


class _Ends(NamedTuple):
    """The ways that end at a cut, for each last syllable the best.

    indices: integers (ways,), the last syllable's index, or `OTHER`.
    scores: `float64` (ways,).
    steps: integers (ways,), index of the last step of each way among all steps.
    """

    indices: np.ndarray
    scores: np.ndarray
    steps: np.ndarray


def best_path(
    ends: np.ndarray,
    scores: np.ndarray,
    indices: np.ndarray,
    values: np.ndarray,
    other_run_penalty: np.ndarray,
) -> list[tuple[int, int]]:
    """Finds the best way to cut a line.

    By Viterbi's algorithm over pieces and what each may show, with pairs of syllables
    between neighbours (Wang, Yin, Liu 2012, https://doi.org/10.1109/TPAMI.2011.264).

    Args:
        ends: integers (pieces, 2), the cuts where each begins and ends, sorted by
            where it begins; the last way ends at the largest.
        scores: `float64` (pieces, 2), of each as a syllable and as something else.
        indices: integers (pieces, answers), the syllables that each may show, best
            first, as `hangul.syllable_indices`.
        values: `float64` (pieces, answers), their probabilities.
        other_run_penalty: `float64` (pieces,), taken off the score of each piece as
            something else where it follows a syllable or begins the line, not another
            such piece.

    Returns:
        List of (index of a piece, index of its syllable, `OTHER` for something else),
        from left to right; empty where no way leads from the first cut to the last.
    """
    steps: list[tuple[int, int, int]] = []  # (piece, index, step before it)
    at: dict[int, list[_Ends]] = {}
    answers = np.log(np.maximum(values / values[:, :1], _MIN_RATIO))
    for piece, (start, end) in enumerate(ends.tolist()):
        ways = None if start == 0 else _joined(at.get(start))
        if start and ways is None:
            continue
        reached = scores[piece, 0] + answers[piece]
        found, back = _best_before(ways, indices[piece], reached)
        other, other_back = _best_other(
            ways, scores[piece, 1], other_run_penalty[piece]
        )
        first = len(steps)
        shown = indices[piece].tolist()
        steps += [(piece, *pair) for pair in zip(shown, back, strict=True)]
        steps.append((piece, OTHER, other_back))
        at.setdefault(end, []).append(
            _Ends(
                np.append(indices[piece], OTHER),
                np.append(found, other),
                np.arange(first, len(steps)),
            )
        )
    return _walk_back(_joined(at.get(int(ends.max()))), steps)


def _joined(ways):
    """Returns the ways of several pieces that end at a cut as one `_Ends`, or None."""
    if not ways:
        return None
    return _Ends(*map(np.concatenate, zip(*ways, strict=True)))


def _best_before(ways, indices, reached):
    """Returns each answer's score after its best way, and that way's last step."""
    if ways is None:
        starts = start_shares(indices) / text_shares()[indices]
        return reached + PAIR_POWER * np.log(starts), [-1] * len(indices)
    steps = np.zeros((len(ways.indices), len(indices)))
    known = ways.indices != OTHER
    if known.any():
        follows = follow_shares(ways.indices[known], indices) / text_shares()[indices]
        steps[known] = PAIR_POWER * np.log(follows)
    total = ways.scores[:, None] + steps
    best = total.argmax(axis=0)
    return total.max(axis=0) + reached, ways.steps[best].tolist()


def _best_other(ways, score, other_run_penalty):
    """Returns the score of a piece as no syllable, and the last step before it."""
    if ways is None:
        return score - other_run_penalty, -1
    reached = ways.scores - other_run_penalty * (ways.indices != OTHER)
    best = int(reached.argmax())
    return reached[best] + score, int(ways.steps[best])


def _walk_back(ways, steps):
    """Returns the best of the ways as a list of (piece, index)."""
    if ways is None:
        return []
    path, step = [], int(ways.steps[ways.scores.argmax()])
    while step >= 0:
        piece, index, step = steps[step]
        path.append((piece, index))
    return path[::-1]
