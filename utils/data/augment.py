"""Picture -> distorted picture: another hand, another pen, then another camera.

Pictures come in clean (dark on white, canonical) and go out as a user would have them;
`utils.inference.imaging.prepare` follows, in training as at prediction.
"""

import cv2
import numpy as np

from utils.data.camera import photograph, scan, soften

MOVE_PARTS = 0.5  # probability that connected parts move on their own
CHANGE_WIDTH = 0.4  # probability of thicker or thinner strokes
PHOTOGRAPH = 0.33  # probability of a simulated photograph
SCAN = 0.15  # probability of a simulated small or bilevel scan


def augment(image, rng, neighbour=None):
    """Distorts one picture.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`; the result depends on nothing else.
        neighbour: another picture, whose strokes may push in over the border.

    Returns:
        `uint8` (height, width), of another size: margins differ and low resolutions
        stay low.
    """
    side = max(image.shape)
    image = _pad(image, side // 6)
    if rng.random() < MOVE_PARTS:
        image = move_parts(image, rng)
    image = warp(image, rng)
    if rng.random() < CHANGE_WIDTH:
        image = change_width(image, rng)
    kind = rng.random()
    if kind < PHOTOGRAPH:
        return photograph(image, rng, neighbour)
    if kind < PHOTOGRAPH + SCAN:
        return scan(image, rng)
    return soften(image, rng)


def move_parts(image, rng):
    """Moves, turns, scales and shears each connected part of the ink on its own.

    A font repeats one arrangement of strokes and jamo; no hand does.
    """
    ink = 255 - image
    count, marks, stats, centres = cv2.connectedComponentsWithStats(
        (ink > 40).astype(np.uint8), connectivity=8
    )
    # Ground and one part: warp does the same. Hundreds are noise, not strokes.
    if not 3 <= count <= 255:
        return image
    # Every grey edge pixel belongs to the part beside it.
    grown = cv2.dilate(marks.astype(np.uint8), np.ones((3, 3), np.uint8))
    moved = np.zeros_like(ink)
    shape = image.shape[::-1]
    for part in range(1, count):
        if stats[part, cv2.CC_STAT_AREA] < 4:
            continue
        size = max(stats[part, cv2.CC_STAT_WIDTH], stats[part, cv2.CC_STAT_HEIGHT])
        matrix = _part_matrix(centres[part], size, max(image.shape), rng)
        layer = np.where(grown == part, ink, 0).astype(np.uint8)
        moved = np.maximum(moved, cv2.warpAffine(layer, matrix, shape))
    return 255 - moved


def _part_matrix(centre, size, side, rng):
    """Returns a 2 x 3 affine matrix about the centre of a part."""
    angle = np.deg2rad(rng.normal(0, 4))
    scale = np.exp(rng.normal(0, 0.07, 2))
    shear = rng.normal(0, 0.06)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[scale[0], shear], [0, scale[1]]])
    # Small parts wander further than large ones, for these fill their place.
    shift = rng.normal(0, 0.012 * side + 0.02 * (side - size) * 0.5, 2)
    shift = np.clip(shift, -0.06 * side, 0.06 * side)
    return np.column_stack([linear, centre - linear @ centre + shift])


def warp(image, rng):
    """Slants, turns, stretches and bends the whole picture, in one resampling.

    Rows and columns are stretched unevenly first: hands divide the square between
    initial, medial and final as they please.
    """
    height, width = image.shape
    matrix = _slant_matrix(rng)
    x = _uneven(width, rng)[None, :]
    y = _uneven(height, rng)[:, None]
    bend = _bend(height, width, rng)
    map_x = matrix[0, 0] * x + matrix[0, 1] * y + (width / 2) + bend[0]
    map_y = matrix[1, 0] * x + matrix[1, 1] * y + (height / 2) + bend[1]
    return cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderValue=255)


def _slant_matrix(rng):
    """Returns a random `float32` 2 x 2 matrix of turn, shear and stretch."""
    angle = np.deg2rad(np.clip(rng.normal(0, 4), -12, 12))
    stretch = np.exp(np.clip(rng.normal(0, 0.13), -0.3, 0.3))
    shear = np.clip(rng.normal(0, 0.1), -0.3, 0.3)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return (turn @ np.array([[stretch, shear], [0, 1 / stretch]])).astype(np.float32)


def _uneven(length, rng):
    """Returns where `length` pixels come from, about the middle: rising, `float32`."""
    parts = np.exp(rng.normal(0, rng.uniform(0, 0.35), 4))
    knots = np.concatenate([[0], np.cumsum(parts)]) / parts.sum() - 0.5
    even = np.linspace(-0.5, 0.5, 5)
    pixels = (np.arange(length) - length / 2) / length
    return (np.interp(pixels, even, knots) * length).astype(np.float32)


def _bend(height, width, rng):
    """Returns smooth random displacements in pixels, two `float32` fields."""
    cells = int(rng.integers(3, 7))
    strength = rng.uniform(0, 0.12) / cells * max(height, width)
    fields = rng.normal(0, strength, (2, cells, cells)).astype(np.float32)
    shape = (width, height)
    return [cv2.resize(f, shape, interpolation=cv2.INTER_CUBIC) for f in fields]


def change_width(image, rng):
    """Makes strokes thicker or thinner, but never so thin that they vanish."""
    size = 2 if rng.random() < 0.6 else 3
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    if rng.random() < 0.6:
        return cv2.erode(image, kernel)  # dark grows
    thinner = cv2.dilate(image, kernel)
    share = rng.uniform(0.4, 1)
    thinner = cv2.addWeighted(thinner, share, image, 1 - share, 0)
    if (thinner < 128).sum() < 0.5 * (image < 128).sum():
        return image
    return thinner


def _pad(image, margin):
    return cv2.copyMakeBorder(
        image, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255
    )
