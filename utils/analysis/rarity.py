"""What `rare` gives: top-1 by how rare syllables outside KS X 1001 are taken to be."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.inference.decoding import FLAT
from utils.inference.restriction import restrict
from utils.kinds import FilePath

WEIGHTS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.001)


def report_rarity(
    network: Any, chunks: Iterable[Chunk], folder: Path
) -> list[FilePath]:
    """Prints top-1 of every source at each of `WEIGHTS`, and writes it as CSV.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`.
        folder: path of the folder for `rarity.csv`.

    Returns:
        List of the path written.
    """
    rows = rarity_rows(network, chunks)
    names = [f"top-1 % by {weight:g}" for weight in WEIGHTS]
    cells = [
        [source, count, *(Percent(value) for value in values)]
        for source, count, *values in (row.values() for row in rows)
    ]
    header = ["source", "images", *names]
    return [show_table(header, cells, rows, folder / "rarity.csv")]


def rarity_rows(network: Any, chunks: Iterable[Chunk]) -> list[dict[str, Any]]:
    """Measures every source at each weight; an unreadable picture is wrong in all.

    Args:
        network: a `KoOCR`, or what has its `probabilities` and `syllables`.
        chunks: iterable of `sources.Chunk`.

    Returns:
        Dicts with `source`, `count`, and top-1 (0-1) under each weight.
    """
    counts: dict[str, int] = {}
    right: dict[str, Any] = {}
    for chunk in chunks:
        found = network.probabilities(chunk.images)
        guesses = np.array([_best(found, network.syllables, w) for w in WEIGHTS])
        hits = ((guesses == chunk.labels) & chunk.readable).sum(axis=1)
        counts[chunk.source] = counts.get(chunk.source, 0) + len(chunk.labels)
        right[chunk.source] = right.get(chunk.source, 0) + hits
    return [
        {"source": source, "count": count}
        | {
            f"{w:g}": float(h) / count
            for w, h in zip(WEIGHTS, right[source], strict=True)
        }
        for source, count in counts.items()
    ]


def _best(probabilities, syllables, weight):
    """Returns the most probable syllable of every row."""
    weighed, _ = restrict(probabilities, syllables, syllables, weight)
    return np.asarray(syllables)[weighed[FLAT].argmax(axis=1)]
