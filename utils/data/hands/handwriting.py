"""Varies handwriting: rearranges the jamo and strokes of a syllable at random."""

import cv2
import numpy as np

BLOCKS_PROBABILITY = 0.6  # that initial, medial and final move separately in `warp`


def move_parts(image, rng):
    """Moves, turns, scales and shears each connected part of the ink on its own.

    A font repeats one arrangement of strokes and jamo; no hand does.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width); the picture itself where it has one part only, or so
        many that they are noise.
    """
    ink = 255 - image
    count, marks, stats, centres = cv2.connectedComponentsWithStats(
        (ink > 40).astype(np.uint8), connectivity=8
    )
    # A single part: `warp` does the same to it. Hundreds are noise, not strokes.
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
    # Small parts move further than large ones, which have little room.
    shift = rng.normal(0, 0.012 * side + 0.02 * (side - size) * 0.5, 2)
    shift = np.clip(shift, -0.06 * side, 0.06 * side)
    return np.column_stack([linear, centre - linear @ centre + shift])


def warp(image, rng, blocks=True):
    """Slants, turns, stretches and bends the whole picture, in one resampling.

    Rows and columns are stretched unevenly first: writers divide the square between
    initial, medial and final in different ways. Then each of these may move as a block
    (`BLOCKS_PROBABILITY`), even where strokes run from one jamo into the next.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.
        blocks: whether jamo may move; False warps only the whole picture.
    """
    height, width = image.shape
    matrix = _slant_matrix(rng)
    x = _uneven(width, rng)[None, :]
    y = _uneven(height, rng)[:, None]
    bend = _bend(height, width, rng)
    if blocks and rng.random() < BLOCKS_PROBABILITY:
        bend = bend + _move_blocks(image, rng)
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
    cells = int(rng.integers(3, 8))
    strength = rng.uniform(0, 0.15) / cells * max(height, width)
    fields = rng.normal(0, strength, (2, cells, cells)).astype(np.float32)
    shape = (width, height)
    bends = [cv2.resize(f, shape, interpolation=cv2.INTER_CUBIC) for f in fields]
    return np.stack(bends)


def _move_blocks(image, rng):
    """Returns displacements that move the jamo of a syllable against each other.

    The picture is divided where there is least ink: near the middle of its height into
    upper part and final, and the upper part near the middle of its width into initial
    and medial. Each block has its own affine transform; the transforms are blended
    across the seams, so that no stroke breaks.

    Returns:
        `float32` (2, height, width): x and y, in pixels.
    """
    ink = 255 - image
    left, top, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    if min(width, height) < 8:  # too small to have blocks
        return np.zeros((2, *image.shape), np.float32)
    rows = ink[top : top + height].sum(1)
    level = top + _thinnest(rows, (0.4, 0.75), rng)
    columns = ink[top:level, left : left + width].sum(0)
    upright = left + _thinnest(columns, (0.35, 0.75), rng)
    y, x = _grid(image.shape)
    soft = 0.08 * max(width, height)  # short strokes at a narrower seam would be lost
    tilts = rng.normal(0, (0.15, 0.12)).astype(np.float32)  # seams are seldom level
    below = _rise(y - level - tilts[0] * (x - left - width / 2), soft)
    right = _rise(x - upright - tilts[1] * (y - top - height / 3), soft)
    centres = (
        ((left + upright) / 2, (top + level) / 2, (1 - below) * (1 - right)),
        ((upright + left + width) / 2, (top + level) / 2, (1 - below) * right),
        (left + width / 2, (level + top + height) / 2, below),
    )
    total = np.zeros((2, *x.shape), np.float32)
    for centre_x, centre_y, share in centres:
        matrix = _block_matrix(rng)
        shift = np.clip(rng.normal(0, 0.035, 2), -0.06, 0.06) * max(width, height)
        shift = shift.astype(np.float32)
        across, down = x - centre_x, y - centre_y
        total[0] += share * (matrix[0, 0] * across + matrix[0, 1] * down + shift[0])
        total[1] += share * (matrix[1, 0] * across + matrix[1, 1] * down + shift[1])
    shape = image.shape[::-1]
    return np.stack([cv2.resize(field, shape) for field in total])


def _grid(shape):
    """Returns y and x of about every fourth pixel: enough for smooth fields."""
    sides = [max(2, side // 4) for side in shape]
    places = [
        (np.arange(few, dtype=np.float32) + 0.5) * np.float32(side / few)
        for few, side in zip(sides, shape, strict=True)
    ]
    return np.meshgrid(*places, indexing="ij")


def _thinnest(profile, between, rng):
    """Returns the index of a low value of a profile, in a span given in fractions."""
    low, high = (round(len(profile) * share) for share in between)
    part = cv2.blur(profile[low:high].astype(np.float32)[:, None], (1, 3))[:, 0]
    # Noise, so that among places with equally little ink any is chosen.
    part += rng.uniform(0, 0.25, len(part)) * part.mean()
    return low + int(part.argmin())


def _rise(distance, soft):
    """Returns a logistic curve that rises from 0 to 1 around distance 0."""
    return 1 / (1 + np.exp(np.clip(distance / np.float32(-0.5 * soft), -20, 20)))


def _block_matrix(rng):
    """Returns a random linear transform less the identity: `float32` (2, 2)."""
    angle = np.deg2rad(rng.normal(0, 5))
    stretch = np.exp(np.clip(rng.normal(0, 0.14, 2), -0.35, 0.35))
    shear = np.clip(rng.normal(0, 0.08), -0.2, 0.2)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    linear = turn @ np.array([[stretch[0], shear], [0, stretch[1]]])
    return (linear - np.eye(2)).astype(np.float32)
