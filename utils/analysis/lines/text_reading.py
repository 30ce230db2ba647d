"""How well lines of text are read: character error rate, spaces, whole lines."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.lines.line_figure import line_figure
from utils.analysis.lines.text_errors import Errors, compare_texts
from utils.analysis.metrics import wilson_interval
from utils.analysis.plots import save_figure
from utils.analysis.report import Percent, show_table
from utils.bars import progress_bar
from utils.data.text.text_lines import TextLine
from utils.inference.imaging import NoInkError
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath
from utils.pictures.geometry import lay_down

LINE_HEADER = (
    "source",
    "lines",
    "syllables",
    "CER %",
    "lines without error % (95 % interval)",
    "wrong spaces %",
    "ms a syllable",
)

_SHOWN = 6  # lines of each source in the figure


def report_lines(
    network: Any,
    lines: Iterable[tuple[str, TextLine]],
    folder: Path,
    prior: Prior = DEFAULT_PRIOR,
) -> list[FilePath]:
    """Reads lines; prints what is wrong with them, and writes it as CSV.

    A figure shows the first lines of every source, columns laid down, and what they
    are read as.

    Args:
        network: a `KoOCR`.
        lines: iterable of (source, `TextLine`).
        folder: path of the folder for `lines.csv` and `lines.png`.
        prior: as for `predict`.

    Returns:
        List of the paths written.

    Raises:
        ValueError: there are no lines.
    """
    shown: dict[str, list[tuple[np.ndarray, str]]] = {}

    def show(source, line, text):
        some = shown.setdefault(source, [])
        if len(some) < _SHOWN:
            picture = lay_down(line.picture) if line.vertical else line.picture
            some.append((picture, text))

    rows = line_rows(lambda line: read_text(network, line, prior), lines, show)
    cells = list(map(line_cells, rows))
    written = [show_table(LINE_HEADER, cells, rows, folder / "lines.csv")]
    pictures = [each for some in shown.values() for each in some]
    save_figure(folder / "lines.png", line_figure(*zip(*pictures, strict=True)))
    return [*written, folder / "lines.png"]


def line_rows(
    read: Callable[[TextLine], str],
    lines: Iterable[tuple[str, TextLine]],
    show: Callable[[str, TextLine, str], None] = lambda *_: None,
) -> list[dict[str, Any]]:
    """Has lines read, and measures what is wrong with them.

    Args:
        read: function from a `TextLine` to what its picture is read as.
        lines: iterable of (source, `TextLine`).
        show: is called with each source, line and what it was read as.

    Returns:
        A dict for each source: `source`, `lines`, `syllables`; `cer`, and `right`,
        the share of lines without a wrong syllable, with `low` and `high`, the ends of
        its 95 % interval; `wrong_spaces`, the share of gaps in those lines: all these
        0-1, but for `cer`, which may be more; and `ms_a_syllable`.

    Raises:
        ValueError: there are no lines.
    """
    found: dict[str, list[Errors]] = {}
    seconds: dict[str, float] = {}
    for source, line in progress_bar(lines, unit=" lines", delay=2):
        start = time.perf_counter()
        text = read(line)
        seconds[source] = seconds.get(source, 0) + time.perf_counter() - start
        found.setdefault(source, []).append(compare_texts(line.text, text))
        show(source, line, text)
    if not found:
        raise ValueError("There is no line to read: no picture could be prepared.")
    return [_row(source, errors, seconds[source]) for source, errors in found.items()]


def read_text(network: Any, line: TextLine, prior: Prior = DEFAULT_PRIOR) -> str:
    """Returns what a line is read as, all that is found in it; "" without ink.

    Args:
        network: a `KoOCR`.
        line: the `TextLine`.
        prior: as for `predict`.
    """
    how = {"rare": prior.rare, "text": prior.text, "vertical": line.vertical}
    try:
        found = network.predict_lines(line.picture, **how)
    except NoInkError:
        return ""
    return " ".join(each.text for each in found)


def _row(source, errors, seconds):
    """Returns the figures of a source, fractions 0-1."""
    syllables, edits, spaces, gaps = map(sum, zip(*errors, strict=True))
    right = sum(not each.edits for each in errors)
    low, high = wilson_interval(right, len(errors))
    return {
        "source": source,
        "lines": len(errors),
        "syllables": syllables,
        "cer": edits / syllables,
        "right": right / len(errors),
        "low": low,
        "high": high,
        "wrong_spaces": spaces / gaps if gaps else 0.0,
        "ms_a_syllable": 1000 * seconds / syllables,
    }


def line_cells(row: dict[str, Any]) -> list[object]:
    """Returns the cells of a table below `LINE_HEADER`.

    Args:
        row: as `line_rows` gives it.
    """
    share = f"{Percent(row['right'])} ({Percent(row['low'])}-{Percent(row['high'])})"
    return [
        row["source"],
        row["lines"],
        row["syllables"],
        Percent(row["cer"]),
        share,
        Percent(row["wrong_spaces"]),
        f"{row['ms_a_syllable']:.1f}",
    ]
