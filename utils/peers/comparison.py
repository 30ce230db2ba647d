"""Contestants side by side in one run: they take turns, and so meet one machine."""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from utils.bars import progress_bar
from utils.peers.pictures import save_pictures

ROUNDS = 5  # turns of each contestant
_ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys
from model import KoOCR
from utils.peers import worker
worker.main(KoOCR, *sys.argv[1:])
"""


class _Process:
    """A `worker` process, spoken to a line at a time."""

    def __init__(self, contestant, threads, pictures):
        command = [sys.executable, "-c", _PROGRAM, *contestant]
        begun = time.perf_counter()
        self.name, self.errors = contestant.name, tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*command, str(threads), str(pictures)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
        )
        self._result()
        self.cold_start = time.perf_counter() - begun

    def __call__(self, task):
        with contextlib.suppress(OSError):  # one that has ended says why, see below
            self.process.stdin.write(f"{task}\n")
            self.process.stdin.flush()
        return self._result()

    def _result(self):
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        self.errors.seek(0)
        # In the encoding of the machine, or of whichever library wrote it.
        last = self.errors.read().decode(errors="replace").strip().splitlines()[-1:]
        self.close()
        raise ValueError(f"{self.name} ended: {' '.join(last) or 'no reason given'}")

    def close(self):
        """Lets the process end; a second time does nothing."""
        self.process.communicate()
        self.errors.close()


def compare(contestants, pictures, rounds=ROUNDS):
    """Measures contestants on the same pictures.

    Args:
        contestants: list of `contestants.Contestant`.
        pictures: `pictures.Pictures`.
        rounds: turns of each, 1 or more.

    Returns:
        List of dicts, one a contestant: `name`, `cold_start` (seconds to the first
        answer, one thread), `one`, `some` and `product` (one thread), `many` and
        `product_all` (all cores): lists of dicts of seconds, `wall` and `cpu`, with
        the `pictures` of a call or the `multiply_adds`; `memory` in 10^6 bytes;
        `answers`.

    Raises:
        ValueError: a contestant ended early.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npz"
        save_pictures(pictures, path)
        rows = [{"name": each.name} for each in contestants]
        with _open_all(contestants, 1, path) as processes:
            for row, process in zip(rows, processes, strict=True):
                row["cold_start"] = process.cold_start
            tasks = {"one": "one", "some": "some", "product": "multiply"}
            _take_turns(rows, processes, tasks, rounds)
        with _open_all(contestants, 0, path) as processes:
            for row, process in zip(rows, processes, strict=True):
                row["answers"] = process("answer")
            tasks = {"many": "many", "product_all": "multiply"}
            _take_turns(rows, processes, tasks, rounds)
            for row, process in zip(rows, processes, strict=True):
                row["memory"] = process("memory")
    return rows


@contextlib.contextmanager
def _open_all(contestants, threads, path):
    """Yields a process for every contestant, started one after the other."""
    with contextlib.ExitStack() as stack:
        processes = []
        for contestant in progress_bar(contestants, "starting", leave=False):
            processes.append(_Process(contestant, threads, path))
            stack.callback(processes[-1].close)
        yield processes


def _take_turns(rows, processes, tasks, rounds):
    """Adds to each row the results of `rounds` turns of every task."""
    for key in tasks:
        for row, process in zip(rows, processes, strict=True):
            process(tasks[key])  # the first call prepares what later ones find
            row[key] = []
    for _ in progress_bar(range(rounds), "measuring", leave=False):
        for row, process in zip(rows, processes, strict=True):
            for key, task in tasks.items():
                row[key].append(process(task))


def summarise(rows, works, sizes, pictures):
    """Returns the figures of `compare` as a table's rows.

    Args:
        rows: as `compare` returns them.
        works: dict, name -> multiply-adds of one picture, or None.
        sizes: dict, name -> 10^6 bytes on disk.
        pictures: those that were read.

    Returns:
        List of dicts: `name`; `top_1` and `top_5`, dicts by source, 0-1 or None;
        `one_ms` and `one_cpu_ms`, each (median, low, high), of one picture a call;
        `many_per_second`, the same; `megabytes`, `memory`, `cold_start`; `gemm`, 10^9
        multiply-adds a second of the engine's matrix product on one thread; `share` of
        it that the network reaches on several pictures a call, 0-1, None where not
        known: both by the processor's time, which other programs do not lengthen; and
        `share_all`, that on all cores on many pictures, by the clock. What the system
        does not count (Windows: the processor's time and `memory`) is None.
    """
    return [_summary(row, works, sizes, pictures) for row in rows]


def _summary(row, works, sizes, pictures):
    name, work = row["name"], works.get(row["name"])
    figures = {"name": name, "megabytes": sizes[name]}
    figures |= {key: row[key] for key in ("memory", "cold_start")}
    figures["top_1"] = _accuracy(row["answers"], pictures, 1)
    figures["top_5"] = _accuracy(row["answers"], pictures, 5)
    figures["one_ms"] = _milliseconds(row["one"], "wall")
    figures["one_cpu_ms"] = _milliseconds(row["one"], "cpu")
    speeds = [each["pictures"] / each["wall"] for each in row["many"]]
    figures["many_per_second"] = _spread(speeds)
    for ending, key, what, clock in (
        ("", "some", "product", "cpu"),
        ("_all", "many", "product_all", "wall"),
    ):
        gemm = [
            p["multiply_adds"] / p[clock] / 1e9 for p in row[what] if p and p[clock]
        ]
        limit = max(gemm) if gemm else None  # a limit: the best turn
        figures |= {f"gemm{ending}": limit, f"share{ending}": None}
        if gemm and work:
            speed = statistics.median(e["pictures"] / e[clock] for e in row[key])
            figures[f"share{ending}"] = work * speed / 1e9 / limit
    return figures


def _accuracy(answers, pictures, n):
    """Returns top-n by source; None of a contestant that gives too few answers."""
    if max(map(len, answers)) < n:
        return None
    right = {}
    triples = zip(answers, pictures.labels, pictures.sources, strict=True)
    for answer, label, source in triples:
        right.setdefault(source, []).append(label in answer[:n])
    return {source: statistics.mean(each) for source, each in right.items()}


def _milliseconds(turns, clock):
    """Returns the spread of a clock, or None where the system has it not."""
    seconds = [each[clock] for each in turns]
    return None if None in seconds else _spread([1000 * each for each in seconds])


def _spread(values):
    """Returns (median, smallest, largest)."""
    return statistics.median(values), min(values), max(values)
