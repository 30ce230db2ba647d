"""Draws straight lines around a syllable: frames, underlines, lines of a form."""

import cv2
import numpy as np

LINES_PROBABILITY = 0.12  # that straight lines are drawn near a syllable
_SIDES = ("left", "right", "above", "below")


def rule_off(image, box, rng):
    """Draws straight lines on some sides of a syllable, in a part of the pictures.

    A line stands clear of the ink, and runs on over the whole picture, as those of
    tables and of forms do, or a little longer than the syllable, as an underline does.

    Args:
        image: `uint8` (height, width), dark on white.
        box: (left, top, width, height) of the syllable's ink.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width).
    """
    if not box[2] or rng.random() >= LINES_PROBABILITY:
        return image
    ruled = image.copy()
    dark = int(rng.choice([0, rng.integers(0, 200)]))
    thick = max(1, round(max(box[2:]) * rng.uniform(0.01, 0.05)))
    through = rng.random() < 0.7
    for side in _some_sides(rng):
        ends = _ends(side, box, image.shape, through, rng)
        cv2.line(ruled, *ends, dark, thick, cv2.LINE_AA)
    return np.minimum(image, ruled)


def _some_sides(rng):
    """Returns the sides that are ruled: often one, else some, else all four."""
    kind = rng.random()
    if kind < 0.3:
        return ("below",)
    return _SIDES if kind > 0.8 else rng.permutation(_SIDES)[: rng.integers(1, 4)]


def _ends(side, box, shape, through, rng):
    """Returns both ends of a line, (x, y) in pixels."""
    left, top, width, height = box
    longer = max(width, height)
    gap = rng.uniform(0.04, 0.2) * longer
    if side in ("above", "below"):
        at = top - gap if side == "above" else top + height + gap
        first, last = _reach(left, width, shape[1], through, rng)
        return (first, round(at)), (last, round(at + rng.uniform(-0.02, 0.02) * longer))
    at = left - gap if side == "left" else left + width + gap
    first, last = _reach(top, height, shape[0], through, rng)
    return (round(at), first), (round(at + rng.uniform(-0.02, 0.02) * longer), last)


def _reach(start, length, whole, through, rng):
    """Returns where a line begins and ends along its direction."""
    if through:
        return 0, whole
    beyond = rng.uniform(0, 0.2, 2) * length
    return round(start - beyond[0]), round(start + length + beyond[1])
