"""Measures speed: what feeding costs in training, and what a prediction takes.

    python benchmark.py --feeding=true --data_path=./data
    python benchmark.py --prediction=true --weights=./logs/weights
    python benchmark.py --peers=true --data_path=./val_data --max_images=500

Times are of this machine at this moment; the ratios, whose two sides take turns, hold
better. Feeding compares steps on batches that are read, distorted and prepared beside
them with `fit` on arrays that lie in memory. Peers are the pretrained networks, their
ONNX exports and, where it is installed, Tesseract, each in a process of its own.

    python benchmark.py --profile=true --weights=melnyk

times every operation of a network's export beside the engine's own matrix product.

    python benchmark.py --methods=true --data_path=./data --hands_path=pictures.zip

compares every method under one protocol, in hours; what is done is kept, and the same
command goes on.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from model import KoOCR
from utils.analysis.complexity import multiply_adds
from utils.analysis.line_sources import LINES, check_paths, find_lines
from utils.analysis.machine import describe_machine
from utils.analysis.plots import save_figure
from utils.analysis.preparation_speed import SIDES, measure_preparation
from utils.analysis.report import format_table
from utils.cli import check_options, option, parse_options
from utils.inference.network import BATCH
from utils.methods.data import RECOMBINED, make_pictures, make_recombined
from utils.methods.figure import draw_methods
from utils.methods.rows import ROWS, find_rows
from utils.methods.runs import read_run, run_rows
from utils.methods.table import format_methods, protocol, summarise
from utils.peers.comparison import compare
from utils.peers.comparison import summarise as summarise_peers
from utils.peers.contestants import find_contestants
from utils.peers.lines import compare_lines
from utils.peers.pictures import read_pictures
from utils.peers.profile import profile_network, profile_table
from utils.peers.table import accuracy_table, speed_table
from utils.presets import PRETRAINED, weights_option
from utils.timing import measure_feeding, measure_prediction

# What reads an option.
_METHODS = {"read_by": ("methods",)}
_ON_DATA = ("feeding", "prediction", "peers", "methods", "lines")
_OF_ONE = ("feeding", "prediction", "preparation", "profile")  # of one network


@dataclass(frozen=True)
class BenchmarkOptions:
    """What to measure, and on what."""

    feeding: bool = option(False, "training steps fed from patches and from memory")
    prediction: bool = option(False, "milliseconds a picture, prepared and bare")
    preparation: bool = option(False, "milliseconds of preparing a picture, by kind")
    peers: bool = option(
        False, "pretrained networks, their exports and Tesseract side by side"
    )
    lines: bool = option(
        False, "lines of text, read by networks and Tesseract: errors and times"
    )
    text_path: str = option(
        "", "Korean text, for lines of it instead of data_path's", read_by=("lines",)
    )
    font_path: str = option(
        "./fonts", "fonts whose validation faces write it", read_by=("text_path",)
    )
    profile: bool = option(
        False, "where a network's time goes, operation by operation (onnxruntime)"
    )
    methods: bool = option(
        False, "every network and method, trained and judged under one protocol"
    )
    method_rows: str = option(
        "", "rows of it, names between semicolons ('': all)", **_METHODS
    )
    method_pictures: int = option(32768, "pictures a row sees", low=128, **_METHODS)
    seeds: int = option(2, "runs of a row of it", low=1, **_METHODS)
    methods_path: str = option("./logs/methods", "its pictures and runs", **_METHODS)
    val_data_path: str = option("./val_data", "its validation patches", **_METHODS)
    hands_path: str = option(
        "", "folder or .zip of labelled pictures of hands, for it", **_METHODS
    )
    data_path: str = option(
        "./data",
        "folder of patches; for peers also pictures + labels.tsv, or a .zip",
        read_by=_ON_DATA,
    )
    export_path: str = option(
        "",
        "folder of the exports, for peers ('': beside the weights)",
        read_by=("peers", "lines"),
    )
    max_images: int = option(
        500,
        "pictures of each source that peers read (0: all); lines: 200 at most",
        low=0,
        read_by=("peers", "lines"),
    )
    rounds: int = option(
        5, "turns of peers, calls of a profile", low=1, read_by=("peers", "profile")
    )
    weights: str = weights_option(read_by=_OF_ONE)
    batch_size: int = option(
        64, "pictures a step, for feeding", low=1, read_by=("feeding",)
    )
    steps: int = option(24, "steps or calls of each kind", low=2, read_by=_OF_ONE[:2])

    def __post_init__(self):
        asked = (self.feeding, self.prediction, self.preparation, self.peers)
        if not any((*asked, self.lines, self.profile, self.methods)):
            raise ValueError(
                "Nothing to measure; ask with --feeding, --prediction, --preparation, "
                "--peers, --lines, --profile or --methods."
            )
        check_options(self)
        check_paths(self, _ON_DATA)


def measure_peers(options):
    """Prints the tables of all peers that can be measured here.

    Raises:
        ValueError: there are no pictures, or a peer ends early.
    """
    contestants, notes = find_contestants(PRETRAINED, options.export_path)
    pictures = read_pictures(options.data_path, options.max_images)
    if not contestants or not pictures.images:
        raise ValueError(f"{options.data_path} holds no readable picture, or no peer.")
    rows = compare(contestants, pictures, options.rounds)
    sizes = {each.name: os.path.getsize(each.path) / 1e6 for each in contestants}
    figures = summarise_peers(rows, _multiply_adds(contestants), sizes, pictures)
    print(accuracy_table(figures), end="\n\n")
    print(speed_table(figures), end="\n\n")
    print(f"{describe_machine()}; median (smallest-largest) of {options.rounds} turns")
    for note in notes:
        print(f"benchmark.py: {note}", file=sys.stderr)


def measure_lines(options):
    """Prints what everybody makes of lines of text.

    Raises:
        ValueError: there are no lines.
    """
    contestants, notes = find_contestants(PRETRAINED, options.export_path)
    count = min(options.max_images or LINES, LINES)
    paths = options.data_path, options.text_path, options.font_path
    lines = list(find_lines(*paths, count))
    print(compare_lines(contestants, KoOCR, lines), end="\n\n")
    print(describe_machine())
    for note in notes:
        print(f"benchmark.py: {note}", file=sys.stderr)


def compare_methods(options):
    """Runs the rows that are not done, prints their table, and draws it.

    Raises:
        ValueError: data cannot be used, or a run failed.
    """
    folder = Path(options.methods_path)
    rows = find_rows(options.method_rows)
    pictures = (options.data_path, options.val_data_path, folder)
    make_pictures(*pictures, options.method_pictures)
    if any(row.data == RECOMBINED for row in rows):
        make_recombined(options.data_path, folder, options.method_pictures)
    run_rows(rows, options.seeds, folder, options.hands_path)
    found = [
        read_run(folder, row, seed, options.hands_path)
        for row in ROWS
        for seed in range(options.seeds)
    ]
    done = [run for run in found if run]
    machine = describe_machine()
    print(protocol(options.method_pictures, options.seeds, done, machine), end="\n\n")
    print(format_methods(summarise(done)))
    save_figure(folder / "methods.png", draw_methods(summarise(done)))
    print(f"\nwrote {folder / 'methods.png'}")


def _multiply_adds(contestants):
    """Returns the multiply-adds of a picture by contestant, of those of a network."""
    counts, works = {}, {}
    for each in contestants:
        if each.kind in ("keras", "bare"):
            preset = Path(each.path).parent.name
            if preset not in counts:
                counts[preset] = multiply_adds(KoOCR(each.path).model)
            works[each.name] = counts[preset]
        elif each.kind == "onnx":  # its network stands before it
            works[each.name] = counts[Path(each.path).stem.rpartition("_")[0]]
    return works


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, BenchmarkOptions, argv=argv)
    try:
        if options.peers:
            measure_peers(options)
        if options.lines:
            measure_lines(options)
        if options.methods:
            compare_methods(options)
        asked = options.prediction, options.feeding, options.preparation
        if not any((*asked, options.profile)):
            return 0
        network = KoOCR(options.weights) if options.weights else KoOCR()
        if options.preparation:
            header = ("ms a picture", *(f"{s} x {s}" for s in SIDES))
            print(format_table(header, measure_preparation(network.config.image_size)))
        if options.prediction:
            header = ("pictures a call", "ms a picture", "bare network", "ratio")
            print(format_table(header, measure_prediction(network, options)))
        if options.profile:
            steps, limit = profile_network(network, BATCH, options.rounds)
            print(profile_table(steps, limit, BATCH))
        if options.feeding:
            header = ("batches from", "pictures/s", "of memory's speed")
            print(format_table(header, measure_feeding(network, options)))
    except (ValueError, OSError, ImportError) as error:
        print(f"benchmark.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
