"""Pictures at other sizes."""

import cv2
import numpy as np


def resized(gray: np.ndarray, scale: float, quick: bool = False) -> np.ndarray:
    """Returns a picture at a scale, one pixel wide and high at least.

    Args:
        gray: `uint8` (height, width).
        scale: above 0.
        quick: whether few pixels decide, in a twentieth of the time: enough where only
            large parts count.
    """
    height, width = (max(1, round(length * scale)) for length in gray.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    how = cv2.INTER_LINEAR if quick else how
    return cv2.resize(gray, (width, height), interpolation=how)


def reduced(gray: np.ndarray, pixels: int) -> tuple[np.ndarray, float]:
    """Returns a copy of at most so many pixels, and its scale, 1 at most.

    Args:
        gray: `uint8` (height, width).
        pixels: how many.
    """
    scale = min(1.0, (pixels / gray.size) ** 0.5)
    return resized(gray, scale), scale
