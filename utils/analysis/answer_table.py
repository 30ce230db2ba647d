"""Answers to pictures, as `predict.py` prints them: a table, or JSON lines."""

import json
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from utils.analysis.report import format_table
from utils.hangul import COMPONENTS
from utils.inference.answers import Reading
from utils.kinds import FilePath

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
            line = {"file": path, **_as_dict(reading, detail)}
            tqdm.write(json.dumps(line, ensure_ascii=False))
        return
    header = ["file", *(str(place + 1) for place in range(count))]
    header += COMPONENTS if detail else []
    rows = [[path, *_cells(reading, count, detail)] for path, reading in answers]
    tqdm.write(format_table(header, rows))


def _as_dict(reading: Reading, detail: bool) -> dict[str, Any]:
    """Returns what JSON says of a `Reading`."""
    listed = [{"syllable": s, "probability": p} for s, p in reading.syllables]
    if not detail:
        return {"syllables": listed}
    jamo = {name: getattr(reading, name) for name in COMPONENTS}
    told = {name: each and each._asdict() for name, each in jamo.items()}
    return {"syllables": listed, **told, "share": reading.share}


def _cells(reading: Reading, count: int, detail: bool) -> list[str]:
    """Returns the cells of a `Reading` after the file's name."""
    cells = [f"{s} {p:.3f}" for s, p in reading.syllables] or ["rejected"]
    cells += [""] * (count - len(cells))
    for name in COMPONENTS if detail else ():
        jamo = getattr(reading, name)
        text = f"{jamo[0]} {jamo[1]:.3f} ({jamo[2]} {jamo[3]:.3f})" if jamo else ""
        cells.append(text)
    return cells
