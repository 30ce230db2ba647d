"""Draws a small syllable on a large sheet: in uneven light, or on a desk."""

import cv2
import numpy as np

from utils.data.scenes.settings import spread
from utils.data.scenes.worn import printed


def _sheet(ink, rng):
    """Returns a sheet 5 to 12 times as large as the ink: `float32`, 0 to 1."""
    ink = spread(ink, rng)
    height, width = (max(ink.shape) * rng.uniform(5, 12, 2)).astype(int)
    sheet = np.zeros((height, width), np.float32)
    # Not so near to the edge that it would be cropped.
    room = np.array(sheet.shape) - ink.shape
    top, left = (room * rng.uniform(0.1, 0.9, 2)).astype(int)
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def _places(shape):
    """Returns y and x of every pixel, -1 to 1: `float32` (2, height, width)."""
    return np.indices(shape, np.float32) / (np.array(shape)[:, None, None] - 1) * 2 - 1


def _light_from_one_side(ink, rng):
    sheet = _sheet(ink, rng)
    y, x = _places(sheet.shape)
    turn = rng.uniform(0, 2 * np.pi)
    away = (x * np.cos(turn) + y * np.sin(turn)) / (
        abs(np.cos(turn)) + abs(np.sin(turn))
    )
    return printed(sheet) * (1 - rng.uniform(0.3, 0.55) * (away + 1) / 2)[..., None]


def _dark_corners(ink, rng):
    sheet = _sheet(ink, rng)
    y, x = _places(sheet.shape)
    return (
        printed(sheet) * (1 - rng.uniform(0.25, 0.5) * (x * x + y * y) / 2)[..., None]
    )


def _on_a_desk(ink, rng):
    sheet = printed(_sheet(ink, rng))
    edge = (np.array(sheet.shape[:2]) * rng.uniform(0.06, 0.2, 2)).astype(int)
    shape = (*(np.array(sheet.shape[:2]) + 2 * edge), 3)
    grain = cv2.GaussianBlur(rng.normal(0, 20, shape), (0, 0), 2)
    desk = rng.uniform(20, 150, 3) + grain
    desk[edge[0] : -edge[0], edge[1] : -edge[1]] = sheet
    return desk


SHEETS = {
    "light from one side": _light_from_one_side,
    "dark corners": _dark_corners,
    "sheet on a desk": _on_a_desk,
}
