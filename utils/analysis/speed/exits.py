"""What early exits give: for each threshold the rate, the accuracy and the cost."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.analysis.speed.complexity import multiply_adds
from utils.inference.cascade import certainty
from utils.inference.decoding import syllable_ranks
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.kinds import FilePath

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
LOSS = 0.0005  # of top-1, that a threshold may cost


def report_exits(
    network: Any, chunks: Iterable[Chunk], folder: Path, prior: Prior = DEFAULT_PRIOR
) -> list[FilePath]:
    """Prints what early exits give and which threshold to take, and writes a CSV.

    Args:
        network: a `KoOCR` with early heads.
        chunks: iterable of `sources.Chunk`, as `sources.read_seen` gives them.
        folder: path of the folder for `early_exit.csv`.
        prior: as for `predict`.

    Returns:
        List of the path written.
    """
    rows = exit_rows(network.cascade, chunks, network.syllables, prior)
    header = ["exit_threshold", "leave early %", "top-1 %", "multiply-adds"]
    cells = [
        [t, Percent(rate), Percent(top_1), cost]
        for t, rate, top_1, cost in (row.values() for row in rows)
    ]
    path = show_table(header, cells, rows, folder / "early_exit.csv")
    chosen = choose_threshold(rows)
    print(f"lowest within {LOSS:.2%} of top-1: --exit_threshold={chosen:g}")
    return [path]


def exit_rows(cascade, chunks, syllables, prior=DEFAULT_PRIOR):
    """Measures a cascade at every threshold.

    Args:
        cascade: `utils.inference.cascade.Cascade`.
        chunks: iterable of `sources.Chunk`, as `sources.read_seen` gives them.
        syllables: the classes of a flat head.
        prior: as for `predict`.

    Returns:
        Dicts with `threshold`, `rate` (share that leaves early), `syllable` (top-1),
        `multiply_adds` (mean a picture); the last row lets none leave.
    """
    sure, early, late = [], [], []
    for chunk in chunks:
        probabilities, middle = cascade.read_early(chunk.images)
        sure.append(certainty(probabilities))
        early.append(_right(probabilities, chunk, syllables, prior))
        last = cascade.second.predict(middle, verbose=0)
        late.append(_right(last, chunk, syllables, prior))
    sure, early, late = map(np.concatenate, (sure, early, late))
    costs = multiply_adds(cascade.first), multiply_adds(cascade.second)
    rows = []
    for threshold in (*THRESHOLDS, 1.0):
        left = sure >= threshold if threshold < 1 else np.zeros(len(sure), bool)
        rows.append(
            {
                "threshold": threshold,
                "rate": float(left.mean()),
                "syllable": float(np.where(left, early, late).mean()),
                "multiply_adds": round(costs[0] + costs[1] * float((~left).mean())),
            }
        )
    return rows


def _right(probabilities, chunk, syllables, prior):
    """Tells which pictures are read rightly; what cannot be prepared is wrong."""
    right = syllable_ranks(probabilities, chunk.labels, syllables, prior) == 1
    right[list(chunk.problems)] = False
    return right


def choose_threshold(rows):
    """Returns the lowest threshold that costs no more than `LOSS` of top-1.

    Args:
        rows: as `exit_rows` gives them.
    """
    whole = rows[-1]["syllable"]
    kept = [row["threshold"] for row in rows if row["syllable"] >= whole - LOSS]
    return min(kept)
