"""Straight lines as long as rules, and the grids of cells that text may stand in."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH

_HOLLOW = 0.45  # of its box: a grid has less ink, what is written on its lines too
_LEAST = 16  # pixels: in smaller ones nothing can be read
_THROUGH = 0.85  # of a grid: its lines go through more of it
_SIDE = 0.15  # of a grid: so near to each of its sides a line is
_PAST = 8  # pixels of paper around a grid: more than lines are thick
_HELD = 0.25  # of its ink: as much must be in it; letters are empty, as ㅁ is


def find_rules(
    ink: np.ndarray, pale: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Finds lines across that are as long as rules, and what may cross them.

    Args:
        ink: `uint8` (height, width), 1 is ink.
        pale: the same, paler ink too.
        length: pixels: rules are at least so long.

    Returns:
        (rules, crossing): two masks like `ink`. In the second is all that is higher
        than rules are thick, on them or elsewhere.
    """
    nothing = np.zeros_like(ink)
    if ink.shape[1] <= length:
        return nothing, nothing
    # A little slope does not end a line.
    thick = cv2.dilate(pale, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    runs = cv2.bitwise_and(runs, pale)
    if not runs.any():
        return nothing, nothing
    stats = cv2.connectedComponentsWithStats(runs)[2][1:]
    thickness = np.median(stats[:, AREA] / stats[:, WIDTH])
    if thickness > 0.1 * length:  # ink that joins, and no line
        return nothing, nothing
    through = np.ones((int(1.5 * thickness) + 2, 1), np.uint8)
    return runs, cv2.morphologyEx(ink, cv2.MORPH_OPEN, through)


def find_grids(ink: np.ndarray, pale: np.ndarray) -> np.ndarray:
    """Finds the lines of boxes and grids of cells with text in them.

    Whether what is written touches them or not, and whatever lies beside them.

    Args:
        ink: as for `find_rules`.
        pale: as there.

    Returns:
        A mask like `ink`, without what crosses the lines.
    """
    lines = np.zeros_like(ink)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(pale)
    hollow = stats[:, AREA] < _HOLLOW * stats[:, WIDTH] * stats[:, HEIGHT]
    large = stats[:, [WIDTH, HEIGHT]].min(axis=1) > _LEAST
    large[0] = False  # the paper
    for part in np.flatnonzero(hollow & large):
        left, top, width, height = stats[part, [LEFT, TOP, WIDTH, HEIGHT]]
        box = slice(top, top + height), slice(left, left + width)
        found = _grid(ink[box], (labels[box] == part).view(np.uint8))
        if found is None:
            continue
        held = cv2.countNonZero(_inner(ink[box] & ~found & 1))
        if held > _HELD * cv2.countNonZero(found):
            lines[box] |= found
    return lines


def _inner(mask):
    """Returns a mask less its sides, where what is left of a grid's own lines lies."""
    down, across = (int(_SIDE * length) for length in mask.shape)
    return mask[down : mask.shape[0] - down, across : mask.shape[1] - across]


def _grid(ink, own):
    """Returns the lines of a part if it is a grid, with one at each side; or None.

    Args:
        ink: of the part's box, others' too.
        own: of the part, as pale as it may be.
    """
    if not (_has_sides(own) and _has_sides(own.T)):  # as of most letters
        return None
    both = []
    for turned in ((ink & own, own), ((ink & own).T, own.T)):
        # Beyond the box there is paper: up to it a line would be as thick as any.
        ink_, own_ = (np.pad(each, _PAST) for each in turned)
        runs, crossing = find_rules(ink_, own_, int(_THROUGH * turned[1].shape[1]))
        found = (runs & ~crossing & 1)[_PAST:-_PAST, _PAST:-_PAST]
        side = int(_SIDE * len(found))
        if not (found[:side].any() and found[-side:].any()):
            return None
        both.append(found)
    return both[0] | both[1].T


def _has_sides(own):
    """Tells whether a part goes along the upper side of its box, and the lower one."""
    side = int(_SIDE * len(own))
    return all(
        np.mean(strip.max(axis=0)) > _THROUGH for strip in (own[:side], own[-side:])
    )
