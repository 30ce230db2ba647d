"""Lines through the middle of a frame, whole or dashed: guides for those who write."""

import itertools

import numpy as np

from utils.cleaning.straight import Line, alone, levels_along, line_of, runs

_MIN_DARKNESS = 60  # grey levels from white: a guide is darker
_EDGE_COLUMNS = 2  # at either side, that a frame may have left something in
_MIN_SIDE_SHARE = 0.35  # of the height: as much of a column a frame's side has dark
_MAX_SIDE_WIDTH = 0.08  # of the width: a frame's sides are no thicker
_STRIP_WIDTH = 0.09  # of the width, at either side: a guide begins and ends in it
_WHOLE_STRIP_COLUMNS = 3  # the same of a guide all of whose gaps are narrower
_MIN_PICTURE_SIDE = 40  # pixels: in a narrower picture any stroke is a guide
_MAX_SLOPE = 0.07  # rise over width
_MAX_MIDDLE_OFFSET = 0.08  # of the height: no farther from the middle is a guide
_MAX_THICKNESS = 0.05  # of the height: guides are thinner
_MIN_INK_DARKNESS = 100  # grey levels from white: what is as dark beside a guide is ink
_MIN_FREE_SHARE = 0.15  # of the columns show nothing but the guide and paper
_MIN_DARK_SHARE = 0.25  # of the free columns are dark
_MAX_DASH_GAP = 0.1  # of the width: dashes are no farther apart
_MAX_GAP_DARKNESS = 0.35  # of a guide's usual darkness: it is no darker in gaps
_MIN_WHOLE_SHARE = 0.8  # of the columns near the sides, of a guide without gaps
_WHOLE_QUANTILE = 0.25  # of its columns are paler: on the others strokes may lie
_DASHED_QUANTILE = 0.5  # likewise, of dashes, whose ends are paler
_MIN_DASHES = 3  # of fewer nobody knows how long they are
_MAX_DASH_LENGTH = 2.5  # times a usual dash: in a longer one a stroke lies
_MIN_THIN_SHARE = 0.5  # of that stroke is no thicker than the guide


def find_guides(dark: np.ndarray) -> list[Line]:
    """Finds the guides in a frame that are about level.

    They go from side to side of it and through its middle. In a tight frame one bar of
    the syllable may do so, too; no stroke is dashed.

    Args:
        dark: `uint8` (height, width), darkness: 0 on paper; the room in a frame, or the
            frame with all that is in it.

    Returns:
        List of `straight.Line`; whether they are whole is in `even`.
    """
    width = dark.shape[1]
    if min(dark.shape) < _MIN_PICTURE_SIDE:
        return []
    left, right = sides_of(dark) or (0, 0)
    start, end = max(left, _EDGE_COLUMNS), width - max(right, _EDGE_COLUMNS)
    inner = dark[:, start:end]
    pairs = itertools.product(_rows_at_side(inner), _rows_at_side(inner[:, ::-1]))
    found = (
        _guide_between(dark, *pair, start, end)
        for pair in pairs
        if _goes_through_middle(*pair, dark.shape)
    )
    return [line for line in found if line]


def sides_of(dark: np.ndarray) -> tuple[int, int] | None:
    """Returns how many columns the two sides of an upright frame take.

    Args:
        dark: as for `find_guides`, cut to the frame.

    Returns:
        (left, right); None where there is no such frame.
    """
    is_side = np.mean(dark > _MIN_DARKNESS, axis=0) > _MIN_SIDE_SHARE
    most = int(_MAX_SIDE_WIDTH * dark.shape[1])
    left = int(np.argmin(is_side[: most + 1]))
    right = int(np.argmin(is_side[: -most - 2 : -1]))
    return (left, right) if left and right else None


def columns_of(dark: np.ndarray, line: Line) -> np.ndarray:
    """Tells in which columns there is a guide and nothing else: `bool` (width,).

    A stroke as thin as a dashed guide that lies on it is longer than its dashes.

    Args:
        dark: as for `find_guides`.
        line: through it.
    """
    columns = alone(dark, line)
    is_on = levels_along(dark, line.rows, 1).max(axis=0) > _MAX_GAP_DARKNESS * line.dark
    starts, ends = runs(is_on)
    if len(starts) < _MIN_DASHES:
        return columns
    long = _MAX_DASH_LENGTH * np.median(ends - starts) + 1
    for start, end in zip(starts, ends, strict=True):
        if end - start > long and columns[start:end].mean() > _MIN_THIN_SHARE:
            columns[start:end] = False
    return columns


def _goes_through_middle(first, last, shape):
    """Tells whether a line between two rows is about level, and where a cross is."""
    off = abs(first + last + 1 - shape[0]) / 2
    return (
        abs(first - last) <= _MAX_SLOPE * shape[1]
        and off <= _MAX_MIDDLE_OFFSET * shape[0]
    )


def _rows_at_side(dark):
    """Finds where something thin and dark begins at the left: the rows of its middles.

    A dash may begin farther in, and strokes may come as near as that.
    """
    strip = int(_STRIP_WIDTH * dark.shape[1])
    return sorted(
        {*_rows_of(dark[:, :_WHOLE_STRIP_COLUMNS]), *_rows_of(dark[:, :strip])}
    )


def _rows_of(strip):
    """Finds the rows of what is thin and dark in some columns."""
    level = strip.max(axis=1)
    if level.max() <= _MIN_DARKNESS:  # mostly there is paper: nothing else takes time
        return []
    starts, ends = runs(level > _MIN_DARKNESS)
    thin = ends - starts <= 3 + _MAX_THICKNESS * len(strip)
    return ((starts + ends - 1) / 2)[thin].tolist()


def _guide_between(dark, first, last, start, end):
    """Returns the guide between two rows at the borders; None where there is none."""
    height, width = dark.shape
    rows = np.rint(np.linspace(first, last, width)).astype(int)
    middle = 2 + int(_MAX_THICKNESS * height / 2)
    levels = levels_along(dark, rows, middle)[:, start:end]
    core = levels[middle - 1 : middle + 2].max(axis=0)
    free = levels[[0, -1]].max(axis=0) < _MIN_INK_DARKNESS
    if np.mean(free) < _MIN_FREE_SHARE:
        return None
    usual = float(np.percentile(core[free], 75))
    is_on = free & (core > max(_MIN_DARKNESS, _MAX_GAP_DARKNESS * usual))
    if not _is_guide(is_on, free):
        return None
    # Near the sides no stroke, or only a long one, is beside it or on it.
    strip = int(_STRIP_WIDTH * len(is_on)) + 1
    is_on[strip:-strip] = False
    is_whole = np.count_nonzero(is_on) > _MIN_WHOLE_SHARE * 2 * strip
    paler = _WHOLE_QUANTILE if is_whole else _DASHED_QUANTILE
    profile = np.quantile(levels[:, is_on], paler, axis=1)
    return line_of(rows, profile, usual, bool(is_whole))


def _is_guide(is_on, free):
    """Tells a guide by where it is dark, of the columns that show nothing else."""
    width, places = len(free), np.flatnonzero(is_on)
    if len(places) < _MIN_DARK_SHARE * np.count_nonzero(free):
        return False
    first, last = int(places[0]), int(places[-1])
    starts, ends = runs((free & ~is_on)[first:last])
    gap = (ends - starts).max(initial=0)
    most = _WHOLE_STRIP_COLUMNS if gap < _WHOLE_STRIP_COLUMNS else _STRIP_WIDTH * width
    return max(first, width - 1 - last) <= most and gap <= _MAX_DASH_GAP * width
