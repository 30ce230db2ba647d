"""Measures the tilt of lines of text."""

import cv2
import numpy as np

_MAX_TILT = 10  # degrees, to either side
_MAX_POINTS = 20_000  # pixels of ink that are looked at
_MIN_ASPECT = 2.5  # width over height: the tilt of a shorter text cannot be told
_MIN_SHARPNESS_GAIN = 1.1  # over no rotation: with less the text stays as it is


def find_tilt(ink: np.ndarray) -> float:
    """Finds the angle by which lines of text go down to the right.

    Of several angles it takes the one whose projection profile has the largest sum of
    squares (Postl 1986): level lines give full and empty pixel rows in turn.

    Args:
        ink: `uint8` (height, width), 1 is ink.

    Returns:
        Degrees, 0 where the text is too short or the angle not clear.
    """
    y, x = np.nonzero(ink)
    if not len(y) or (
        float(np.ptp(x)) < _MIN_ASPECT * float(np.ptp(y)) and _alone(ink)
    ):
        return 0.0
    every = -(-len(y) // _MAX_POINTS)
    y, x = y[::every].astype(np.float32), x[::every].astype(np.float32)
    coarse = np.arange(-_MAX_TILT, _MAX_TILT + 1)
    near = coarse[np.argmax([_sharpness(x, y, angle) for angle in coarse])]
    fine = near + np.arange(-3, 4) / 4
    sharp = [_sharpness(x, y, angle) for angle in fine]
    best = int(np.argmax(sharp))
    return (
        float(fine[best])
        if sharp[best] > _MIN_SHARPNESS_GAIN * _sharpness(x, y, 0)
        else 0.0
    )


def _alone(ink):
    """Tells whether there are too few parts for lines."""
    return cv2.connectedComponents(ink)[0] < 12


def _sharpness(x, y, angle):
    """Returns the sum of squares of the profile after turning back by an angle."""
    turned = y * np.cos(np.deg2rad(angle)) - x * np.sin(np.deg2rad(angle))
    counts = np.bincount((turned - turned.min()).astype(int))
    return float((counts.astype(float) ** 2).sum())
