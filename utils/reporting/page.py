"""Records -> one HTML page that needs nothing else, and its tables as CSV and JSON."""

import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path

import jinja2

from utils.analysis.report import write_csv
from utils.analysis.typeface import font_subset
from utils.data.atomic import write_atomically
from utils.hangul import COMPONENTS
from utils.reporting import breakdown, confidence, pictures
from utils.reporting.contents import (
    LIMITS,
    shown_differences,
    shown_errors,
    shown_matrix,
    shown_pairs,
)
from utils.reporting.labels import LABELS

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Facts:
    """What stands at the head of a page.

    models: names of the network, and of the one compared with it. data: name of the
    data. top_n: guesses that a picture had.
    """

    models: list
    data: str
    top_n: int


def shortest_tails(paths):
    """Returns the ends of some paths, as short as they can be to differ.

    Args:
        paths: list of paths as text; of equal ones the last part is enough.
    """
    parts = [Path(path).parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        tails = [Path(*each[-length:]).as_posix() for each in parts]
        if len(set(tails)) == len(tails):
            return tails
    return [Path(path).name for path in paths]


def write_report(folder, network, records, facts, other=None):
    """Writes `report.html` and its tables.

    The page runs no script and loads nothing: its policy forbids both. All text is
    escaped.

    Args:
        folder: `Path`.
        network: the `KoOCR` of the records, for its maps.
        records: `records.Records`.
        facts: `Facts`.
        other: `Records` of a second network on the same pictures, or None.

    Returns:
        The paths of the files, the page first.

    Raises:
        ValueError: the two are not records of the same pictures.
    """
    tables = make_tables(records, other)
    written = []
    for name, rows in tables.items():
        written += save_table(folder / name, rows)
    for component, matrix in records.matrices.items():
        written.append(folder / f"confusion_{component}.csv")
        names = COMPONENTS[component]
        cells = [[jamo, *row] for jamo, row in zip(names, matrix, strict=True)]
        write_csv(written[-1], ["true / read", *names], cells)
    page = folder / "report.html"
    write_atomically(page, render(network, records, facts, tables, other).encode())
    return [page, *written]


def make_tables(records, other=None):
    """Returns the report's tables: dict, name -> list of dicts.

    Args:
        records: `records.Records`, finished.
        other: as for `write_report`; with it there is a table `comparison`.

    Raises:
        ValueError: the two are not records of the same pictures.
    """
    tables = {
        "summary": breakdown.summary_rows(records),
        "top_n": breakdown.top_n_rows(records),
        "groups": breakdown.group_rows(records),
        "syllables": breakdown.syllable_rows(records),
        "jamo": breakdown.jamo_rows(records),
        "pairs": breakdown.pair_rows(records),
        "calibration": confidence.calibration_rows(records),
        "risk": confidence.risk_rows(records),
        "errors": breakdown.error_rows(records),
    }
    if other is not None:
        tables["comparison"] = breakdown.comparison_rows(records, other)
    return tables


def save_table(path, rows):
    """Writes rows as `<path>.csv` and `<path>.json` (no number: null); returns both.

    Args:
        path: `Path` without suffix.
        rows: list of dicts of the same keys, which are the columns; may be empty.
    """
    files = [path.with_suffix(".csv"), path.with_suffix(".json")]
    header = list(rows[0]) if rows else []
    write_csv(files[0], header, [list(row.values()) for row in rows])
    plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
    text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
    write_atomically(files[1], text.encode())
    return files


def _plain(value):
    """Returns a value that JSON knows."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def render(network, records, facts, tables, other=None):
    """Returns the page as HTML text.

    Args:
        network: the `KoOCR` of the records, for its maps.
        records: `records.Records`, finished.
        facts: `Facts`.
        tables: as `make_tables` gives them.
        other: as for `write_report`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["percent"] = _percent
    template = environment.get_template("report.html")
    content = {
        "labels": LABELS,
        "facts": facts,
        "limits": LIMITS,
        "components": list(COMPONENTS),
        "tables": {"comparison": []} | tables,
        "problems": records.problems[: LIMITS["problems"]],
        "problem_count": len(records.problems),
        "curves": {
            "top_n": pictures.top_n_curve(tables["top_n"]),
            "calibration": pictures.reliability_curve(tables["calibration"]),
            "risk": pictures.risk_curve(tables["risk"]),
        },
        "matrices": [shown_matrix(*each) for each in records.matrices.items()],
        "pairs": shown_pairs(records, tables["pairs"]),
        "errors": shown_errors(network, records.worst),
        "differences": shown_differences(records, other),
    }
    # Once to know the letters, once more with a font that has them.
    text = template.render(content, font_uri="")
    font = base64.b64encode(font_subset("".join(set(text)))).decode("ascii")
    return template.render(content, font_uri=f"data:font/woff2;base64,{font}")


def _percent(share):
    """Writes a fraction as per cent; a dash for NaN."""
    return "–" if math.isnan(share) else f"{100 * share:.1f}"
