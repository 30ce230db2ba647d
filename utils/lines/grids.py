"""Finds ruled lines, and boxes and grids of cells around text."""

import cv2
import numpy as np

from utils.cleaning.ink import AREA, HEIGHT, LEFT, TOP, WIDTH

_MAX_BOX_FILL = 0.45  # share of a grid's box that is ink, text on its lines included
_MIN_SIDE = 16  # pixels: nothing can be read in a smaller grid
_MIN_LINE_LENGTH = 0.85  # of the grid's side: its lines run through more of it
_SIDE_WIDTH = 0.15  # of the grid's side: an outer line lies within this of the edge
_PAPER_MARGIN = 8  # pixels of paper added around a grid: lines are thinner
_MIN_INNER_INK = 0.25  # of a grid's ink: text in it; letters such as ㅁ are empty


def find_rules(
    ink: np.ndarray, pale: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Finds horizontal ruled lines, and the ink that may cross them.

    Args:
        ink: `uint8` (height, width), 1 is ink.
        pale: like `ink`, with a higher threshold: paler ink is 1 too.
        length: pixels, the least length of a ruled line.

    Returns:
        (rules, crossing): two masks like `ink`. The second holds all ink that is taller
        than the lines are thick, on them or elsewhere.
    """
    nothing = np.zeros_like(ink)
    if ink.shape[1] <= length:
        return nothing, nothing
    # So that a line with a slight slope stays one run.
    thick = cv2.dilate(pale, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    runs = cv2.bitwise_and(runs, pale)
    if not runs.any():
        return nothing, nothing
    stats = cv2.connectedComponentsWithStats(runs)[2][1:]
    thickness = np.median(stats[:, AREA] / stats[:, WIDTH])
    if thickness > 0.1 * length:  # joined ink, and no line
        return nothing, nothing
    through = np.ones((int(1.5 * thickness) + 2, 1), np.uint8)
    return runs, cv2.morphologyEx(ink, cv2.MORPH_OPEN, through)


def find_grids(ink: np.ndarray, pale: np.ndarray) -> np.ndarray:
    """Finds the lines of boxes and grids that have text in them.

    The text may touch the lines, and anything may lie beside the grid.

    Args:
        ink: as for `find_rules`.
        pale: as for `find_rules`.

    Returns:
        A mask like `ink` of the lines, without the ink that crosses them.
    """
    lines = np.zeros_like(ink)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(pale)
    hollow = stats[:, AREA] < _MAX_BOX_FILL * stats[:, WIDTH] * stats[:, HEIGHT]
    large = stats[:, [WIDTH, HEIGHT]].min(axis=1) > _MIN_SIDE
    large[0] = False  # the paper
    for part in np.flatnonzero(hollow & large):
        left, top, width, height = stats[part, [LEFT, TOP, WIDTH, HEIGHT]]
        box = slice(top, top + height), slice(left, left + width)
        found = _grid(ink[box], (labels[box] == part).view(np.uint8))
        if found is None:
            continue
        held = cv2.countNonZero(_inner(ink[box] & ~found & 1))
        if held > _MIN_INNER_INK * cv2.countNonZero(found):
            lines[box] |= found
    return lines


def _inner(mask):
    """Returns a mask without its border, where remains of the grid's lines may lie."""
    down, across = (int(_SIDE_WIDTH * length) for length in mask.shape)
    return mask[down : mask.shape[0] - down, across : mask.shape[1] - across]


def _grid(ink, own):
    """Returns the lines of a part if it is a grid with a line at each side, else None.

    Args:
        ink: all ink in the part's box.
        own: the part's own pixels there, pale ones included.
    """
    if not (_has_sides(own) and _has_sides(own.T)):  # most letters leave here
        return None
    both = []
    for turned in ((ink & own, own), ((ink & own).T, own.T)):
        # Beyond the box there is paper: up to it a line would be as thick as any.
        ink_, own_ = (np.pad(each, _PAPER_MARGIN) for each in turned)
        runs, crossing = find_rules(
            ink_, own_, int(_MIN_LINE_LENGTH * turned[1].shape[1])
        )
        found = (runs & ~crossing & 1)[
            _PAPER_MARGIN:-_PAPER_MARGIN, _PAPER_MARGIN:-_PAPER_MARGIN
        ]
        side = int(_SIDE_WIDTH * len(found))
        if not (found[:side].any() and found[-side:].any()):
            return None
        both.append(found)
    return both[0] | both[1].T


def _has_sides(own):
    """Tells whether a part has ink along the top and the bottom of its box."""
    side = int(_SIDE_WIDTH * len(own))
    return all(
        np.mean(strip.max(axis=0)) > _MIN_LINE_LENGTH
        for strip in (own[:side], own[-side:])
    )
