"""Draws syllables on worn or badly lit paper: shadows, stamps, dust, noise."""

import cv2
import numpy as np

from utils.data.scenes.settings import spread

DARK, LIGHT = np.full(3, 20.0), np.full(3, 235.0)  # default colours: ink, paper


def printed(
    ink: np.ndarray, dark: np.ndarray | float = DARK, light: np.ndarray = LIGHT
) -> np.ndarray:
    """Blends the colours of paper and ink.

    Args:
        ink: `float` (height, width), 0 paper to 1 ink.
        dark: (3,), the ink's red, green and blue, 0-255; a number is a grey level.
        light: (3,), the paper's, or (height, width, 3), a picture's.

    Returns:
        `float` (height, width, 3), 0-255.
    """
    return light + (dark - light) * ink[..., None]


def _cast_shadow(ink, rng):
    """Adds the edge of a shadow that falls over the syllable."""
    ink = spread(ink, rng)
    rows, columns = np.indices(ink.shape) - np.array(ink.shape)[:, None, None] / 2
    turn = rng.uniform(0, np.pi)
    beyond = columns * np.cos(turn) + rows * np.sin(turn) > rng.uniform(-15, 15)
    edge = cv2.GaussianBlur(beyond.astype(np.float32), (0, 0), 2)
    return printed(ink) * (1 - 0.55 * edge[..., None])


def _stamped(ink, rng):
    ink = spread(ink, rng)
    noise = cv2.GaussianBlur(rng.random(ink.shape), (0, 0), 1.2)
    taken = noise > np.quantile(noise, 0.15)
    return printed(ink * taken, np.array([200.0, 40, 40]), np.full(3, 240.0))


def _halftone(ink, rng):
    ink = spread(ink, rng)
    rows, columns = np.indices(ink.shape)
    dots = np.sin(columns * np.pi / 3) * np.sin(rows * np.pi / 3) > -0.2
    return printed(ink * dots)


def _dusty(ink, rng):
    ink = spread(ink, rng)
    for _ in range(25):
        at = rng.integers(0, ink.shape[::-1]).tolist()
        cv2.circle(ink, at, int(rng.integers(1, 3)), 1.0, -1)
    return printed(ink)


def _noisy(ink, rng):
    picture = printed(spread(ink, rng))
    return picture + rng.normal(0, 45, picture.shape)


def _bleed_through(ink, rng):
    """Shows writing on the back faintly, mirrored."""
    ink = spread(ink, rng)
    back = cv2.GaussianBlur(np.roll(ink[:, ::-1], 12, 0), (0, 0), 2)
    ground = printed(0.25 * back)
    return printed(ink, 20, ground)


WORN = {
    "edge of a shadow": _cast_shadow,
    "stamped": _stamped,
    "halftone": _halftone,
    "dust": _dusty,
    "noise": _noisy,
    "bleed-through": _bleed_through,
}
