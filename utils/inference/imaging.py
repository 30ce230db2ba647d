"""Anything a user has -> the canonical square: dark ink on white, cropped and centred.

The same preparation serves training, evaluation and prediction, so that the network
sees at work what it saw at school. Its steps: grey, reduce or enlarge, divide by the
local paper, set polarity, stretch contrast, drop specks and intruding strokes, crop to
the ink, fit.
"""

import cv2
import numpy as np

from utils.inference.geometry import place_ink, region_of
from utils.inference.pictures import to_gray

_WORK_SIZE = 160  # pixels: longer sides are reduced to it before anything is measured
_SMALL = 48  # pixels: shorter sides are enlarged to `_ENLARGED` first
_ENLARGED = 128
_MIN_CONTRAST = 12  # grey levels between paper and ink: below it there is no ink
_WHITE = 250  # grey level: a ground so light needs no removing


def prepare(image, size):
    """Prepares one picture of one syllable for the network.

    Args:
        image: a path, a PIL image of any mode, or an array (see `pictures.to_gray`).
        size: side of the result in pixels.

    Returns:
        `uint8` (size, size): ink near 0 on paper at 255, the ink box scaled into the
        square with its aspect kept and a margin of a 24th of the side.

    Raises:
        TypeError: `image` is nothing that holds a picture.
        ValueError: the picture cannot be read or holds no ink.
    """
    return prepare_gray(upright(image), size)[0]


def upright(image):
    """Reads a picture as `prepare` does: grey, upright, no larger than it needs.

    Returns:
        `uint8` (height, width): the whole picture.

    Raises:
        TypeError, ValueError: as `utils.inference.pictures.to_gray`.
    """
    # Four times the work size, so that reducing in two steps shows nowhere.
    return to_gray(image, 4 * _WORK_SIZE)


def prepare_gray(gray, size):
    """Prepares a grey picture, and tells which part of it the square shows.

    Args:
        gray: `uint8` (height, width), as `upright` gives it.
        size: side of the square in pixels.

    Returns:
        (square, `geometry.Region`): the square as `prepare` gives it.

    Raises:
        ValueError: the picture holds no ink.
    """
    clean = remove_paper(_resize(gray))
    top, bottom, left, right = box = _ink_box(clean)
    square = fit_ink(clean[top:bottom, left:right], size)
    return square, region_of(box, clean.shape, size)


def _resize(gray):
    """Brings a picture to a size at which its ink can be told from paper.

    Of a small picture the ink box would be known to a whole pixel only, a thirtieth of
    the syllable: enlarged first, it comes out nearer to the same picture in full size.
    """
    side = max(gray.shape)
    if _SMALL <= side <= _WORK_SIZE:
        return gray
    scale = (_ENLARGED if side < _SMALL else _WORK_SIZE) / side
    shape = [max(1, round(length * scale)) for length in gray.shape[::-1]]
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return cv2.resize(gray, shape, interpolation=how)


def fit_ink(image, size):
    """Scales a cropped picture into a square, aspect kept, centred on white.

    Args:
        image: `uint8` (height, width), dark on white.
        size: side of the square in pixels.

    Returns:
        `uint8` (size, size).
    """
    width, height, left, top = place_ink(*image.shape, size)
    # Area averaging when reducing, linear when enlarging: neither rings.
    reduced = max(width, height) < max(image.shape)
    how = cv2.INTER_AREA if reduced else cv2.INTER_LINEAR
    scaled = cv2.resize(image, (width, height), interpolation=how)
    square = np.full((size, size), 255, np.uint8)
    square[top : top + height, left : left + width] = scaled
    return square


def remove_paper(gray):
    """Turns a grey picture into dark ink on white, paper and shadow removed.

    Args:
        gray: `uint8` (height, width), dark on light or light on dark.

    Returns:
        `uint8` (height, width), paper at 255, the ink's darkest tenth at 0.

    Raises:
        ValueError: the contrast is too low for ink.
    """
    low, high = int(gray.min()), int(gray.max())
    if high - low < _MIN_CONTRAST:
        raise ValueError(
            f"The picture holds no ink: its grey levels run from {low} to {high}; "
            "expected a syllable darker or lighter than its ground."
        )
    if _is_light_on_dark(gray):
        gray = 255 - gray
    flat = _divide_by_paper(gray)
    return _stretch(flat)


def _is_light_on_dark(gray):
    """Tells whether the ground, which owns the picture's border, is the dark part."""
    if np.median(gray) >= _WHITE:
        return False
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    level = small - _plane(small)  # a shadow's slope must not pass for ink
    level = cv2.normalize(level, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    threshold, _ = cv2.threshold(level, 0, 255, cv2.THRESH_OTSU)
    is_dark = level <= threshold
    # Ink is the smaller part; where the border is undecided, the whole decides.
    return 0.7 * is_dark[_RING].mean() + 0.3 * is_dark.mean() > 0.5


def _plane(small):
    """Fits a plane to the border of a 32 x 32 picture, strokes left aside."""
    values = small[_RING]
    keep = np.ones(len(values), bool)
    for _ in range(2):
        plane = np.linalg.lstsq(_RING_PLACES[keep], values[keep], rcond=None)[0]
        error = np.abs(values - _RING_PLACES @ plane)
        keep = error <= np.median(error) * 2 + 1e-3
    return (_PLACES @ plane).reshape(small.shape)


_PLACES = np.stack([*np.indices((32, 32)).reshape(2, -1), np.ones(32 * 32)], 1)
_RING = np.pad(np.zeros((30, 30), bool), 1, constant_values=True)
_RING_PLACES = _PLACES[_RING.ravel()]


def _divide_by_paper(gray):
    """Divides by a smooth estimate of the paper, so that paper becomes 255."""
    if np.median(gray) >= _WHITE:  # white paper: nothing to divide by
        return gray
    # The paper is what a window wider than any stroke finds brightest; its median
    # forgets bright specks. Found on a small copy: paper varies slowly.
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(small, np.ones((9, 9), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 9), (0, 0), 4)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(paper, 1), scale=255)


def _stretch(flat):
    """Stretches grey levels: the paper's bulk to 255, the ink's core to 0."""
    threshold, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_OTSU)
    counts = np.bincount(flat.ravel(), minlength=256).cumsum()
    num_ink = counts[int(threshold)]
    ink = int(np.searchsorted(counts, 0.3 * num_ink))
    rest = counts[-1] - num_ink
    # A tenth of the paper may be darker than the level set to white: grain.
    paper = int(np.searchsorted(counts, num_ink + 0.25 * rest))
    if paper - ink < _MIN_CONTRAST:
        paper = min(255, ink + _MIN_CONTRAST)
    table = (np.arange(256) - ink) * (255.0 / (paper - ink))
    return cv2.LUT(flat, np.clip(table, 0, 255).astype(np.uint8))


def _ink_box(clean):
    """Returns (top, bottom, left, right) of the ink that belongs to the syllable."""
    mask = (clean < 128).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    parts = stats[1:]
    if not count - 1:
        raise ValueError("The picture holds no ink: nothing in it is dark enough.")
    parts = parts[_belongs(parts, clean.shape)]
    left, top = parts[:, 0].min(), parts[:, 1].min()
    right = (parts[:, 0] + parts[:, 2]).max()
    bottom = (parts[:, 1] + parts[:, 3]).max()
    # One pixel more: the stroke's grey edge is part of it.
    height, width = clean.shape
    return (
        max(0, top - 1),
        min(height, bottom + 1),
        max(0, left - 1),
        min(width, right + 1),
    )


def _belongs(parts, shape):
    """Tells of each connected part whether it is the syllable's.

    Specks are not, nor small strokes that a neighbour pushes over the border.
    """
    left, top, width, height, area = parts.T
    total, side = area.sum(), max(shape)
    extent = np.maximum(width, height)
    kept = (area >= 0.004 * total) & (extent >= 0.03 * side)
    at_border = (left == 0) | (top == 0) | (left + width == shape[1])
    at_border |= top + height == shape[0]
    inner = kept & ~at_border
    # Only where the rest is clearly the syllable; a tight crop touches everywhere.
    if area[inner].sum() > 0.75 * total:
        kept &= ~(at_border & (area < 0.1 * total) & (extent < 0.35 * side))
    kept[np.argmax(area)] = True
    return kept
