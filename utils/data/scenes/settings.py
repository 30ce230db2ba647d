"""Draws syllables in or on boxes, cells, circles, and ruled or squared paper."""

import cv2
import numpy as np


def cut_out(ink: np.ndarray) -> np.ndarray:
    """Crops a picture to its ink; a blank one is returned as it is.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
    """
    left, top, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    return ink[top : top + height, left : left + width] if width else ink


def spread(ink: np.ndarray, rng: np.random.Generator, margin: float = 0.0):
    """Crops a picture to its ink and adds a random margin on every side.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.
        margin: in parts of the longer side; 0.03 to 0.17 are added at random.

    Returns:
        `float32` (height', width').
    """
    ink = cut_out(ink)
    wide = (rng.uniform(margin + 0.03, margin + 0.17, 4) * max(ink.shape)).astype(int)
    return np.pad(ink, (wide[:2], wide[2:]))


def _box(ink, rng):
    ink, thick = spread(ink, rng, 0.1), int(rng.integers(2, 7))
    return np.pad(np.pad(ink, thick, constant_values=1), int(rng.integers(2, 12)))


def _box_at_the_border(ink, rng):
    ink = spread(ink, rng, 0.1)
    return np.pad(ink, int(rng.integers(1, 4)), constant_values=1)


def _cell(ink, rng):
    """Draws a cell of a table, whose lines go on beyond it."""
    edge, thick = int(rng.integers(4, 12)), int(rng.integers(1, 4))
    ink = np.pad(spread(ink, rng, 0.1), edge)
    for side in (ink, ink.T):
        side[edge : edge + thick] = side[-edge - thick : -edge] = 1
    return ink


def _two_lines(ink, rng):
    """Draws lines on two sides, as a crop from a table has them."""
    ink, thick = spread(ink, rng, 0.1), int(rng.integers(1, 4))
    sides = [ink, ink[::-1], ink.T, ink.T[::-1]]
    for side in rng.choice(4, 2, replace=False):
        sides[side][4 : 4 + thick] = 1
    return ink


def _underlined(ink, rng):
    ink = np.pad(spread(ink, rng, 0.1), ((0, 10), (0, 0)))
    ink[-9:-5] = 1
    return ink


def _notebook(ink, rng):
    """Draws pale lines through the syllable, as in a notebook."""
    ink = spread(ink, rng, 0.15)
    apart = int(ink.shape[0] * rng.uniform(0.3, 0.6))
    for row in range(int(rng.integers(0, apart)), len(ink), apart):
        ink[row : row + 2] = np.maximum(ink[row : row + 2], 0.35)
    return ink


def _squared(ink, rng):
    """Draws the lines of squared paper."""
    ink = spread(ink, rng, 0.15)
    apart = int(ink.shape[0] * rng.uniform(0.15, 0.3))
    ink[::apart] = np.maximum(ink[::apart], 0.2)
    ink[:, ::apart] = np.maximum(ink[:, ::apart], 0.2)
    return ink


def _circle(ink, rng):
    plate, ink = frame_of("circle", ink, rng)
    thick = int(rng.integers(2, 6))
    return np.maximum(ink, plate - cv2.erode(plate, np.ones((thick, thick))))


def _ring_with_gaps(ink, rng):
    """Draws a ring in one to three arcs that do not meet."""
    ink = spread(ink, rng, 0.1)
    ink = np.pad(ink, int(0.35 * max(ink.shape)))
    middle = [length // 2 for length in ink.shape[::-1]]
    size = [int(length * rng.uniform(0.4, 0.46)) for length in ink.shape[::-1]]
    ring, thick = np.zeros_like(ink), int(rng.integers(2, 6))
    goes, start = int(rng.integers(1, 4)), rng.uniform(0, 360)
    for go in range(goes):
        angles = (
            start
            + 360 / goes * np.array([go, go + 1])
            + rng.uniform(3, 12, 2) * (1, -1)
        )
        cv2.ellipse(ring, middle, size, 0, *angles, 1.0, thick, cv2.LINE_AA)
    return np.maximum(ink, ring)


def _manuscript(ink, rng):
    """Draws manuscript paper: three rows of cells with blank strips between them.

    The syllable is in the middle cell, half of the time with copies on both sides.
    """
    ink = spread(ink, rng, 0.1)
    side, gap = max(ink.shape), int(max(ink.shape) * rng.uniform(0.1, 0.3))
    around = (side - np.array(ink.shape)) // 2
    cell = np.pad(ink, [(width, width) for width in around])
    height, width = cell.shape
    page = np.zeros((3 * height + 2 * gap, 3 * width), np.float32)
    thick, line = int(rng.integers(1, 4)), rng.uniform(0.4, 0.9)
    for row in range(3):
        strip = page[row * (height + gap) :][:height]
        if row == 1 and rng.random() < 0.5:
            strip[:] = np.tile(cell, 3)
        strip[:, width : 2 * width] = cell if row == 1 else 0
        strip[:thick] = strip[-thick:] = line
        for at in (width, 2 * width):
            strip[:, at - thick : at] = line
    return page[height // 2 : -height // 2, width // 2 : -width // 2]


def ruled_page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a syllable on a much larger page of ruled lines, slightly tilted.

    Args:
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        `float32` (height', width').
    """
    ink = spread(ink, rng)
    side = max(ink.shape)
    wide = (rng.uniform(0.5, 3, 4) * side).astype(int)
    ink = np.pad(ink, (wide[:2], wide[2:]))
    lines, rise = np.zeros(ink.shape, np.uint8), int(rng.integers(-12, 13))
    apart, thick = int(side * rng.uniform(0.8, 1.4)), int(rng.integers(1, 4))
    for row in range(int(rng.integers(apart)) - apart, len(ink) + apart, apart):
        cv2.line(lines, (0, row), (ink.shape[1], row + rise), 255, thick, cv2.LINE_AA)
    return np.maximum(ink, rng.uniform(0.3, 0.9) * lines / np.float32(255))


def frame_of(shape: str, ink: np.ndarray, rng: np.random.Generator):
    """Draws a plate large enough for a syllable.

    Args:
        shape: `label`, a rectangle with round corners, or `circle`.
        ink: `float32` (height, width), 0 paper to 1 ink.
        rng: `numpy.random.Generator`.

    Returns:
        (plate, ink): `float32` (height', width') each; 1 is the plate, 0 outside it.
    """
    ink = spread(ink, rng, 0.1)
    side = int(1.35 * max(ink.shape)) if shape == "circle" else max(ink.shape)
    around = (side - np.array(ink.shape)) // 2 + int(rng.integers(2, 30))
    ink = np.pad(ink, [(width, width) for width in around])
    plate = np.zeros(ink.shape, np.float32)
    if shape == "circle":
        middle = [length // 2 for length in ink.shape[::-1]]
        cv2.circle(plate, middle, side // 2, 1.0, -1, cv2.LINE_AA)
        return plate, ink
    radius = side // 6
    (top, left), (bottom, right) = around, np.array(ink.shape) - around
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    inner = corners + radius * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    cv2.fillPoly(plate, [inner.astype(np.int32)], 1.0)
    edge = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return cv2.dilate(plate, edge), ink


SETTINGS = {
    "in a box": _box,
    "boxed at the border": _box_at_the_border,
    "in a table": _cell,
    "beside two lines": _two_lines,
    "in a circle": _circle,
    "in a ring with gaps": _ring_with_gaps,
    "on manuscript paper": _manuscript,
    "underlined": _underlined,
    "on lines": _notebook,
    "on squares": _squared,
}
