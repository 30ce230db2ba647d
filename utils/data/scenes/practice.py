"""Draws syllables in cells of writing practice: a box with a guiding cross."""

import cv2
import numpy as np

from utils.data.scenes.settings import cut_out

_SUPERSAMPLING = 4  # times the resolution, at which the thin lines are drawn


def practice_cell(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a syllable, in ink or pencil, in a cell that is divided by a cross.

    The cross is dashed or solid, and paler or darker than the syllable.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width').
    """
    ink = cut_out(ink)
    longer = max(ink.shape)
    side = int(longer * rng.uniform(1.15, 1.5))
    width, off = int(side * 1.1), rng.uniform(-0.04, 0.04, 2) * longer
    top, left = (
        (width - length) // 2 + int(by)
        for length, by in zip(ink.shape, off, strict=True)
    )
    page = np.zeros((width, width), np.float32)
    page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    lines = _cell(width, side, longer, rng)
    written, printed = rng.uniform(0.6, 1), rng.uniform(0.3, 1)
    return np.maximum(written * page, printed * lines)


def _cell(width, side, longer, rng):
    """Draws a cell in the middle of a square: `float32` (width, width), 0 to 1."""
    fine = np.zeros((width * _SUPERSAMPLING,) * 2, np.float32)
    start, end = ((width + sign * side) * _SUPERSAMPLING // 2 for sign in (-1, 1))
    thick = max(1, int(longer * rng.uniform(0.01, 0.022) * _SUPERSAMPLING))
    middle = width * _SUPERSAMPLING // 2
    for at in _dashes(start, end, longer, rng):
        cv2.line(fine, (at.start, middle), (at.stop, middle), 1.0, thick)
        cv2.line(fine, (middle, at.start), (middle, at.stop), 1.0, thick)
    cv2.rectangle(fine, (start, start), (end, end), 1.0, thick)
    return cv2.resize(fine, (width, width), interpolation=cv2.INTER_AREA)


def _dashes(start, end, longer, rng):
    """Returns the slices in which a line is drawn: one, or dashes."""
    if rng.random() < 0.5:
        return [slice(start, end)]
    dash = max(1, int(longer * rng.uniform(0.03, 0.07) * _SUPERSAMPLING))
    return [slice(at, min(at + dash, end)) for at in range(start, end, 2 * dash)]
