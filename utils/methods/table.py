"""The runs of all rows -> means and spreads, what is a tie, the table that people read.

The table is Markdown, so that it can be read on a screen and put into a document.
"""

import statistics
from typing import NamedTuple

from utils.methods.data import seen_syllables, unseen_syllables
from utils.methods.rows import BATCH, ROWS, SIDE

JUDGED = "seen handwritten"  # set by which a row is better than another, or a tie
_SETS = {
    "seen printed": "print",
    "seen handwritten": "handwriting",
    "unseen printed": "never shown, print",
    "unseen handwritten": "never shown, handwriting",
}


class Spread(NamedTuple):
    """A mean over seeds, and half the distance between the outermost of them."""

    mean: float
    half: float
    seeds: int

    def __str__(self):
        if self.seeds == 1:  # which says nothing of a spread
            return f"{100 * self.mean:.1f}"
        return f"{100 * self.mean:.1f} ± {100 * self.half:.1f}"


class Summary(NamedTuple):
    """What the runs of one row say.

    name, published: as in `rows.Row`.
    seeds: number of runs.
    accuracy: dict, set -> (`Spread` of top-1, `Spread` of top-5), 0-1.
    verdict: better or worse than the row beside, in points, or that it is a tie.
    beside: name of that row.
    parameters, megabytes, multiply_adds, milliseconds: means; what the network is and
        takes.
    """

    name: str
    published: str
    seeds: int
    accuracy: dict
    verdict: str
    beside: str
    parameters: float
    megabytes: float
    multiply_adds: float
    milliseconds: float


def summarise(runs):
    """Returns a `Summary` of every row that has runs, in the order of the rows.

    Args:
        runs: list of dicts as `runs.read_run` gives them.
    """
    by_name = {}
    for run in runs:
        by_name.setdefault(run["name"], []).append(run)
    return [_summary(row, by_name) for row in ROWS if row.name in by_name]


def _summary(row, by_name):
    own, others = by_name[row.name], by_name.get(row.beside, [])
    means = [
        statistics.fmean(run[name] for run in own)
        for name in ("parameters", "megabytes", "multiply_adds", "milliseconds")
    ]
    accuracy = {
        name: tuple(_spread(own, name, measure) for measure in ("top_1", "top_5"))
        for name in own[0]["accuracy"]
    }
    itself = row.beside == row.name
    verdict = "-" if itself or not others else _verdict(own, others)
    beside = "" if itself else row.beside
    return Summary(row.name, row.published, len(own), accuracy, verdict, beside, *means)


def _spread(runs, name, measure):
    """Returns the `Spread` of a measure of a set over the runs."""
    values = [run["accuracy"][name][measure] for run in runs]
    return Spread(
        statistics.fmean(values), (max(values) - min(values)) / 2, len(values)
    )


def _verdict(own, others):
    """Says by how many points rows differ: a tie within the spread of their seeds."""
    one, other = (_spread(runs, JUDGED, "top_1") for runs in (own, others))
    difference = one.mean - other.mean
    if min(one.seeds, other.seeds) == 1:
        return f"{100 * difference:+.1f}, one seed"
    if abs(difference) <= one.half + other.half:
        return "tie"
    return f"{100 * difference:+.1f}"


def format_methods(summaries):
    """Returns the table as Markdown, a line a row."""
    sets = list(summaries[0].accuracy) if summaries else []
    header = ["method", "seeds"]
    header += [f"{_SETS.get(name, name.removeprefix('hands '))} %" for name in sets]
    header += ["against", "points", "M parameters", "MB", "M multiply-adds"]
    header += ["processor ms", "its paper, top-1 %"]
    lines = [header, ["---"] * len(header)]
    for row in summaries:
        cells = [row.name, row.seeds]
        cells += map(_cell, row.accuracy.values())
        cells += [row.beside, row.verdict, f"{row.parameters / 1e6:.2f}"]
        cells += [f"{row.megabytes:.2f}", f"{row.multiply_adds / 1e6:.1f}"]
        lines.append([*cells, f"{row.milliseconds:.2f}", row.published])
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _cell(pair):
    """Shows top-1 with its spread, and top-5."""
    top_1, top_5 = pair
    return f"{top_1} / {100 * top_5.mean:.1f}"


def protocol(count, seeds, runs, machine):
    """Returns the protocol in words, to stand above the table.

    Args:
        count: pictures that a row saw.
        seeds: runs of a row that were asked for.
        runs: list of dicts, those that are done.
        machine: one line.
    """
    counts = runs[0]["accuracy"] if runs else {}
    sets = ", ".join(f"{v['count']} {_SETS.get(k, k)}" for k, v in counts.items())
    minutes = sum(run["seconds"] for run in runs) / 60
    return (
        f"Every row sees {count} pictures once, in batches of {BATCH}, half print, "
        f"half handwriting faces, distorted as in training, at {SIDE} x {SIDE} pixels "
        "(DirectMap halves 64 x 64; afl needs 36, inception-resnet 75). Syllables: "
        f"{len(seen_syllables())} of KS X 1001; its other {len(unseen_syllables())} "
        "are never shown. Compressed rows start from trained melnyk and see "
        "0.9 and 1.4 times as many more. Early exits are as sure as costs at most 0.05 "
        "points on what is never shown. Judged on other families and on hands: "
        f"{sets}. Cells: top-1, mean ± half the range over seeds, / top-5. Points: "
        "top-1 on handwriting against the row named; a tie where it is within both "
        f"ranges, unless a row has one seed. {len(runs)} runs of {seeds} seeds, "
        f"{minutes:.0f} minutes; {machine}."
    )
