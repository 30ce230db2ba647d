"""What adaptation to a writer gives: each writer read as is, and adapted."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.inference.decoding import syllable_ranks
from utils.inference.prior import USUAL, Prior
from utils.kinds import FilePath

FEWEST = 20  # pictures of a writer, below which there is nothing to adapt by


def report_adaptation(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = USUAL
) -> list[FilePath]:
    """Prints what adapting to each writer gives, and writes it as CSV.

    Args:
        network: a `KoOCR` with prototypes.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        folder: path of the folder for `adaptation.csv`.
        prior: as for `predict`.

    Returns:
        List of the path written.

    Raises:
        ValueError: no writer has `FEWEST` pictures.
    """
    rows = writer_rows(network, chunks, prior)
    if not rows:
        raise ValueError(f"No writer has {FEWEST} pictures to adapt by.")
    header = ["source", "writer", "images", "top-1 %", "adapted %"]
    cells = [
        [*names, count, Percent(before), Percent(after)]
        for *names, count, before, after in (row.values() for row in rows)
    ]
    return [show_table(header, cells, rows, folder / "adaptation.csv")]


def writer_rows(network, chunks, prior=USUAL):
    """Measures every writer before and after adaptation.

    A writer adapts by the pictures that are then read, without their labels. What
    cannot be prepared is left out.

    Args:
        network: a `KoOCR` with prototypes.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        prior: as for `predict`.

    Returns:
        Dicts with `source`, `writer`, `count`, `before` and `after` (top-1, 0-1).
    """
    pictures, labels = {}, {}
    for chunk in chunks:
        readable = chunk.readable
        for writer in np.unique(chunk.groups[readable]):
            own = readable & (chunk.groups == writer)
            key = (chunk.source, str(writer))
            pictures.setdefault(key, []).append(chunk.images[own])
            labels.setdefault(key, []).append(np.asarray(chunk.labels)[own])
    rows = []
    for key, parts in pictures.items():
        images, true = np.concatenate(parts), np.concatenate(labels[key])
        if len(images) < FEWEST:
            continue
        both = network, network.adapt_to(images, prior.rare, prior.text)
        figures = [_top_1(each, images, true, prior) for each in both]
        names = dict(zip(("source", "writer"), key, strict=True))
        rows.append(
            names | {"count": len(true), "before": figures[0], "after": figures[1]}
        )
    return rows


def _top_1(network, images, labels, prior):
    """Returns the share of pictures that are read rightly."""
    ranks = syllable_ranks(network.probabilities(images), labels, prior=prior)
    return float((ranks == 1).mean())
