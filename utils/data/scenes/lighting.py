"""Draws the fields that make up a photograph: ink cover, light on paper, lines."""

import cv2
import numpy as np


def ink_cover(image, rng):
    """Returns how much ink covers each pixel, 0 to 1, uneven as a pencil's.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height, width).
    """
    ink = (255 - image).astype(np.float32) / 255
    if rng.random() < 0.6:
        grain = rng.normal(0, rng.uniform(0.05, 0.3), image.shape).astype(np.float32)
        ink *= np.clip(1 + cv2.GaussianBlur(grain, (0, 0), 0.8) * 1.5, 0.2, 1.2)
    if rng.random() < 0.4:  # pressure that changes along the syllable
        ink *= _smooth_field(image.shape, rng, 0.25)
    return np.clip(ink, 0, 1)


def paper_light(shape, rng):
    """Returns the light on paper: a gradient of shadow and blotches, times grain.

    Args:
        shape: (height, width).
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height, width).
    """
    light = _smooth_field(shape, rng, rng.uniform(0, 0.1))
    slope = rng.uniform(-0.15, 0.15, 2)
    light += np.linspace(-slope[0], slope[0], shape[0], dtype=np.float32)[:, None]
    light += np.linspace(-slope[1], slope[1], shape[1], dtype=np.float32)[None, :]
    if rng.random() < 0.08:
        light *= _hard_shadow(shape, rng)
    grain = rng.normal(0, rng.uniform(0, 0.04), shape).astype(np.float32)
    return np.clip(light + cv2.GaussianBlur(grain, (0, 0), 0.7), 0.3, 1.3)


def _hard_shadow(shape, rng):
    """Returns the light around the edge of a shadow: 1 outside it, less inside."""
    rows, columns = np.indices(shape, np.float32)
    turn, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3)
    across = (columns / shape[1] - 0.5) * np.cos(turn)
    across += (rows / shape[0] - 0.5) * np.sin(turn)
    edge = np.clip((across - at) / rng.uniform(0.01, 0.15), 0, 1)
    return 1 - rng.uniform(0.2, 0.6) * edge


def _smooth_field(shape, rng, strength):
    """Returns a smooth random `float32` field about 1."""
    coarse = rng.normal(1, strength, (3, 3)).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def ruled_lines(shape, rng):
    """Returns the share of light that one or two ruled lines absorb.

    They are nearly level or upright, and as dark beside faint ink as beside dark.

    Args:
        shape: (height, width).
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height, width).
    """
    cover = np.zeros(shape, np.float32)
    height, width = shape
    at, tilt = rng.uniform(0, 1), rng.uniform(-0.02, 0.02)
    level, dark = rng.random() < 0.7, rng.uniform(0.04, 0.3)
    thick = 1 if rng.random() < 0.7 else 2
    for place in (at, at + rng.uniform(0.3, 0.9))[: 1 if rng.random() < 0.6 else 2]:
        if level:
            low, high = round((place - tilt) * height), round((place + tilt) * height)
            ends = (0, low), (width, high)
        else:
            low, high = round((place - tilt) * width), round((place + tilt) * width)
            ends = (low, 0), (high, height)
        cv2.line(cover, *ends, dark, thick, cv2.LINE_AA)
    return cover
