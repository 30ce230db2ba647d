"""How far a text's lines are from level."""

import cv2
import numpy as np

_STEEPEST = 10  # degrees
_POINTS = 20_000  # pixels of ink that are looked at
_LONG = 2.5  # times as wide as high: of less the tilt cannot be told
_CLEARLY = 1.1  # times as sharp must rows be


def find_tilt(ink: np.ndarray) -> float:
    """Finds by how much a text's lines go down to the right.

    Level lines leave rows without ink between and within them: of several angles the
    one whose rows differ most, as the sum of their squared ink tells (Postl 1986).

    Args:
        ink: `uint8` (height, width), 1 is ink.

    Returns:
        Degrees, 0 where it does not matter or is not clear.
    """
    y, x = np.nonzero(ink)
    if not len(y) or (float(np.ptp(x)) < _LONG * float(np.ptp(y)) and _alone(ink)):
        return 0.0
    every = -(-len(y) // _POINTS)
    y, x = y[::every].astype(np.float32), x[::every].astype(np.float32)
    coarse = np.arange(-_STEEPEST, _STEEPEST + 1)
    near = coarse[np.argmax([_sharpness(x, y, angle) for angle in coarse])]
    fine = near + np.arange(-3, 4) / 4
    sharp = [_sharpness(x, y, angle) for angle in fine]
    best = int(np.argmax(sharp))
    return float(fine[best]) if sharp[best] > _CLEARLY * _sharpness(x, y, 0) else 0.0


def _alone(ink):
    """Tells whether there are too few parts for lines."""
    return cv2.connectedComponents(ink)[0] < 12


def _sharpness(x, y, angle):
    """Returns the sum of squares of rows' ink when turned back by an angle."""
    turned = y * np.cos(np.deg2rad(angle)) - x * np.sin(np.deg2rad(angle))
    counts = np.bincount((turned - turned.min()).astype(int))
    return float((counts.astype(float) ** 2).sum())
