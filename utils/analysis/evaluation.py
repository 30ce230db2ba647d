"""A network's probabilities and labelled pictures -> tallies, and rows of figures."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from utils.analysis.metrics import MEASURES, accuracy_table
from utils.analysis.report import Percent, write_csv
from utils.analysis.sources import Chunk
from utils.analysis.tally import Tally
from utils.bars import progress_bar
from utils.hangul import ALL_SYLLABLES, COMPONENTS, ksx1001_syllables
from utils.inference.prior import EVEN_PRIOR, Prior
from utils.kinds import FilePath, ReadSquares

FIGURES = ("count", "syllable", "low", "high", "top_n", "n", *COMPONENTS)


def measure(
    chunks: Iterable[Chunk],
    probabilities: ReadSquares,
    top_n: int = 5,
    syllables: Sequence[str] = ALL_SYLLABLES,
    closed: dict[str, tuple[str, ...]] | None = None,
    prior: Prior = EVEN_PRIOR,
) -> dict[str, Tally]:
    """Adds up the pictures of every source.

    Args:
        chunks: iterable of `sources.Chunk`.
        probabilities: function from `uint8` (pictures, size, size) to the heads' dict.
        top_n: guesses that a picture has.
        syllables: the classes of a flat head.
        closed: dict, source -> syllables of its protocol, see `published`.
        prior: as for `decoding.top_n`.

    Returns:
        Dict, source -> `tally.Tally`.
    """
    tallies, closed = {}, closed or {}
    # No bar for what is done at once, nor where nobody watches.
    with progress_bar(unit=" pictures", delay=2) as bar:
        for chunk in chunks:
            if chunk.source not in tallies:
                among = closed.get(chunk.source, ())
                tallies[chunk.source] = Tally(top_n, syllables, among, prior)
            tally = tallies[chunk.source]
            tally.add(chunk, probabilities(chunk.images))
            bar.update(len(chunk.labels))
    _name_unknown(tallies, syllables)
    return tallies


def _name_unknown(tallies, syllables):
    """Names on stderr what labels a flat head cannot answer: they count as wrong."""
    if len(syllables) == len(ALL_SYLLABLES):
        return
    for source, tally in tallies.items():
        unknown = tally.labels[~np.isin(tally.labels, list(syllables))]
        if len(unknown):
            shown = "".join(np.unique(unknown)[:10])
            print(
                f"{source}: {len(unknown)} of {len(tally.labels)} labels are none of "
                f"the network's {len(syllables)} syllables ({shown}): they count as "
                "wrong.",
                file=sys.stderr,
            )


def accuracy_rows(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    """Returns a row for each source: see `metrics.accuracy_table`, with `source`.

    `n` is that of `top_n`: the guesses that a picture had.
    """
    return [
        {"source": source, "n": tally.top_n} | row
        for source, tally in tallies.items()
        for row in accuracy_table(tally.right, np.full(len(tally.groups), source))
    ]


def family_rows(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    """Returns a row for each family of each source, with `source` and `family`."""
    return _group_rows(tallies, "family", lambda tally: tally.groups)


def charset_rows(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    """Returns a row for KS X 1001 and one for the rest, with `source` and `charset`."""
    common = ksx1001_syllables()

    def charsets(tally):
        return np.where(np.isin(tally.labels, common), "KS X 1001", "others")

    return _group_rows(tallies, "charset", charsets)


def _group_rows(tallies, name, groups_of):
    """Returns a row for each group of each source."""
    return [
        {"source": source, name: row["group"], "n": tally.top_n} | row
        for source, tally in tallies.items()
        for row in accuracy_table(tally.right, groups_of(tally))
    ]


def display_row(row: dict[str, Any], names: Sequence[str]) -> list[object]:
    """Returns the cells that a person reads: names, count, percentages, interval.

    Args:
        row: dict as `metrics.accuracy_table` makes them.
        names: keys whose texts come first.
    """
    interval = f"{Percent(row['low'])}-{Percent(row['high'])}"
    shares = {name: Percent(row[name]) for name in MEASURES}
    top_1 = shares.pop("syllable")
    return [*(row[n] for n in names), row["count"], top_1, interval, *shares.values()]


def save_rows(
    path: FilePath, rows: Sequence[dict[str, Any]], names: Sequence[str]
) -> None:
    """Writes rows of `metrics.accuracy_table` as CSV: names, counts, fractions 0-1.

    Args:
        path: of the file.
        rows: a line each; keys that are neither in `names` nor in `FIGURES` are left
            out.
        names: keys whose texts come first.
    """
    columns = [*names, *FIGURES]
    write_csv(path, columns, [[row[column] for column in columns] for row in rows])


def readable_pictures(
    chunks: Iterable[Chunk],
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Joins the pictures of each source that could be prepared.

    Returns:
        Dict, source -> (images, labels): `uint8` (pictures, size, size), `<U1`.
    """
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for chunk in chunks:
        part = (chunk.images[chunk.readable], chunk.labels[chunk.readable])
        parts.setdefault(chunk.source, []).append(part)
    joined = {source: zip(*some, strict=True) for source, some in parts.items()}
    return {
        source: (np.concatenate(images), np.concatenate(labels))
        for source, (images, labels) in joined.items()
    }
