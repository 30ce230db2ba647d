"""The measurements of benchmark.py: the script's options say which, and on what.

Each is a function of (make_network, options): `model.KoOCR`, or what makes networks of
weights as it does, and `benchmark.BenchmarkOptions`. It prints its tables.
"""

import os
import sys
from pathlib import Path

from utils.analysis.lines.line_sources import LINES, find_lines
from utils.analysis.plots import save_figure
from utils.analysis.report import format_table
from utils.analysis.speed.complexity import multiply_adds
from utils.analysis.speed.machine import describe_machine
from utils.analysis.speed.preparation_speed import SIDES, measure_preparation
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
from utils.presets import PRETRAINED
from utils.timing import measure_feeding, measure_prediction


def _peers(make_network, options):
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
    figures = summarise_peers(
        rows, _multiply_adds(make_network, contestants), sizes, pictures
    )
    print(accuracy_table(figures), end="\n\n")
    print(speed_table(figures), end="\n\n")
    print(f"{describe_machine()}; median (smallest-largest) of {options.rounds} turns")
    for note in notes:
        print(f"benchmark.py: {note}", file=sys.stderr)


def _lines(make_network, options):
    """Prints what everybody makes of lines of text.

    Raises:
        ValueError: there are no lines.
    """
    contestants, notes = find_contestants(PRETRAINED, options.export_path)
    count = min(options.max_images or LINES, LINES)
    paths = options.data_path, options.text_path, options.font_path
    lines = list(find_lines(*paths, count))
    print(compare_lines(contestants, make_network, lines), end="\n\n")
    print(describe_machine())
    for note in notes:
        print(f"benchmark.py: {note}", file=sys.stderr)


def _methods(make_network, options):
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


def _multiply_adds(make_network, contestants):
    """Returns the multiply-adds of a picture by contestant, of those of a network."""
    counts, works = {}, {}
    for each in contestants:
        if each.kind in ("keras", "bare"):
            preset = Path(each.path).parent.name
            if preset not in counts:
                counts[preset] = multiply_adds(make_network(each.path).model)
            works[each.name] = counts[preset]
        elif each.kind == "onnx":  # its network stands before it
            works[each.name] = counts[Path(each.path).stem.rpartition("_")[0]]
    return works


def _of_network(measure):
    """Returns the measurement that `measure(network, options)` makes of one network."""

    def run(make_network, options):
        network = make_network(options.weights) if options.weights else make_network()
        return measure(network, options)

    return run


def _preparation(network, options):
    """Prints what it costs to prepare pictures of several kinds and sizes."""
    header = ("ms a picture", *(f"{side} x {side}" for side in SIDES))
    print(format_table(header, measure_preparation(network.config.image_size)))


def _prediction(network, options):
    """Prints what a prediction takes, and what of it is the network's."""
    header = ("pictures a call", "ms a picture", "bare network", "ratio")
    print(format_table(header, measure_prediction(network, options)))


def _profile(network, options):
    """Prints the time of every operation of the network's export."""
    steps, limit = profile_network(network, BATCH, options.rounds)
    print(profile_table(steps, limit, BATCH))


def _feeding(network, options):
    """Prints how fast a network trains on patches, and on arrays in memory."""
    header = ("batches from", "pictures/s", "of memory's speed")
    print(format_table(header, measure_feeding(network, options)))


# The option that asks for it -> the measurement, in the order in which they run.
MEASUREMENTS = {
    "peers": _peers,
    "lines": _lines,
    "methods": _methods,
    "preparation": _of_network(_preparation),
    "prediction": _of_network(_prediction),
    "profile": _of_network(_profile),
    "feeding": _of_network(_feeding),
}
