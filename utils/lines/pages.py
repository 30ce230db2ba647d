"""Joins rows of ink to lines of text, in the way that is read most certainly."""

from collections.abc import Callable

from utils.lines.line import Line
from utils.lines.strips import Page, Strip

_MAX_ROWS_PER_LINE = 4  # more are never joined to one line


def read_page(page: Page, read: Callable[[Strip], tuple[Line, float]]) -> list[Line]:
    """Reads the lines of a picture.

    Where it is not certain that every row is a line, neighbouring rows are also read
    as one, and dynamic programming finds the best grouping: the upper halves of letters
    alone are read with little certainty, and so are two lines taken for one.

    Args:
        page: the picture.
        read: function from a line to (`Line`, log score), see `reading.LineReader`.

    Returns:
        List of `Line` that are not empty, from top to bottom; columns from the right.
    """
    count = len(page.rows)
    max_rows = 1 if page.is_sure else min(_MAX_ROWS_PER_LINE, count)
    best: list[tuple[float, list[Line]]] = [(0.0, [])]
    for end in range(1, count + 1):
        ways = []
        for start in range(max(0, end - max_rows), end):
            line, log_score = read(page.strip(start, end - 1))
            before, lines = best[start]
            ways.append((before + log_score * page.ink(start, end - 1), [*lines, line]))
        best.append(max(ways, key=lambda way: way[0]))
    return [line for line in best[-1][1] if line.parts]
