"""What the prior gives: top-1 by how likely syllables are taken to be beforehand."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.inference.decoding import top_n
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath

VALUES = {
    "rare": (1.0, 0.3, 0.1, 0.03, 0.01, 0.001),
    "text": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0),
}


def report_rarity(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints top-1 of every source by `rare` and by `text`, and writes both as CSV.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`.
        folder: path of the folder for `rarity_rare.csv` and `rarity_text.csv`.
        prior: where the one varies, the other is as here.

    Returns:
        List of the paths written.
    """
    return [
        _show(name, rows, folder / f"rarity_{name}.csv")
        for name, rows in rarity_rows(network, chunks, prior).items()
    ]


def _show(name, rows, path):
    """Prints one table, writes it, and returns its path."""
    header = ["source", "images", *(f"{name} {value:g}" for value in VALUES[name])]
    cells = [
        [source, count, *map(Percent, shares)]
        for source, count, *shares in (row.values() for row in rows)
    ]
    return show_table(header, cells, rows, path)


def rarity_rows(
    network: Any, chunks: Iterable[Chunk], prior: Prior = DEFAULT_PRIOR
) -> dict[str, list[dict[str, Any]]]:
    """Measures every source at each value; an unreadable picture is wrong in all.

    Args:
        network: a `KoOCR`, or what has its `probabilities` and `syllables`.
        chunks: iterable of `sources.Chunk`.
        prior: as for `report_rarity`.

    Returns:
        Dict, `rare` and `text` -> dicts with `source`, `count`, and top-1 (0-1) under
        each of `VALUES`.
    """
    priors = {
        (name, value): replace(prior, **{name: value})
        for name, values in VALUES.items()
        for value in values
    }
    counts: dict[str, int] = {}
    right: dict[str, Any] = {}
    for chunk in chunks:
        found = network.probabilities(chunk.images)
        guesses = [
            top_n(found, 1, network.syllables, each)[0][:, 0]
            for each in priors.values()
        ]
        hits = ((guesses == chunk.labels) & chunk.readable).sum(axis=1)
        counts[chunk.source] = counts.get(chunk.source, 0) + len(chunk.labels)
        right[chunk.source] = right.get(chunk.source, 0) + hits
    return {
        name: [
            _row(name, priors, source, counts[source], right[source])
            for source in counts
        ]
        for name in VALUES
    }


def _row(name, priors, source, count, hits):
    """Returns one source's row of the table of one option."""
    shares = {
        f"{value:g}": float(hit) / count
        for (option, value), hit in zip(priors, hits, strict=True)
        if option == name
    }
    return {"source": source, "count": count, **shares}
