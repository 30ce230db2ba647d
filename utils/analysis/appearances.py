"""What the way in which pictures come does to accuracy: colours, frames, wear, size."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis import plots
from utils.analysis.metrics import wilson_interval
from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.bars import progress_bar
from utils.data.scenes.appearances import APPEARANCES, appear
from utils.inference.decoding import top_n
from utils.inference.imaging import prepare
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath
from utils.pictures.grey import to_gray


def report_appearances(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints top-1 of clean pictures as they may come in use, and writes it as CSV.

    A figure shows a picture of each kind, and right of it what the network sees.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`, of clean pictures, dark on white.
        folder: path of the folder for `appearances.csv` and `appearances.png`.
        prior: as for `predict`.

    Returns:
        List of the paths written.
    """
    shown: dict[str, Any] = {}
    rows = appearance_rows(network, chunks, prior, shown)
    sources = list(dict.fromkeys(row["source"] for row in rows))
    found = {(row["appearance"], row["source"]): row for row in rows}
    cells = [
        [name, *(_cell(found[name, source]) for source in sources)]
        for name in APPEARANCES
    ]
    header = ["as it comes", *(f"{s} top-1 % (95 % interval)" for s in sources)]
    written = [show_table(header, cells, rows, folder / "appearances.csv")]
    picture = folder / "appearances.png"
    plots.save_figure(picture, _figure(shown))
    return [*written, picture]


def appearance_rows(
    network: Any,
    chunks: Iterable[Chunk],
    prior: Prior = DEFAULT_PRIOR,
    shown: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Reads every picture in each of `APPEARANCES`; what cannot be read is wrong.

    Args:
        network: a `KoOCR`, or what has its `probabilities`, `syllables` and `config`.
        chunks: iterable of `sources.Chunk`.
        prior: as for `predict`.
        shown: dict that gets name -> (picture, what the network sees) of the first.

    Returns:
        Dicts with `source`, `appearance`, `count`, `top1`, `low` and `high`, fractions
        0-1, the last two the ends of the 95 % interval.
    """
    counts: dict[str, int] = {}
    right: dict[tuple[str, str], int] = {}
    for chunk in progress_bar(chunks, unit=" parts", delay=2):
        grays = [
            None if place in chunk.problems else to_gray(load())
            for place, (_, load) in enumerate(chunk.loaders)
        ]
        for name in APPEARANCES:
            seen = _show(grays, name, network.config.image_size, shown)
            hits = _hits(network, seen, chunk.labels, prior)
            key = chunk.source, name
            right[key] = right.get(key, 0) + hits
        counts[chunk.source] = counts.get(chunk.source, 0) + len(grays)
    return [
        {"source": source, "appearance": name, "count": counts[source]}
        | dict(zip(("top1", "low", "high"), _share(hits, counts[source]), strict=True))
        for (source, name), hits in right.items()
    ]


def _share(hits, count):
    return hits / count, *wilson_interval(hits, count)


def _show(grays, name, size, shown):
    """Returns what the network sees of pictures in one appearance, None of nothing."""
    # Every appearance of a picture has its own chance, whatever else is asked for.
    number = list(APPEARANCES).index(name)
    seen = []
    for place, gray in enumerate(grays):
        if gray is None:
            seen.append(None)
            continue
        picture = appear(gray, name, np.random.default_rng((number, place)))
        try:
            seen.append(prepare(picture, size))
        except ValueError:
            seen.append(None)
        if shown is not None and seen[-1] is not None:
            shown.setdefault(name, (picture, seen[-1]))
    return seen


def _hits(network, seen, labels, prior):
    """Counts the pictures that are read right; what shows no ink is not."""
    kept = [place for place, square in enumerate(seen) if square is not None]
    if not kept:
        return 0
    heads = network.probabilities(np.stack([seen[place] for place in kept]))
    best = top_n(heads, 1, network.syllables, prior)[0][:, 0]
    return int((best == labels[kept]).sum())


def _cell(row):
    """Returns a cell of the table: top-1 and its interval."""
    return f"{Percent(row['top1'])} ({Percent(row['low'])}-{Percent(row['high'])})"


def _figure(shown):
    """Draws each appearance beside what the network sees of it."""
    pictures, titles = [], []
    for name, (picture, seen) in shown.items():
        pictures += [picture, seen]
        titles += [name, ""]
    return plots.sample_grid(pictures, titles, 8, span=2)
