"""The size at which ink is looked for, and parts of a picture to look at closer."""

import numpy as np

from utils.cleaning.cuts import Part, extent, within
from utils.cleaning.ink import Ink
from utils.pictures.sizes import resized

WORK_SIZE = 160  # pixels: longer sides are reduced to it before anything is measured
_MIN_INK_EXTENT = 40  # pixels: smaller ink has lost its strokes at work size
_MIN_SIDE, _ENLARGED_SIDE = 48, 128  # pixels: smaller ones are enlarged to the other


def at_work_size(gray: np.ndarray) -> np.ndarray:
    """Brings a picture to a size at which its ink can be told from paper.

    Of a small picture the ink box would be known to a whole pixel only, a thirtieth of
    the syllable: enlarged first, it comes out nearer to the same picture in full size.

    Args:
        gray: `uint8` (height, width).

    Returns:
        `uint8` (height', width').
    """
    side = max(gray.shape)
    if _MIN_SIDE <= side <= WORK_SIZE:
        return gray
    return resized(gray, (_ENLARGED_SIDE if side < _MIN_SIDE else WORK_SIZE) / side)


def is_lost(ink: Ink) -> bool:
    """Tells whether ink is so small that its strokes are lost at work size.

    Args:
        ink: of a picture at work size.
    """
    return extent(ink.box) < _MIN_INK_EXTENT


def part_around(ink: Ink, part: Part) -> Part:
    """Returns the part in which ink is, and paper around it, to know that by.

    Args:
        ink: of a part at work size.
        part: that part of a picture.
    """
    beyond = extent(ink.box) * np.array([-1, 1, -1, 1])
    return within(part, np.array(ink.box) + beyond, ink.clean.shape)
