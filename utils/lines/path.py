"""Pieces that were read -> the best way to cut their line, by what text writes, too."""

from typing import NamedTuple

import numpy as np

from utils.inference.frequencies import text_shares
from utils.inference.ordering import PAIR_POWER, follow_shares, start_shares

OTHER = -1  # in place of a syllable


class _Ends(NamedTuple):
    """Ways that end at a cut, the best for each last syllable.

    codes: integers (ways,), the last syllable's place in Unicode, or `OTHER`.
    scores: `float64` (ways,).
    steps: integers (ways,), the last step of each among all steps.
    """

    codes: np.ndarray
    scores: np.ndarray
    steps: np.ndarray


def best_path(
    ends: np.ndarray,
    scores: np.ndarray,
    codes: np.ndarray,
    values: np.ndarray,
    entering: np.ndarray,
) -> list[tuple[int, int]]:
    """Finds the best way to cut a line.

    By Viterbi's algorithm over pieces and what each may show, with pairs of syllables
    between neighbours (Wang, Yin, Liu 2012, https://doi.org/10.1109/TPAMI.2011.264).

    Args:
        ends: integers (pieces, 2), the cuts where each begins and ends, sorted by
            where it begins; the last way ends at the largest.
        scores: `float64` (pieces, 2), of each as a syllable and as something else.
        codes: integers (pieces, answers), what each may show, best first: places in
            the Unicode block.
        values: `float64` (pieces, answers), how probable that is.
        entering: `float64` (pieces,), what it takes off the score of each as something
            else that it begins a run of such, and does not follow one.

    Returns:
        List of (place of a piece, place of its syllable in the Unicode block, `OTHER`
        of something else), from left to right; empty where no way leads from the first
        cut to the last.
    """
    steps: list[tuple[int, int, int]] = []  # (piece, code, step before it)
    at: dict[int, list[_Ends]] = {}
    answers = np.log(np.maximum(values, 1e-9) / values[:, :1])
    for piece, (start, end) in enumerate(ends.tolist()):
        ways = None if start == 0 else _joined(at.get(start))
        if start and ways is None:
            continue
        reached = scores[piece, 0] + answers[piece]
        found, back = _best_before(ways, codes[piece], reached)
        other, other_back = _best_other(ways, scores[piece, 1], entering[piece])
        first = len(steps)
        shown = codes[piece].tolist()
        steps += [(piece, *pair) for pair in zip(shown, back, strict=True)]
        steps.append((piece, OTHER, other_back))
        at.setdefault(end, []).append(
            _Ends(
                np.append(codes[piece], OTHER),
                np.append(found, other),
                np.arange(first, len(steps)),
            )
        )
    return _walk_back(_joined(at.get(int(ends.max()))), steps)


def _joined(ways):
    """Returns the ways of several pieces that end at a cut as one; None of none."""
    if not ways:
        return None
    return _Ends(*map(np.concatenate, zip(*ways, strict=True)))


def _best_before(ways, codes, reached):
    """Returns the scores of a piece's answers after the best way, and its last step."""
    if ways is None:
        starts = start_shares(codes) / text_shares()[codes]
        return reached + PAIR_POWER * np.log(starts), [-1] * len(codes)
    steps = np.zeros((len(ways.codes), len(codes)))
    known = ways.codes != OTHER
    if known.any():
        follows = follow_shares(ways.codes[known], codes) / text_shares()[codes]
        steps[known] = PAIR_POWER * np.log(follows)
    total = ways.scores[:, None] + steps
    best = total.argmax(axis=0)
    return total.max(axis=0) + reached, ways.steps[best].tolist()


def _best_other(ways, score, entering):
    """Returns the score of what is no syllable, and the last step before it."""
    if ways is None:
        return score - entering, -1
    reached = ways.scores - entering * (ways.codes != OTHER)
    best = int(reached.argmax())
    return reached[best] + score, int(ways.steps[best])


def _walk_back(ways, steps):
    """Returns the path whose end is the best."""
    if ways is None:
        return []
    path, step = [], int(ways.steps[ways.scores.argmax()])
    while step >= 0:
        piece, code, step = steps[step]
        path.append((piece, code))
    return path[::-1]
