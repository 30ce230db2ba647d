"""Every picture's answers beside its label, as rows of a table."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from utils.analysis.report import write_csv
from utils.analysis.sources import Chunk
from utils.inference.decoding import top_n
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath

FILE = "answers.csv"


def report_answers(
    network: Any,
    chunks: Iterable[Chunk],
    folder: Path,
    count: int,
    prior: Prior = DEFAULT_PRIOR,
) -> list[FilePath]:
    """Writes what a network reads of every picture as CSV.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`.
        folder: path of the folder for `answers.csv`.
        count: answers for each picture.
        prior: as for `decoding.top_n`.

    Returns:
        List of the path written.
    """
    columns = ["source", "picture", "group", "label"]
    for place in range(1, count + 1):
        columns += [f"answer_{place}", f"probability_{place}"]
    columns.append("problem")
    rows = answer_rows(network, chunks, count, prior)
    path = folder / FILE
    write_csv(path, columns, ([row.get(name, "") for name in columns] for row in rows))
    return [path]


def answer_rows(
    network: Any, chunks: Iterable[Chunk], count: int, prior: Prior = DEFAULT_PRIOR
) -> Iterator[dict[str, Any]]:
    """Reads pictures, and tells their answers one by one.

    Args:
        network: a `KoOCR`, or what has its `probabilities` and `syllables`.
        chunks: as for `report_answers`.
        count: as there.
        prior: as there.

    Yields:
        Dict of `source`, `picture` (its path, or its patch and row), `group` (writer or
        family), `label`, and for each place from 1 on `answer_<place>` and
        `probability_<place>`; one that cannot be read has `problem` instead: why.
    """
    for chunk in chunks:
        heads = network.probabilities(chunk.images)
        found, values = top_n(heads, count, network.syllables, prior)
        answers = zip(found.tolist(), values.tolist(), strict=True)
        names = (name for name, _ in chunk.loaders)
        whose = zip(names, chunk.groups.tolist(), chunk.labels.tolist(), strict=True)
        for place, ((picture, group, label), (best, sure)) in enumerate(
            zip(whose, answers, strict=True)
        ):
            row = {"source": chunk.source, "picture": picture, "group": group}
            row["label"] = label
            if place in chunk.problems:
                row["problem"] = chunk.problems[place].removeprefix(f"{picture}: ")
            else:
                row |= _numbered("answer", best) | _numbered("probability", sure)
            yield row


def _numbered(name, values):
    """Returns a dict of values by `<name>_1`, `<name>_2` and so on."""
    return {f"{name}_{place}": value for place, value in enumerate(values, 1)}
