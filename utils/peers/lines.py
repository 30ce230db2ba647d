"""Lines of text, read by the pretrained networks and by Tesseract."""

from functools import partial
from itertools import chain

from utils.analysis.lines.text_reading import (
    LINE_HEADER,
    line_cells,
    line_rows,
    read_text,
)
from utils.analysis.report import format_table
from utils.peers.contestants import LINE_MODE, read_line


def compare_lines(contestants, make_reader, lines):
    """Has everybody read the same lines, one contestant after the other.

    Args:
        contestants: list of `contestants.Contestant`. Exports stand for their networks,
            which read alike; where there are none, these read themselves.
        make_reader: `model.KoOCR`, which opens networks.
        lines: list of (source, `utils.data.text.text_lines.TextLine`).

    Returns:
        The text of a table, source by source.
    """
    exported = any(each.kind == "onnx" for each in contestants)
    kinds = "onnx" if exported else "keras", "tesseract"
    rows = [
        [row["source"], _name(each), *line_cells(row)[1:]]
        for each in contestants
        if each.kind in kinds
        for row in line_rows(_reader(each, make_reader), lines)
    ]
    header = [LINE_HEADER[0], "read by", *LINE_HEADER[1:]]
    by_source = [[row for row in rows if row[0] == s] for s in _sources(rows)]
    return format_table(header, list(chain.from_iterable(by_source)))


def _name(contestant):
    """Returns what a contestant is called: Tesseract reads lines in another mode."""
    return contestant.name.replace("--psm 10", f"--psm {LINE_MODE}")


def _sources(rows):
    return dict.fromkeys(row[0] for row in rows)


def _reader(contestant, make_reader):
    """Returns the function of a contestant from a line to what it reads there."""
    if contestant.kind == "tesseract":
        return lambda line: read_line(line.picture)
    engine = {"engine": "onnx"} if contestant.kind == "onnx" else {}
    return partial(read_text, make_reader(contestant.path, **engine))
