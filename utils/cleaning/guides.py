"""Lines through the middle of a frame, whole or dashed: guides for those who write."""

import itertools

import numpy as np

from utils.cleaning.straight import Line, alone, levels_along, line_of, runs

_FAINT = 60  # grey levels from white: a guide is darker
_EDGE = 2  # columns at either side that a frame may have left something in
_SIDE = 0.35  # of the height: as much of a column a frame's side has dark
_SIDES = 0.08  # of the width: sides are no thicker
_STRIP = 0.09  # of the width: a guide begins and ends in so much
_NEAR = 3  # columns, if it has no gaps
_NARROW = 40  # pixels: in a narrower picture any stroke is a guide
_SLOPE = 0.07  # rise over width
_MIDDLE = 0.08  # of the height: no farther from the middle is a guide
_THICKEST = 0.05  # of the height: guides are thinner
_BESIDE = 100  # darkness beside a guide: there is ink
_FREE = 0.15  # of the columns show nothing but the guide and paper
_DASHES = 0.25  # of the free columns are dark
_GAP = 0.1  # of the width: dashes are no farther apart
_PALE = 0.35  # of its usual darkness: where a guide is no darker there is a gap
_WHOLE = 0.8  # of the columns near the sides, of a guide without gaps
_PALER = 0.25  # of its columns are: on the others strokes may lie
_DASHED = 0.5  # likewise, of dashes, whose ends are paler
_FEW = 3  # dashes: of fewer nobody knows how long they are
_LONG = 2.5  # times a usual dash: a stroke lies there
_THIN = 0.5  # of it is no thicker than the guide


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
    if min(dark.shape) < _NARROW:
        return []
    left, right = sides_of(dark) or (0, 0)
    start, end = max(left, _EDGE), width - max(right, _EDGE)
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
    is_side = np.mean(dark > _FAINT, axis=0) > _SIDE
    most = int(_SIDES * dark.shape[1])
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
    is_on = levels_along(dark, line.rows, 1).max(axis=0) > _PALE * line.dark
    starts, ends = runs(is_on)
    if len(starts) < _FEW:
        return columns
    long = _LONG * np.median(ends - starts) + 1
    for start, end in zip(starts, ends, strict=True):
        if end - start > long and columns[start:end].mean() > _THIN:
            columns[start:end] = False
    return columns


def _goes_through_middle(first, last, shape):
    """Tells whether a line between two rows is about level, and where a cross is."""
    off = abs(first + last + 1 - shape[0]) / 2
    return abs(first - last) <= _SLOPE * shape[1] and off <= _MIDDLE * shape[0]


def _rows_at_side(dark):
    """Finds where something thin and dark begins at the left: the rows of its middles.

    A dash may begin farther in, and strokes may come as near as that.
    """
    strip = int(_STRIP * dark.shape[1])
    return sorted({*_rows_of(dark[:, :_NEAR]), *_rows_of(dark[:, :strip])})


def _rows_of(strip):
    """Finds the rows of what is thin and dark in some columns."""
    level = strip.max(axis=1)
    if level.max() <= _FAINT:  # mostly there is paper: nothing else takes time
        return []
    starts, ends = runs(level > _FAINT)
    thin = ends - starts <= 3 + _THICKEST * len(strip)
    return ((starts + ends - 1) / 2)[thin].tolist()


def _guide_between(dark, first, last, start, end):
    """Returns the guide between two rows at the borders; None where there is none."""
    height, width = dark.shape
    rows = np.rint(np.linspace(first, last, width)).astype(int)
    middle = 2 + int(_THICKEST * height / 2)
    levels = levels_along(dark, rows, middle)[:, start:end]
    core = levels[middle - 1 : middle + 2].max(axis=0)
    free = levels[[0, -1]].max(axis=0) < _BESIDE
    if np.mean(free) < _FREE:
        return None
    usual = float(np.percentile(core[free], 75))
    is_on = free & (core > max(_FAINT, _PALE * usual))
    if not _is_guide(is_on, free):
        return None
    # Near the sides no stroke, or only a long one, is beside it or on it.
    strip = int(_STRIP * len(is_on)) + 1
    is_on[strip:-strip] = False
    is_whole = np.count_nonzero(is_on) > _WHOLE * 2 * strip
    paler = _PALER if is_whole else _DASHED
    profile = np.quantile(levels[:, is_on], paler, axis=1)
    return line_of(rows, profile, usual, bool(is_whole))


def _is_guide(is_on, free):
    """Tells a guide by where it is dark, of the columns that show nothing else."""
    width, places = len(free), np.flatnonzero(is_on)
    if len(places) < _DASHES * np.count_nonzero(free):
        return False
    first, last = int(places[0]), int(places[-1])
    starts, ends = runs((free & ~is_on)[first:last])
    gap = (ends - starts).max(initial=0)
    most = _NEAR if gap < _NEAR else _STRIP * width
    return max(first, width - 1 - last) <= most and gap <= _GAP * width
