"""What a writer's pictures tell of each other: alone, together, adapted to, as text."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.analysis.writer_accuracy import FEWEST, order_rows, writer_rows
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath

_COLUMNS = {
    "before": "top-1 %",
    "together": "together %",
    "after": "adapted %",
    "ordered": "in order %",
}


def report_together(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints what reading each writer's pictures together gives, and writes it as CSV.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        folder: path of the folder for `together.csv`.
        prior: as for `predict`; where together, where the estimate begins.

    Returns:
        List of the path written.

    Raises:
        ValueError: no writer has `FEWEST` pictures.
    """
    rows = _enough(network, chunks, prior)
    return _report(rows, folder / "together.csv")


def report_adaptation(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints what adapting to each writer gives as well, and writes it as CSV.

    Args:
        network: a `KoOCR` with prototypes.
        chunks: as for `report_together`.
        folder: path of the folder for `adaptation.csv`.
        prior: as for `report_together`.

    Returns:
        List of the path written.

    Raises:
        ValueError: no writer has `FEWEST` pictures, or the network cannot adapt.
    """
    rows = _enough(network, chunks, prior, adapting=True)
    return _report(rows, folder / "adaptation.csv")


def report_in_order(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints what reading each writer's pictures as text gives, and writes it as CSV.

    The pictures must lie in reading order, as those of a line that was cut do.

    Args:
        network: a `KoOCR`.
        chunks: as for `report_together`.
        folder: path of the folder for `in_order.csv`.
        prior: as for `predict`.

    Returns:
        List of the path written.

    Raises:
        ValueError: there is no picture that can be read.
    """
    rows = order_rows(network, chunks, prior)
    if not rows:
        raise ValueError("No picture could be prepared, so there is no text to read.")
    return _report(rows, folder / "in_order.csv")


def _enough(*measured, **how):
    """Returns rows of `writer_rows`, of which there must be one; names who has none."""
    few: dict[tuple[str, str], int] = {}
    rows = writer_rows(*measured, few=few, **how)
    if not rows:
        raise ValueError(f"No writer has {FEWEST} pictures, the fewest to learn from.")
    for (source, writer), count in few.items():
        print(
            f"{source}: {writer} is left out, with {count} pictures to learn from; "
            f"{FEWEST} are the fewest.",
            file=sys.stderr,
        )
    return rows


def _report(rows, path):
    """Shows rows of `writer_rows` as a table, writes them, and returns the path."""
    shares = [name for name in _COLUMNS if name in rows[0]]
    found = [name for name in ("rare", "text") if name in rows[0]]
    header = ["source", "writer", "images", *(_COLUMNS[name] for name in shares)]
    cells = [
        [row["source"], row["writer"], row["count"]]
        + [Percent(row[name]) for name in shares]
        + [f"{row[name]:g}" for name in found]
        for row in rows
    ]
    return [show_table([*header, *found], cells, rows, path)]
