"""Thin straight lines from the left border of a picture to the right one."""

from typing import NamedTuple

import cv2
import numpy as np

_MIN_DARKNESS = 30  # grey levels from white: noise is fainter
_BORDER_COLUMNS = 3  # at either side, that a line is dark in
_MIN_PICTURE_WIDTH = 12  # pixels: in a narrower picture any stroke is a line
_UPRIGHT_WINDOW = np.ones((3, 1), np.uint8)
_LEVEL_WINDOW = np.ones((1, _BORDER_COLUMNS), np.uint8)
_MAX_THICKNESS = 0.06  # of the height: lines are thinner
_MIN_DARK_SHARE = 0.94  # of a line's columns are dark
_EDGE_DARKNESS = 0.3  # of a line's darkness: beyond it there is less
_END_DIVISOR = 16  # a line's ends: a sixteenth of it each
_MAX_MASS_SPREAD = 0.6  # of a line's usual mass: from column to column it differs less
_MAX_END_DIFFERENCE = 0.3  # likewise, from its ends to the rest
_MAX_COLUMN_MASS = 1.4  # times a line's mass: where there is more, ink lies on it
_MIN_INK_DARKNESS = 100  # grey levels from white: what is as dark beside a line is ink


class Line(NamedTuple):
    """A line through a picture.

    rows: of its middle in each column, perhaps outside the picture in some.
    reach: pixels from there to its edge.
    width: pixels.
    dark: usual darkness of its middle, 0-255.
    mass: pixels times darkness 0-1 of a column.
    even: whether it is as wide and as dark at its ends as anywhere.
    """

    rows: np.ndarray
    reach: int
    width: int
    dark: float
    mass: float
    even: bool

    @property
    def rise(self) -> int:
        """Pixels that it goes down from the left border to the right one."""
        return int(self.rows[-1] - self.rows[0])


def rows_at_border(dark: np.ndarray) -> list[float]:
    """Finds where thin dark things cross the left border.

    Args:
        dark: `uint8` (height, width), darkness: 0 on paper.

    Returns:
        The rows of their middles.
    """
    strip = dark[:, :_BORDER_COLUMNS]
    # Mostly there is paper: nothing else takes time.
    if dark.shape[1] < _MIN_PICTURE_WIDTH or strip[:, 0].max() <= _MIN_DARKNESS:
        return []
    level = cv2.erode(cv2.dilate(strip, _UPRIGHT_WINDOW), _LEVEL_WINDOW)
    level = level[:, _BORDER_COLUMNS // 2]
    starts, ends = runs(level > _MIN_DARKNESS)
    thin = ends - starts <= 2 + _MAX_THICKNESS * len(dark)
    return ((starts + ends - 1) / 2)[thin].tolist()


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where runs of a mask start, and where they end, exclusive.

    Args:
        mask: `bool` (places,).
    """
    steps = np.diff(np.pad(mask.astype(np.int8), 1))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def line_between(dark: np.ndarray, start: float, end: float) -> Line | None:
    """Returns the line between two rows at the borders; None where there is none.

    Args:
        dark: as for `rows_at_border`.
        start: row at the left border.
        end: row at the right border; one of the two may be outside the picture.
    """
    height, width = dark.shape
    rows = np.rint(np.linspace(start, end, width)).astype(int)
    inside = (rows >= 0) & (rows < height)
    if not _may_be(dark, rows, np.flatnonzero(inside)):
        return None
    middle = 2 + int(_MAX_THICKNESS * height / 2)
    levels = levels_along(dark, rows, middle)[:, inside]
    core = levels[middle - 1 : middle + 2].max(axis=0)
    usual = float(np.median(core))
    profile = np.median(levels, axis=1)
    is_dark = core > max(_MIN_DARKNESS, 0.25 * usual)
    broken = usual < _MIN_DARKNESS or np.mean(is_dark) < _MIN_DARK_SHARE
    line = None if broken else line_of(rows, profile, usual)
    return line and line._replace(even=_is_even(levels, usual))


def line_of(
    rows: np.ndarray, profile: np.ndarray, usual: float, even: bool = True
) -> Line | None:
    """Returns the line whose columns are dark as a profile says; None if none is.

    Args:
        rows: as in `Line`.
        profile: darkness (2 n + 1,) of a usual column, the line's middle in its middle.
        usual: as `dark` in `Line`.
        even: as in `Line`.
    """
    middle = len(profile) // 2
    dark_rows = np.flatnonzero(profile > _EDGE_DARKNESS * usual)
    # Without such rows there is no one line; dark up to the end, it is no thin one.
    if not len(dark_rows) or {0, 2 * middle} & set(dark_rows.tolist()):
        return None
    reach = int(np.abs(dark_rows - middle).max())
    thick = int(np.count_nonzero(profile > 0.5 * usual))
    return Line(rows, reach, thick, usual, float(profile.sum()) / 255, even)


def _may_be(dark, rows, inside):
    """Tells at a first look, at some of the columns, whether there may be a line."""
    columns = inside[:: max(1, len(rows) // 16)]
    if not len(columns):
        return False
    around = rows[columns] + np.array([[-1], [0], [1]])
    levels = dark[around.clip(0, len(dark) - 1), columns].max(axis=0)
    return np.mean(levels > _MIN_DARKNESS / 2) > _MIN_DARK_SHARE - 1 / len(columns)


def levels_along(dark: np.ndarray, rows: np.ndarray, reach: int) -> np.ndarray:
    """Returns how dark it is along a line and beside it.

    Args:
        dark: as for `rows_at_border`.
        rows: integers (width,).
        reach: rows above the line, and below it.

    Returns:
        `uint8` (2 reach + 1, width), 0 outside the picture.
    """
    around = rows + np.arange(-reach, reach + 1)[:, None]
    levels = dark[around.clip(0, len(dark) - 1), np.arange(len(rows))]
    levels[(around < 0) | (around >= len(dark))] = 0
    return levels


def _is_even(levels, usual):
    """Tells whether a line is as thick and as dark at its ends as anywhere."""
    free = levels[[0, 1, -2, -1]].max(axis=0) < _EDGE_DARKNESS * usual  # of crossings
    end = max(_BORDER_COLUMNS, len(free) // _END_DIVISOR)
    ends = [np.flatnonzero(free[:end]), len(free) - end + np.flatnonzero(free[-end:])]
    if np.mean(free) < 0.3 or not all(map(len, ends)):
        return False
    masses = levels.sum(axis=0)
    usual = np.median(masses[free])
    low, high = np.percentile(masses[free], (10, 90))
    other = max(abs(np.median(masses[end]) - usual) for end in ends)
    return bool(
        other < _MAX_END_DIFFERENCE * usual and high - low < _MAX_MASS_SPREAD * usual
    )


def alone(dark: np.ndarray, line: Line) -> np.ndarray:
    """Tells in which columns there is nothing but a line: `bool` (width,).

    Args:
        dark: as for `rows_at_border`.
        line: through it.
    """
    levels = levels_along(dark, line.rows, line.reach + 2)
    beside = levels[[0, -1]].max(axis=0)
    masses = levels.sum(axis=0)
    return (beside < _MIN_INK_DARKNESS) & (masses < _MAX_COLUMN_MASS * 255 * line.mass)


def wipe(dark: np.ndarray, line: Line, where: np.ndarray) -> None:
    """Wipes a line off the darkness of a picture.

    Args:
        dark: as for `rows_at_border`; changed in place.
        line: through it.
        where: `bool` (width,), the columns in which it goes.
    """
    columns = np.flatnonzero(where)
    for offset in range(-line.reach - 1, line.reach + 2):
        rows = line.rows[columns] + offset
        there = (rows >= 0) & (rows < len(dark))
        dark[rows[there], columns[there]] = 0
