"""One pass over labelled pictures -> tables of accuracies, and figures of errors."""

import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from utils.analysis import evaluation, exhibits
from utils.analysis.published import published_rows
from utils.analysis.report import format_table, show_table
from utils.analysis.sources import Chunk
from utils.hangul import COMPONENTS
from utils.inference.prior import EVEN_PRIOR, Prior
from utils.kinds import FilePath

_GROUPED = {  # what may be asked for -> (column, rows of tallies)
    "per_family": ("family", evaluation.family_rows),
    "per_charset": ("charset", evaluation.charset_rows),
}
_DRAWN = {
    "confusion_matrix": exhibits.save_confusion,
    "wrong_examples": exhibits.save_examples,
}


def report_accuracy(
    network: Any,
    chunks: Iterable[Chunk],
    folder: Path,
    asked: Collection[str] = (),
    top_n: int = 5,
    prior: Prior = EVEN_PRIOR,
    closed: dict[str, tuple[str, ...]] | None = None,
) -> list[FilePath]:
    """Prints the accuracy of every source, and writes what else is asked for.

    Pictures that could not be prepared are wrong, and named on stderr.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`.
        folder: path of the folder for tables and figures.
        asked: of `per_family`, `per_charset`, `confusion_matrix`, `wrong_examples`;
            other names are no matter of this pass.
        top_n: guesses that a picture has.
        prior: as for `decoding.top_n`.
        closed: dict, source -> syllables of its protocol, see `published`.

    Returns:
        The paths of the files written.
    """
    tallies = evaluation.measure(
        chunks, network.probabilities, top_n, network.syllables, closed, prior
    )
    written = _show(evaluation.accuracy_rows(tallies), ["source"], top_n, folder)
    if rows := published_rows(tallies):
        header = ["source", "system", "classes", "top-1 %", "from"]
        cells = [list(row.values()) for row in rows]
        written.append(show_table(header, cells, rows, folder / "published.csv"))
    for flag, (column, rows_of) in _GROUPED.items():
        if flag in asked:
            written += _show(rows_of(tallies), ["source", column], top_n, folder)
    for source, tally in tallies.items():
        for problem in tally.problems:
            print(f"{source}: counted as wrong: {problem}", file=sys.stderr)
        for flag, save in _DRAWN.items():
            if flag in asked:
                written += save(folder, source, tally)
    return written


def _show(
    rows: Sequence[dict[str, Any]], names: Sequence[str], top_n: int, folder: Path
) -> list[FilePath]:
    """Prints rows of accuracies and writes them as CSV, named by what groups them."""
    header = [*names, "images", "top-1 %", "95 % interval", f"top-{top_n} %"]
    header += [f"{name} %" for name in COMPONENTS]
    print(format_table(header, [evaluation.display_row(row, names) for row in rows]))
    print()
    path = folder / "_by_".join(["accuracy", *names[1:]])
    evaluation.save_rows(path.with_suffix(".csv"), rows, names)
    return [path.with_suffix(".csv")]
