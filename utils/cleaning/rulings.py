"""Lines of ruled paper: thin, straight, and through the whole picture."""

import itertools

import numpy as np

from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    WIDTH,
    Ink,
    ink_of,
    stroke_width,
    touches,
    without_parts,
)
from utils.cleaning.straight import (
    Line,
    alone,
    line_between,
    rows_at_border,
    wipe,
)

_MAX_SLOPE = 0.07  # rise over width: paper is turned less
_MIN_BORDER_GAP = 2  # pixels of paper between a line and the border
_BORDER_ZONE = 0.12  # of the height: in it paper may look dark, and ink pale
_MAX_LINE_WIDTH = 0.7  # times a stroke's width: one line alone is thinner
_MAX_LINE_MASS = 0.5  # times a stroke's width and darkness, of such a line
_MAX_LINE_DARKNESS = 0.7  # of the ink's, of a line that counts as pale
_MAX_ALIKE_RATIO = 1.5  # times as thick or as dark: two lines of one ruling differ less
_MIN_ALIKE_OTHERS = 2  # so many are no strokes, however thick
_MIN_INK_LEFT = 0.002  # of the picture: without lines less ink is left of no syllable
_MIN_END_ASPECT = 4  # times as long as wide: what the border leaves of a line


def without_rulings(ink: Ink) -> Ink:
    """Leaves lines out that run through the picture from border to border.

    A bar of a letter in a tight crop does so, too: one line alone goes if it is far
    thinner than strokes, or thinner and paler; two go if they are alike and no thicker;
    three if they are alike.

    Args:
        ink: of a picture.

    Returns:
        The same where there are no such lines.
    """
    dark = 255 - ink.clean
    width = max(_wipe_level(dark), _wipe_level(dark.T))
    return _without_ends(ink_of(255 - dark), width) if width else ink


def _without_ends(ink, width):
    """Leaves out what else is at the border, long, and no wider than lines are."""
    ends = np.array([_is_end(part, width, ink.clean.shape) for part in ink.parts])
    ends[0] = False  # the ground
    return without_parts(ink, ends) if ends.any() and not ends[1:].all() else ink


def _is_end(part, width, shape):
    """Tells whether a part is what the border leaves of a line of a width."""
    shorter, longer = sorted(part[[WIDTH, HEIGHT]])
    thin = (
        longer > _MIN_END_ASPECT * shorter
        and part[AREA] < _MAX_ALIKE_RATIO * width * longer
    )
    return thin and touches(part, shape)


def _wipe_level(dark):
    """Wipes lines that are about level off; returns how wide they are, 0 for none."""
    borders = rows_at_border(dark), rows_at_border(dark[:, ::-1])
    lines = _through(dark, *borders) if all(borders) else []
    if not lines:
        return 0
    rest = dark.copy()
    for line in lines:
        wipe(rest, line, np.ones(len(line.rows), bool))
    ink = (rest > 127).view(np.uint8)
    if np.count_nonzero(ink) < _MIN_INK_LEFT * ink.size:
        return 0
    strokes = stroke_width(ink) - 1.5  # so much too wide is what is a pixel wide
    rulings = [line for line in lines if _is_ruling(line, lines, strokes, len(dark))]
    if len(rulings) > 1:
        rulings += _at_border(dark, rulings, *borders)
    for line in rulings:
        wipe(dark, line, alone(dark, line))
    return max((line.width for line in rulings), default=0)


def _through(dark, left, right):
    """Finds the lines between rows at the left border and at the right one."""
    most = _MAX_SLOPE * dark.shape[1]
    pairs = itertools.product(left, right)
    found = (line_between(dark, *p) for p in pairs if abs(p[0] - p[1]) <= most)
    return [line for line in found if line]


def _is_ruling(line, lines, strokes, height):
    """Tells whether one of several lines is none of the syllable's strokes."""
    alike = sum(_are_alike(line, other) for other in lines) - 1  # but itself
    if alike >= _MIN_ALIKE_OTHERS or (alike and line.width < strokes):
        return True
    from_border = min(line.rows.min(), height - 1 - line.rows.max())
    if (
        from_border < line.reach + _MIN_BORDER_GAP
        or line.width >= _MAX_LINE_WIDTH * strokes
    ):
        return False
    pale = line.dark < _MAX_LINE_DARKNESS * 255 and from_border > _BORDER_ZONE * height
    return pale or (line.even and line.mass < _MAX_LINE_MASS * strokes)


def _are_alike(line: Line, other: Line) -> bool:
    """Tells whether two lines are equally thick, dark and sloping."""
    return (
        max(line.mass, other.mass) < _MAX_ALIKE_RATIO * min(line.mass, other.mass)
        and max(line.dark, other.dark) < _MAX_ALIKE_RATIO * min(line.dark, other.dark)
        and abs(line.rise - other.rise) <= 2 + 0.02 * len(line.rows)
    )


def _at_border(dark, rulings, left, right):
    """Finds what the upper border and the lower one leave of lines like others."""
    rise = float(np.median([line.rise for line in rulings]))
    pairs = [(row, row + rise) for row in left] + [(row - rise, row) for row in right]
    near = _BORDER_ZONE * len(dark)
    most = _MAX_ALIKE_RATIO * max(line.mass for line in rulings)
    found = (
        line_between(dark, *pair)
        for pair in pairs
        if min(pair) < near or max(pair) >= len(dark) - near
    )
    return [line for line in found if line and line.mass < most]
