"""What a writer's pictures tell of each other: alone, together, adapted to, as text."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.inference.answers import Answering
from utils.inference.decoding import syllable_ranks
from utils.inference.estimation import estimate_prior
from utils.inference.network import BATCH
from utils.inference.prior import USUAL, Prior
from utils.kinds import FilePath

FEWEST = 20  # pictures of a writer, below which little can be learnt of them

_COLUMNS = {
    "before": "top-1 %",
    "together": "together %",
    "after": "adapted %",
    "ordered": "in order %",
}


def report_together(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = USUAL
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
    rows = writer_rows(network, chunks, prior)
    return _report(_enough(rows), folder / "together.csv")


def report_adaptation(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = USUAL
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
    rows = writer_rows(network, chunks, prior, adapting=True)
    return _report(_enough(rows), folder / "adaptation.csv")


def report_in_order(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = USUAL
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


def _enough(rows):
    """Returns rows, of which there must be one."""
    if not rows:
        raise ValueError(f"No writer has {FEWEST} pictures, the fewest to learn from.")
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


def writer_rows(network, chunks, prior=USUAL, adapting=False):
    """Measures every writer, each picture alone, together, and after adaptation.

    A writer adapts by the pictures that are then read, without their labels. What
    cannot be prepared is left out.

    Args:
        network: a `KoOCR`, with prototypes where it is to adapt.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        prior: as for `predict`.
        adapting: also adapt, and read what has adapted together.

    Returns:
        Dicts with `source`, `writer`, `count`, top-1 (0-1) as it is (`before`),
        `together` and, if adapting, `after`, and the `rare` and `text` of together.
    """
    rows = []
    for (source, writer), (images, labels) in _by_writer(chunks).items():
        if len(images) < FEWEST:
            continue
        heads = network.probabilities(images)
        found = estimate_prior([heads], network.syllables, prior)
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, prior)
        row["together"] = _top_1(network, heads, labels, found)
        if adapting:
            adapted = network.adapt_to(images, prior.rare, prior.text)
            read = adapted.probabilities(images)
            own = estimate_prior([read], network.syllables, prior)
            row["after"] = _top_1(network, read, labels, own)
        rows.append(row | {"rare": found.rare, "text": found.text})
    return rows


def order_rows(network, chunks, prior=USUAL):
    """Measures every writer, each picture alone, and all as text in their order.

    Args:
        network: a `KoOCR`.
        chunks: as for `writer_rows`.
        prior: as for `predict`.

    Returns:
        Dicts as of `writer_rows`, with top-1 (0-1) `before` and `ordered`.
    """
    rows = []
    for (source, writer), (images, labels) in _by_writer(chunks).items():
        heads = network.probabilities(images)
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, prior)
        read = _read_in_order(network, heads, prior)
        row["ordered"] = float((read == labels).mean())
        rows.append(row)
    return rows


def _read_in_order(network, heads, prior):
    """Returns the syllables of pictures as `predict` reads them in order."""
    how = {"rare": prior.rare, "text": prior.text, "in_order": True}
    answering = Answering(network.syllables, **how)
    count = len(next(iter(heads.values())))
    parts = [
        answering(
            {name: values[start : start + BATCH] for name, values in heads.items()}
        )
        for start in range(0, count, BATCH)
    ]
    return np.array([best for part in parts for (best,) in part])


def _by_writer(chunks):
    """Returns {(source, writer): (images, labels)} of what could be prepared."""
    parts: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for chunk in chunks:
        readable, labels = chunk.readable, np.asarray(chunk.labels)
        for writer in np.unique(chunk.groups[readable]):
            own = readable & (chunk.groups == writer)
            key = (chunk.source, str(writer))
            parts.setdefault(key, []).append((chunk.images[own], labels[own]))
    joined = {key: zip(*some, strict=True) for key, some in parts.items()}
    return {
        key: (np.concatenate(images), np.concatenate(labels))
        for key, (images, labels) in joined.items()
    }


def _top_1(network, heads, labels, prior):
    """Returns the share of pictures that are read rightly."""
    ranks = syllable_ranks(heads, labels, network.syllables, prior)
    return float((ranks == 1).mean())
