"""Rows of numbers and names -> tables: on the screen, and as CSV files."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from utils.data.atomic import write_atomically
from utils.kinds import FilePath

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what formulas begin with


def display_width(text: str) -> int:
    """Returns how many columns of a terminal a text takes: Hangul takes two each."""
    text = unicodedata.normalize("NFC", text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(unicodedata.combining(letter) > 0 for letter in text)
    return len(text) + wide - marks


def format_table(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """Lays out a table in columns, however wide its letters are.

    Args:
        header: list of column names.
        rows: lists of cells; text stands left, anything else right.

    Returns:
        Lines of text, without a final newline.
    """
    shown = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(map(display_width, column)) for column in zip(*shown, strict=True)]
    first = rows[0] if rows else header
    left = [isinstance(cell, str) for cell in first]
    lines = []
    for row in shown:
        cells = []
        for cell, width, is_left in zip(row, widths, left, strict=True):
            space = " " * (width - display_width(cell))
            cells.append(cell + space if is_left else space + cell)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


class Percent(float):
    """A fraction 0-1 that is shown as a percentage with two decimals."""

    def __str__(self) -> str:
        return f"{100 * self:.2f}"


def show_table(
    header: Sequence[object],
    cells: Sequence[Sequence[object]],
    rows: Sequence[dict[str, Any]],
    path: FilePath,
) -> FilePath:
    """Prints cells as a table, and writes the dicts behind them as CSV.

    Args:
        header: list of column names, for people.
        cells: lists of cells, for people.
        rows: list of one or more dicts of the same keys, in the order of the columns
            written.
        path: of the CSV file.

    Returns:
        The path.
    """
    print(format_table(header, cells), end="\n\n")
    write_csv(path, list(rows[0]), [list(row.values()) for row in rows])
    return path


def write_csv(
    path: FilePath, header: Sequence[object], rows: Iterable[Iterable[object]]
) -> None:
    """Writes a table atomically, with the mark by which spreadsheets know UTF-8.

    Text that a spreadsheet would compute (`=1+1` as the name of a set) gets a `'`
    before it: names come from tables of others, and a formula may call programs.

    Args:
        path: of the file; its folder is made.
        header: the columns' names.
        rows: cells, line by line.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([map(_inert, row) for row in [header, *rows]])
    write_atomically(path, buffer.getvalue().encode("utf-8-sig"))


def _inert(cell):
    """Returns a cell as no spreadsheet takes it for a formula."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def file_name(text: str) -> str:
    """Returns a text with what no file name should hold replaced by underscores."""
    return re.sub(r"[^\w.-]+", "_", text).lstrip(".") or "_"
