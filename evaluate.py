"""Measures a network on patches, or on pictures with a table of labels.

    python evaluate.py --data_path=./val_data --confusion_matrix=true
    python evaluate.py --data_path=pictures.zip --weights=./logs/weights --top_n=3
    python evaluate.py --data_path=pictures.zip --report=true --compare=other.weights.h5

Each source (handwritten, printed, clova, or the sets of a labels.tsv) is judged apart;
without an analysis asked for, accuracy is printed. A picture that cannot be prepared
counts as wrong and is named. Patches of PE92, SERI95a, HanDB and PHD08 (load_data.py)
are also judged as their papers do, beside the papers' figures. Tables (CSV, fractions
0-1) and figures go to --log_path.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from model import PRETRAINED, KoOCR
from utils.analysis import (
    evaluation,
    exhibits,
    exits,
    published,
    rarity,
    trust,
    writers,
)
from utils.analysis.pointing import pointing_rows
from utils.analysis.report import Percent, format_table, show_table
from utils.analysis.sources import read_chunks
from utils.cli import check_options, named_options, option, parse_options
from utils.data.fonts import find_faces
from utils.hangul import COMPONENTS
from utils.presets import weights_option
from utils.reporting.page import Facts, write_report
from utils.reporting.records import collect

# Those of the weights; only the threshold may differ.
MODEL_OPTIONS = ("image_size", "split_components", "exit_threshold")


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure, and on what."""

    data_path: str = option(
        "./val_data", "folder of patches, or folder or .zip of pictures + labels.tsv"
    )
    train_data_path: str = option(
        "./data", "folder of training patches, for show_augmentation"
    )
    weights: str = weights_option()
    image_size: int = option(
        0, "side in pixels; must be that of the weights, if given", low=0
    )
    split_components: bool = option(
        True, "three heads or one; must be as in the weights, if given"
    )
    exit_threshold: float = option(
        1.0, "early exit, see early_exit (default: that of the weights)", low=0, high=1
    )
    accuracy: bool = option(False, "top-1 and top-n, and every jamo")
    per_family: bool = option(False, "accuracy of each font family or writer")
    per_charset: bool = option(
        False, "accuracy of the 2,350 syllables of KS X 1001 and of the others"
    )
    confusion_matrix: bool = option(False, "which jamo is read as which")
    class_activation: bool = option(False, "where in a picture each head looks")
    class_activation_n: int = option(10, "pictures of each source, for it", low=1)
    adapt: bool = option(
        False, "top-1 of each writer or family, before and after adapting to it"
    )
    rarity: bool = option(
        False, "top-1 by how rare syllables outside KS X 1001 are taken to be (rare)"
    )
    early_exit: bool = option(
        False, "rate, top-1 and cost at every exit_threshold, of early heads"
    )
    calibration: bool = option(
        False, "how far probabilities can be trusted; fits a temperature to them"
    )
    save_temperature: bool = option(
        False, "write that temperature to the configuration beside the weights"
    )
    rejection: bool = option(
        False, "how well pictures that show no syllable are told apart (AUROC)"
    )
    rejection_n: int = option(200, "pictures of each kind, for it", low=1)
    font_path: str = option("./fonts", "folder of fonts, for rejection and pointing")
    wrong_examples: bool = option(False, "pictures that are read wrongly")
    show_augmentation: bool = option(
        False, "training pictures, distorted as in training"
    )
    pointing: bool = option(
        False, "do maps land on their jamo, on faces whose contours tell (font_path)"
    )
    report: bool = option(False, "one HTML page with tables, curves, errors and maps")
    compare: str = option("", "weights of a second model, for the report ('': none)")
    top_n: int = option(5, "guesses that a picture has", low=1, high=11172)
    max_images: int = option(0, "pictures of each source (0: all)", low=0)
    log_path: str = option("./logs", "folder for tables and figures")

    def __post_init__(self):
        check_options(self)
        if self.compare and not self.report:
            raise ValueError("compare is shown in the report; set report=true as well.")
        if self.save_temperature and not self.calibration:
            raise ValueError("save_temperature=true needs calibration=true.")


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, EvaluateOptions, argv=argv)
    try:
        written = evaluate(options, given_model_options(argv))
    except (ValueError, OSError, ImportError) as error:
        print(f"evaluate.py: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    for path in written:
        print(f"wrote {path}")
    return 0


def given_model_options(argv):
    """Returns the options of the network that the command line really names.

    The weights know their own; a flag that is not there must not contradict them.
    """
    named = named_options(EvaluateOptions, EvaluateOptions, argv=argv)
    if named.get("image_size") == 0:
        del named["image_size"]
    return {name: named[name] for name in MODEL_OPTIONS if name in named}


def evaluate(options, model_options):
    """Runs the analyses that were asked for.

    Args:
        options: `EvaluateOptions`.
        model_options: dict of options that the weights must have been made with.

    Returns:
        The paths of the files written.
    """
    folder, written = Path(options.log_path), []
    if options.show_augmentation:
        written += exhibits.save_augmentation(
            folder, options.train_data_path, options.image_size
        )
    drawn = options.confusion_matrix or options.wrong_examples
    drawn |= options.per_family or options.per_charset
    shown = options.class_activation or options.early_exit or options.adapt
    shown |= options.report or options.pointing
    shown |= options.calibration or options.rejection or options.rarity
    others = drawn or options.show_augmentation or shown
    measured = options.accuracy or drawn or not others
    if not (measured or shown):
        return written
    weights = {"weights": options.weights} if options.weights else {}
    network = KoOCR(**weights, **model_options)
    size = network.config.image_size
    if measured:
        written += _measure(network, options, folder)
    if options.class_activation:
        written += _explain(network, options, folder)
    if options.early_exit:
        written += _weigh_exits(network, options, folder)
    if options.adapt:
        written += _adapt(network, options, folder)
    if options.pointing:
        written += _point(network, options, folder)
    if options.report:
        written += _tell(network, options, folder / "report")
    if options.rarity:
        chunks = read_chunks(options.data_path, size, options.max_images)
        written += rarity.report_rarity(network, chunks, folder)
    if options.calibration:
        chunks = read_chunks(options.data_path, size, options.max_images)
        weights = (options.weights or PRETRAINED) if options.save_temperature else None
        written += trust.report_calibration(network, chunks, folder, weights)
    if options.rejection:
        chunks = read_chunks(options.data_path, size, options.max_images)
        written += trust.report_rejection(
            network, chunks, folder, options.font_path, options.rejection_n
        )
    return written


def _point(network, options, folder):
    """Prints whether maps land on their jamo."""
    faces, _ = find_faces(options.font_path)
    rows = pointing_rows(network, faces, options.max_images or 100)
    header = ["jamo", "map", "images", "hits %", "heat inside %", "by chance %"]
    header += ["heat on ink %", "by chance %"]
    cells = [
        [name, kind, count, *map(Percent, shares)]
        for name, kind, count, *shares in (row.values() for row in rows)
    ]
    return [show_table(header, cells, rows, folder / "pointing.csv")]


def _tell(network, options, folder):
    """Writes the report, of one network or of two on the same pictures."""
    networks, records = [network], []
    if options.compare:
        networks.append(KoOCR(options.compare))
    for each in networks:
        size = each.config.image_size
        chunks = read_chunks(options.data_path, size, options.max_images)
        records.append(collect(each, chunks, options.top_n))
    models = [options.weights or PRETRAINED, options.compare]
    models = [Path(each).name for each in models]
    names = [
        f"{name} ({each.config.network}, {each.config.image_size} px)"
        for name, each in zip(models, networks, strict=False)
    ]
    facts = Facts(names, Path(options.data_path).resolve().name, options.top_n)
    return write_report(folder, network, records[0], facts, *records[1:])


def _measure(network, options, folder):
    """Prints the accuracies and writes what follows from one pass over the data."""
    size = network.config.image_size
    chunks = read_chunks(options.data_path, size, options.max_images)
    closed = published.closed_charsets(options.data_path, network.syllables)
    tallies = evaluation.measure(
        chunks, network.probabilities, options.top_n, network.syllables, closed
    )
    rows = evaluation.accuracy_rows(tallies)
    written = _report(rows, ["source"], options, "accuracy")
    if rows := published.published_rows(tallies):
        header = ["source", "system", "classes", "top-1 %", "from"]
        cells = [list(row.values()) for row in rows]
        written.append(show_table(header, cells, rows, folder / "published.csv"))
    if options.per_family:
        rows = evaluation.family_rows(tallies)
        written += _report(rows, ["source", "family"], options, "accuracy_by_family")
    if options.per_charset:
        rows = evaluation.charset_rows(tallies)
        written += _report(rows, ["source", "charset"], options, "accuracy_by_charset")
    for source, tally in tallies.items():
        for problem in tally.problems:
            print(f"{source}: counted as wrong: {problem}", file=sys.stderr)
        if options.confusion_matrix:
            written += exhibits.save_confusion(folder, source, tally)
        if options.wrong_examples:
            written += exhibits.save_examples(folder, source, tally)
    return written


def _report(rows, names, options, name):
    """Prints a table of accuracies and writes it as CSV."""
    header = [*names, "images", "top-1 %", "95 % interval", f"top-{options.top_n} %"]
    header += [f"{name} %" for name in COMPONENTS]
    cells = [evaluation.display_row(row, names) for row in rows]
    print(format_table(header, cells), end="\n\n")
    path = Path(options.log_path) / f"{name}.csv"
    evaluation.save_rows(path, rows, names)
    return [path]


def _adapt(network, options, folder):
    """Prints what adapting to each writer gives."""
    chunks = read_chunks(options.data_path, network.config.image_size)
    rows = writers.writer_rows(network, chunks)
    if not rows:
        raise ValueError(
            f"{options.data_path}: no writer has {writers.FEWEST} pictures to adapt by."
        )
    header = ["source", "writer", "images", "top-1 %", "adapted %"]
    cells = [
        [*names, count, Percent(before), Percent(after)]
        for *names, count, before, after in (row.values() for row in rows)
    ]
    return [show_table(header, cells, rows, folder / "adaptation.csv")]


def _weigh_exits(network, options, folder):
    """Prints what early exits give, and which threshold to take."""
    size = network.config.image_size
    chunks = read_chunks(options.data_path, size, options.max_images)
    rows = exits.exit_rows(network.cascade, chunks, network.syllables)
    header = ["exit_threshold", "leave early %", "top-1 %", "multiply-adds"]
    cells = [
        [t, Percent(rate), Percent(top_1), cost]
        for t, rate, top_1, cost in (row.values() for row in rows)
    ]
    path = show_table(header, cells, rows, folder / "early_exit.csv")
    chosen = exits.choose_threshold(rows)
    print(f"lowest within {exits.LOSS:.2%} of top-1: --exit_threshold={chosen:g}")
    return [path]


def _explain(network, options, folder):
    """Draws the class activations of some pictures of every source."""
    size = network.config.image_size
    chunks = read_chunks(options.data_path, size, options.class_activation_n)
    written = []
    for source, pictures in evaluation.readable_pictures(chunks).items():
        written += exhibits.save_activations(
            folder, source, pictures, network.model, network.syllables
        )
    return written


if __name__ == "__main__":
    sys.exit(main())
