"""Rows of ink -> lines: a row is one, or several rows are, whichever reads better."""

from collections.abc import Callable

from utils.lines.reading import Line
from utils.lines.strips import Page, Strip

_TOGETHER = 4  # rows that may be parts of one line


def read_page(page: Page, read: Callable[[Strip], tuple[Line, float]]) -> list[Line]:
    """Reads the lines of a picture.

    Where it is not sure that rows are lines, it tries which of them are together: the
    upper parts of letters that stand on their own read badly, and so do two lines that
    are taken for one.

    Args:
        page: the picture.
        read: function of a line, see `reading.LineReader`.

    Returns:
        List of `Line` with something in it, from top to bottom; columns from the right.
    """
    count = len(page.rows)
    most = 1 if page.is_sure else min(_TOGETHER, count)
    best: list[tuple[float, list[Line]]] = [(0.0, [])]
    for end in range(1, count + 1):
        ways = []
        for start in range(max(0, end - most), end):
            line, worth = read(page.strip(start, end - 1))
            before, lines = best[start]
            ways.append((before + worth * page.ink(start, end - 1), [*lines, line]))
        best.append(max(ways, key=lambda way: way[0]))
    return [line for line in best[-1][1] if line.parts]
