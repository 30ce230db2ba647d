"""Reads pictures of one Hangul syllable each.

    python predict.py files/samples
    python predict.py a.png b.jpg --top_n=3 --json=true
    python predict.py a.png --explain=./explained

Prints for each picture the most probable syllables with their probabilities, the best
first. A folder stands for the pictures that lie in it. What cannot be read is named on
stderr, and the exit status is then 1.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import KoOCR
from utils.analysis import explaining
from utils.analysis.explanation_figure import explanation_figure
from utils.analysis.plots import save_figure
from utils.analysis.report import file_name, format_table
from utils.cli import check_options, named_options, option, parse_options
from utils.inference import decoding

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
SUFFIXES += (".pgm", ".ppm", ".pbm")  # of pictures in a folder; a file may have any

_BATCH = 256  # pictures held in memory at once


@dataclass(frozen=True)
class PredictOptions:
    """How to read the pictures."""

    top_n: int = option(5, "syllables for each picture", low=1, high=11172)
    weights: str = option(
        "",
        "pretrained weights by name, a weight file, or a folder ('': melnyk)",
        aliases=("weight_path",),
    )
    exit_threshold: float = option(
        1.0, "early exit of easy pictures (default: that of the weights)", low=0, high=1
    )
    json: bool = option(False, "print a JSON object a line instead of a table")
    explain: str = option("", "folder for figures of where each head looked ('': none)")

    def __post_init__(self):
        check_options(self)


def main(argv=None):
    """Runs the script; returns its exit status."""
    positional = ("paths", "pictures, and folders of pictures")
    options, paths = parse_options(
        __doc__, PredictOptions, argv=argv, positional=positional
    )
    problems = []
    try:
        named = named_options(
            PredictOptions, PredictOptions, argv=argv, positional=positional
        )
        kept = ("weights", "exit_threshold")
        given = {name: named[name] for name in kept if name in named}
        network = KoOCR(**{k: v for k, v in given.items() if v != ""})
        files = find_pictures(paths, problems)
        targets = figure_paths(files, Path(options.explain))
        for start in range(0, len(files), _BATCH):
            answers = read(network, files[start : start + _BATCH], options, problems)
            print_answers(answers, options)
            if options.explain:
                save_explanations(network, answers, targets)
    except (ValueError, OSError, ImportError) as error:
        problems.append(" ".join(str(error).split()))
    for problem in problems:
        print(f"predict.py: {problem}", file=sys.stderr)
    return 1 if problems else 0


def find_pictures(paths, problems):
    """Returns the files that paths stand for; adds empty folders to the problems."""
    files = []
    for path in map(Path, paths):
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        if not found:
            problems.append(f"{path}: there is no picture in this folder.")
        files += found
    return files


def read(network, files, options, problems):
    """Reads pictures; adds those that cannot be read to the problems.

    Returns:
        List of (file, [(syllable, probability), ...]) of the others.
    """
    readable, images = [], []
    for path in files:
        try:
            images.append(network.prepare(path))
            readable.append(path)
        except ValueError as error:
            problems.append(f"{path}: {str(error).removeprefix(f'{path}: ')}")
    if not images:
        return []
    probabilities = network.probabilities(np.stack(images))
    found = decoding.top_n(probabilities, options.top_n, network.syllables)
    pairs = zip(*(array.tolist() for array in found), strict=True)
    return [
        (path, list(zip(*pair, strict=True)))
        for path, pair in zip(readable, pairs, strict=True)
    ]


def save_explanations(network, answers, targets):
    """Draws where each head looked in the pictures that were read; names the files.

    Args:
        network: a `KoOCR`.
        answers: as `read` gives them.
        targets: dict, picture -> path of its figure.
    """
    for path, _ in answers:
        (explanation,) = explaining.explain(network, [path])
        save_figure(targets[path], explanation_figure(explanation))
        print(f"wrote {targets[path]}", file=sys.stderr)


def figure_paths(files, folder):
    """Returns a dict, picture -> `Path` in a folder, all of them different."""
    targets = {}
    for path in files:
        name = file_name(path.name)
        taken = sum(target.name.startswith(f"{name}.") for target in targets.values())
        number = f".{taken + 1}" if taken else ""
        targets[path] = folder / f"{name}{number}.png"
    return targets


def print_answers(answers, options):
    """Prints answers of `read` as a table or as JSON lines."""
    if options.json:
        for path, guesses in answers:
            listed = [{"syllable": s, "probability": p} for s, p in guesses]
            line = {"file": str(path), "syllables": listed}
            print(json.dumps(line, ensure_ascii=False))
    elif answers:
        header = ["file", *(str(place + 1) for place in range(options.top_n))]
        rows = [[str(path), *(f"{s} {p:.3f}" for s, p in g)] for path, g in answers]
        print(format_table(header, rows))


if __name__ == "__main__":
    sys.exit(main())
