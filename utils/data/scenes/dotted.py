"""Syllables of dots: boards of lamps, needle printers."""

import cv2
import numpy as np

from utils.data.scenes.settings import cut_out

_ROWS = 22, 29  # dots that the longer side has
_PITCH = 5, 9  # pixels from dot to dot
_FINE = 4  # times as finely as the picture dots are drawn
_FULL = 0.42  # of its square is ink: a dot is there
_LAMPS = np.array([[255.0, 60, 40], [255, 165, 30], [70, 255, 90], [240, 240, 235]])


def of_dots(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shows a syllable on a board of lamps, or prints it by needles.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width', 3), red, green, blue, 0-255.
    """
    ink = cut_out(ink)
    scale = rng.integers(*_ROWS) / max(ink.shape)
    shape = [max(1, round(length * scale)) for length in ink.shape[::-1]]
    small = np.pad(cv2.resize(ink, shape, interpolation=cv2.INTER_AREA), 1)
    pitch, wide = int(rng.integers(*_PITCH)), rng.uniform(0.55, 0.8)
    dots = _drawn(small > _FULL, pitch, wide)[..., None]
    if rng.random() < 0.5:
        return np.full(3, 240.0) - dots * rng.uniform(120, 200)
    board = _drawn(np.ones(small.shape, bool), pitch, wide)[..., None]
    lamp = _LAMPS[rng.integers(len(_LAMPS))]
    return 12 + lamp * (0.9 * dots + 0.12 * (1 - dots) * board)


def _drawn(there, pitch, wide):
    """Draws round dots on a lattice: `float32` (height, width), 0 to 1.

    Args:
        there: `bool` (rows, columns).
        pitch: pixels from dot to dot.
        wide: of the pitch a dot is wide.
    """
    side = pitch * _FINE
    dot = np.zeros((side, side), np.float32)
    cv2.circle(dot, (side // 2, side // 2), round(side * wide / 2), 1.0, -1)
    dot = cv2.resize(dot, (pitch, pitch), interpolation=cv2.INTER_AREA)
    return np.kron(there.astype(np.float32), dot)
