"""Finds the ink of text, without ruled lines, frames and specks."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, WIDTH
from utils.lines.grids import find_grids, find_rules
from utils.lines.specks import find_specks

_MIN_RULE_LENGTH = 3.0  # times a letter's height: no stroke is so long
_MAX_RULE_GREY = 200  # grey level: ruled lines are rarely paler
_MIN_FRAME_SIDE = 0.6  # of the picture's width and height: a frame is larger
_MAX_FRAME_FILL = 0.2  # share of its box that is ink: a frame has less
_MIN_OTHER_INK = 0.25  # of a frame's ink: the text in it has more


def letter_height(ink: np.ndarray) -> float:
    """Estimates the height of letters.

    Args:
        ink: `uint8` (height, width), 1 is ink; somewhere there is.

    Returns:
        Pixels: nine tenths of the ink belong to connected parts that are no higher.
        Frames, and ruled lines, which are far longer than high, are left out.
    """
    stats = cv2.connectedComponentsWithStats(ink)[2]
    kept = ~_frames(stats)[1:]
    wide, high, area = stats[1:, WIDTH], stats[1:, HEIGHT], stats[1:, AREA]
    kept &= (wide < 12 * high) & (high < 8 * wide)
    if not kept.any():
        kept[:] = True
    order = np.argsort(high[kept])
    share = area[kept][order].cumsum() / area[kept].sum()
    return float(high[kept][order][np.searchsorted(share, 0.9)])


def _frames(stats):
    """Tells which connected parts are frames around others: bool (parts,).

    Args:
        stats: integers (parts, 5), as OpenCV has them, paper first.
    """
    wide, high, area = stats[:, WIDTH], stats[:, HEIGHT], stats[:, AREA]
    large = (wide > _MIN_FRAME_SIDE * wide[0]) & (high > _MIN_FRAME_SIDE * high[0])
    others = area[1:].sum() - area
    return (
        large
        & (area < _MAX_FRAME_FILL * wide * high)
        & (others > _MIN_OTHER_INK * area)
    )


def text_ink(clean: np.ndarray, vertical: bool = False) -> np.ndarray:
    """Finds the ink of text, without ruled lines, frames and specks.

    Args:
        clean: `uint8` (height, width), dark on white, level.
        vertical: as for `specks.find_specks`.

    Returns:
        `uint8` (height, width), 1 is ink; there may be none.
    """
    ink = (clean < 128).view(np.uint8)
    if not ink.any():
        return ink
    pale = (clean < _MAX_RULE_GREY).view(np.uint8)
    ink &= ~find_grids(ink, pale)
    length = int(_MIN_RULE_LENGTH * letter_height(ink))
    across, crossing = find_rules(ink, pale, length)
    down, crossed = (
        each.T
        for each in find_rules(
            np.ascontiguousarray(ink.T), np.ascontiguousarray(pale.T), length
        )
    )
    kept = ink & ~((across & ~crossing) | (down & ~crossed)) & 1
    return _without_specks(kept, across | down, vertical) if kept.any() else kept


def _without_specks(ink, ruled, vertical):
    """Removes parts that are no strokes: specks, frames, remains of ruled lines."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    gone = find_specks(ink, stats, letter_height(ink), vertical)
    gone |= _frames(stats)
    left = np.bincount(labels[ruled > 0], minlength=count)
    gone |= left > 0.5 * stats[:, AREA]
    gone[0] = False
    return np.where(gone[labels], 0, ink).astype(np.uint8)
