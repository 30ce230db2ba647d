"""Draws syllables of dots, as LED boards and dot-matrix printers show them."""

import cv2
import numpy as np

from utils.data.scenes.settings import cut_out

_DOTS_RANGE = 22, 29  # dots along the longer side, the end excluded
_PITCH_RANGE = 5, 9  # pixels from dot to dot, the end excluded
_SUPERSAMPLING = 4  # times the resolution, at which a dot is drawn
_MIN_DOT_INK = 0.42  # share of a dot's square that is ink: then there is a dot
_LAMP_COLOURS = np.array(
    [[255.0, 60, 40], [255, 165, 30], [70, 255, 90], [240, 240, 235]]
)


def of_dots(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a syllable on an LED board or as by a dot-matrix printer.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width', 3), red, green, blue, 0-255.
    """
    ink = cut_out(ink)
    scale = rng.integers(*_DOTS_RANGE) / max(ink.shape)
    shape = [max(1, round(length * scale)) for length in ink.shape[::-1]]
    small = np.pad(cv2.resize(ink, shape, interpolation=cv2.INTER_AREA), 1)
    pitch, wide = int(rng.integers(*_PITCH_RANGE)), rng.uniform(0.55, 0.8)
    dots = _drawn(small > _MIN_DOT_INK, pitch, wide)[..., None]
    if rng.random() < 0.5:
        return np.full(3, 240.0) - dots * rng.uniform(120, 200)
    board = _drawn(np.ones(small.shape, bool), pitch, wide)[..., None]
    lamp = _LAMP_COLOURS[rng.integers(len(_LAMP_COLOURS))]
    return 12 + lamp * (0.9 * dots + 0.12 * (1 - dots) * board)


def _drawn(there, pitch, wide):
    """Draws round dots on a lattice: `float32` (height, width), 0 to 1.

    Args:
        there: `bool` (rows, columns).
        pitch: pixels from dot to dot.
        wide: diameter of a dot, in parts of the pitch.
    """
    side = pitch * _SUPERSAMPLING
    dot = np.zeros((side, side), np.float32)
    cv2.circle(dot, (side // 2, side // 2), round(side * wide / 2), 1.0, -1)
    dot = cv2.resize(dot, (pitch, pitch), interpolation=cv2.INTER_AREA)
    return np.kron(there.astype(np.float32), dot)
