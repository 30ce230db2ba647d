"""Answers to pictures, as `predict.py` prints them: a table, or JSON lines."""

import json
from collections.abc import Iterable

from utils.analysis.report import format_table
from utils.bars import tell
from utils.hangul import COMPONENTS
from utils.inference.readings import Reading
from utils.kinds import FilePath
from utils.lines.line import Line

Answers = Iterable[tuple[FilePath, Reading]]


def print_answers(
    answers: Answers, count: int, detail: bool = False, as_json: bool = False
) -> None:
    """Prints answers, past a progress bar if there is one.

    Args:
        answers: pairs of a picture's path and its `Reading`.
        count: syllables that each picture may have.
        detail: also the three jamo, with their runners-up.
        as_json: an object a line instead of a table.
    """
    if as_json:
        for path, reading in answers:
            line = {"file": path, **reading.to_dict(detail)}
            tell(json.dumps(line, ensure_ascii=False))
        return
    header = ["file", *(str(place + 1) for place in range(count))]
    header += COMPONENTS if detail else []
    rows = [[path, *_cells(reading, count, detail)] for path, reading in answers]
    tell(format_table(header, rows))


def print_lines(
    pictures: Iterable[tuple[FilePath, list[Line]]],
    detail: bool = False,
    as_json: bool = False,
) -> None:
    """Prints lines of text, past a progress bar if there is one.

    Args:
        pictures: pairs of a picture's path and its lines.
        detail: also the three jamo of every syllable, in JSON.
        as_json: an object for each line of text instead of a table.
    """
    numbered = [
        (path, number, line)
        for path, lines in pictures
        for number, line in enumerate(lines, 1)
    ]
    if not as_json:
        rows = [[path, n, line.text, _least(line)] for path, n, line in numbered]
        tell(format_table(["file", "line", "text", "least certain"], rows))
        return
    for path, number, line in numbered:
        told = {"file": path, "line": number, **line.to_dict(detail)}
        tell(json.dumps(told, ensure_ascii=False))


def _least(line: Line) -> str:
    """Returns the probability of a line's least certain syllable; "" without any."""
    if line.rejected:
        return "rejected"
    return "" if line.probability is None else f"{line.probability:.3f}"


def _cells(reading: Reading, count: int, detail: bool) -> list[str]:
    """Returns the cells of a `Reading` after the file's name."""
    cells = [f"{s} {p:.3f}" for s, p in reading.syllables] or ["rejected"]
    cells += [""] * (count - len(cells))
    for name in COMPONENTS if detail else ():
        jamo = getattr(reading, name)
        text = f"{jamo[0]} {jamo[1]:.3f} ({jamo[2]} {jamo[3]:.3f})" if jamo else ""
        cells.append(text)
    return cells
