"""What is no text in a picture of text: ruled lines, frames, specks."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, WIDTH
from utils.lines.grids import find_grids, find_rules
from utils.lines.specks import find_specks

_LONG = 3.0  # times a letter's height: no stroke is so long
_PALE = 200  # grey level: lines are hardly paler
_AROUND = 0.6  # of the picture's width and height: a frame is larger
_HOLLOW = 0.2  # of its box: a frame has less ink
_INSIDE = 0.25  # of its ink: as much more there is beside a frame


def letter_height(ink: np.ndarray) -> float:
    """Estimates how high letters are.

    Args:
        ink: `uint8` (height, width), 1 is ink; somewhere there is.

    Returns:
        Pixels: nine tenths of the ink belong to connected parts that are no higher.
        Frames and rules, which are far longer than high, do not count.
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
    large = (wide > _AROUND * wide[0]) & (high > _AROUND * high[0])
    others = area[1:].sum() - area
    return large & (area < _HOLLOW * wide * high) & (others > _INSIDE * area)


def text_ink(clean: np.ndarray) -> np.ndarray:
    """Finds the ink of text: without rules, frames and specks.

    Args:
        clean: `uint8` (height, width), dark on white, level.

    Returns:
        `uint8` (height, width), 1 is ink; nowhere, maybe.
    """
    ink = (clean < 128).view(np.uint8)
    if not ink.any():
        return ink
    pale = (clean < _PALE).view(np.uint8)
    ink &= ~find_grids(ink, pale)
    length = int(_LONG * letter_height(ink))
    across, crossing = find_rules(ink, pale, length)
    down, crossed = (
        each.T
        for each in find_rules(
            np.ascontiguousarray(ink.T), np.ascontiguousarray(pale.T), length
        )
    )
    kept = ink & ~((across & ~crossing) | (down & ~crossed)) & 1
    return _without_specks(kept, across | down) if kept.any() else kept


def _without_specks(ink, ruled):
    """Takes away what is no stroke: specks, frames, and what is left of rules."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    gone = find_specks(ink, stats, letter_height(ink))
    gone |= _frames(stats)
    left = np.bincount(labels[ruled > 0], minlength=count)
    gone |= left > 0.5 * stats[:, AREA]
    gone[0] = False
    return np.where(gone[labels], 0, ink).astype(np.uint8)
