"""The analyses of evaluate.py: the script's options say which run, and on what.

Each is a function of (network, options, folder): a `KoOCR`, `evaluate.EvaluateOptions`
and the path of the folder for tables and figures. It prints its table and returns the
paths of the files written.
"""

from pathlib import Path

from utils.analysis import appearances, exhibits, rarity, writers
from utils.analysis.accuracy import report_accuracy
from utils.analysis.answer_rows import report_answers
from utils.analysis.evaluation import readable_pictures
from utils.analysis.lines import line_sources, text_reading
from utils.analysis.maps.pointing import report_pointing
from utils.analysis.published import closed_charsets
from utils.analysis.sources import name_problems, read_chunks, read_seen
from utils.analysis.speed import exits
from utils.analysis.trust import trust_tables
from utils.data.fonts import find_faces
from utils.presets import DEFAULT
from utils.reporting.page import Facts, shortest_tails, write_report
from utils.reporting.records import collect


def _read(network, options):
    """Reads the data, prepared for the network."""
    size = network.config.image_size
    return read_chunks(options.data_path, size, options.max_images)


def _chunks(network, options):
    """Reads the data as `_read` does, and names what cannot be prepared."""
    return name_problems(_read(network, options))


def _on_chunks(report, weighed=False):
    """Returns the analysis that hands the data to `report(network, chunks, folder)`.

    With `weighed` the report takes the prior as well.
    """
    return lambda network, options, folder: report(
        network,
        _chunks(network, options),
        folder,
        **({"prior": options.prior} if weighed else {}),
    )


def _explain(network, options, folder):
    """Draws the class activations of some pictures of every source."""
    count = options.class_activation_n
    chunks = read_seen(options.data_path, network.config, count)
    written = []
    for source, pictures in readable_pictures(chunks).items():
        written += exhibits.save_activations(
            folder, source, pictures, network.model, network.syllables
        )
    return written


def _leave_early(network, options, folder):
    chunks = read_seen(options.data_path, network.config, options.max_images)
    return exits.report_exits(network, name_problems(chunks), folder, options.prior)


def _point(network, options, folder):
    faces, _ = find_faces(options.font_path)
    return report_pointing(network, faces, options.max_images or 100, folder)


def _tell(network, options, folder):
    """Writes the report, of one network or of two on the same pictures."""
    networks, records = [network], []
    if options.compare:  # a KoOCR too, whose module stands above this one
        networks.append(type(network)(options.compare))
    top_n = _top_n(options, *networks)
    for each in networks:
        records.append(collect(each, _chunks(each, options), top_n, options.prior))
    models = [options.weights or DEFAULT, options.compare][: len(networks)]
    names = [
        f"{name} ({each.config.network}, {each.config.image_size} px)"
        for name, each in zip(shortest_tails(models), networks, strict=True)
    ]
    facts = Facts(names, Path(options.data_path).resolve().name, top_n)
    return write_report(folder / "report", network, records[0], facts, *records[1:])


def choose(options):
    """Returns the analyses that options ask for, in their order."""
    wanted = [run for flag, run in ANALYSES.items() if getattr(options, flag)]
    in_one_pass = any(getattr(options, flag) for flag in MEASURED)
    return [measure] * (in_one_pass or options.measures_accuracy) + wanted


def _top_n(options, *networks):
    """Returns `top_n`: where it was not asked for, no more than networks can answer."""
    asked, usual = options.top_n, type(options).top_n
    if asked != usual:
        return asked
    return min(usual, *(len(each.syllables) for each in networks))


def measure(network, options, folder):
    """Measures accuracy, and what follows from the same pass over the data.

    Args:
        network: a `KoOCR`.
        options: `evaluate.EvaluateOptions`.
        folder: `Path`, where tables and figures go.

    Returns:
        The paths of the files written.

    Raises:
        ValueError: the data cannot be read, or `top_n` was asked for and is more than
            the network can answer.
    """
    return report_accuracy(
        network,
        _read(network, options),  # it names by itself what counts as wrong
        folder,
        [flag for flag in MEASURED if getattr(options, flag)],
        _top_n(options, network),
        options.prior,
        closed_charsets(options.data_path, network.syllables),
    )


def _answer(network, options, folder):
    """Writes the answers to every picture."""
    chunks, count = _chunks(network, options), _top_n(options, network)
    return report_answers(network, chunks, folder, count, options.prior)


def _calibrate(network, options, folder):
    weights = (options.weights or DEFAULT) if options.save_temperature else None
    chunks = _chunks(network, options)
    return trust_tables.report_calibration(network, chunks, folder, weights)


def _reject(network, options, folder):
    chunks, count = _chunks(network, options), options.rejection_n
    fonts, prior = options.font_path, options.prior
    return trust_tables.report_rejection(network, chunks, folder, fonts, count, prior)


def _read_lines(network, options, folder):
    """Reads lines of a text, or of the data's own pictures side by side."""
    count, vertical = options.max_images or line_sources.LINES, options.vertical
    paths = options.data_path, options.text_path, options.font_path
    lines = line_sources.find_lines(*paths, count, vertical)
    return text_reading.report_lines(network, lines, folder, options.prior)


MEASURED = (  # by one pass over the data
    "accuracy",
    "confusion_matrix",
    "wrong_examples",
    "per_family",
    "per_charset",
)
ANALYSES = {  # by passes of their own, in this order
    "answers": _answer,
    "class_activation": _explain,
    "early_exit": _leave_early,
    "together": _on_chunks(writers.report_together, weighed=True),
    "adapt": _on_chunks(writers.report_adaptation, weighed=True),
    "in_order": _on_chunks(writers.report_in_order, weighed=True),
    "pointing": _point,
    "report": _tell,
    "rarity": _on_chunks(rarity.report_rarity, weighed=True),
    "appearances": _on_chunks(appearances.report_appearances, weighed=True),
    "calibration": _calibrate,
    "rejection": _reject,
    "lines": _read_lines,
}

# What may be asked for instead of accuracy.
BESIDE = (*MEASURED[1:], *ANALYSES, "show_augmentation")
# What reads an option, names of options themselves.
ALONE = "measures_accuracy"  # where nothing is asked for
GUESSED = (*MEASURED, "answers", "report", ALONE)  # guesses, `top_n` of them
BY_NETWORK = tuple(dict.fromkeys((*GUESSED, *ANALYSES)))
ON_DATA = tuple(name for name in BY_NETWORK if name != "pointing")
COUNTED = tuple(name for name in BY_NETWORK if name != "class_activation")
# The prior; calibration takes all syllables alike.
WEIGHED = ("accuracy", "per_family", "per_charset", "confusion_matrix")
WEIGHED += ("wrong_examples", "report", "together", "adapt", "early_exit", "rejection")
WEIGHED += ("answers", "appearances", "rarity", "in_order", "lines", ALONE)
