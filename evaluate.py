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

from model import KoOCR
from utils import evaluating
from utils.analysis import exhibits
from utils.analysis.lines.line_sources import check_paths
from utils.cli import check_options, named_options, option, parse_options
from utils.data.atomic import make_folder
from utils.inference.prior import Prior
from utils.inference.prior_options import rare_option, text_option
from utils.output import run_script
from utils.presets import (
    AT_PREDICTION,
    beam_option,
    exit_threshold_option,
    first_look_option,
    second_look_option,
    weights_option,
)

# Those of the weights, and those that may differ from theirs.
MODEL_OPTIONS = ("image_size", "split_components", *AT_PREDICTION)
_ERRORS = (ValueError, OSError, ImportError)  # that a message is made of


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure, and on what."""

    data_path: str = option(
        "./val_data",
        "folder of patches, or folder or .zip of pictures + labels.tsv",
        read_by=evaluating.ON_DATA,
    )
    train_data_path: str = option(
        "./data", "folder of training patches", read_by=("show_augmentation",)
    )
    weights: str = weights_option(read_by=evaluating.BY_NETWORK)
    image_size: int = option(
        0, "side in pixels; must be that of the weights, if given", low=0
    )
    split_components: bool = option(
        True,
        "three heads or one; must be as in the weights, if given",
        read_by=evaluating.BY_NETWORK,
    )
    exit_threshold: float = exit_threshold_option(evaluating.BY_NETWORK)
    first_look: float = first_look_option(evaluating.BY_NETWORK)
    second_look: float = second_look_option(evaluating.BY_NETWORK)
    beam: int = beam_option(evaluating.BY_NETWORK)
    accuracy: bool = option(False, "top-1 and top-n, and every jamo")
    per_family: bool = option(False, "accuracy of each font family or writer")
    per_charset: bool = option(
        False, "accuracy of the 2,350 syllables of KS X 1001 and of the others"
    )
    confusion_matrix: bool = option(False, "which jamo is read as which")
    class_activation: bool = option(False, "where in a picture each head looks")
    class_activation_n: int = option(
        10, "pictures of each source, for it", low=1, read_by=("class_activation",)
    )
    together: bool = option(
        False, "top-1 of each writer or family, read picture by picture and together"
    )
    adapt: bool = option(False, "the same, and after adapting to the writer or family")
    in_order: bool = option(
        False, "top-1 of each writer's pictures as text in the order in which they lie"
    )
    rare: float = rare_option(evaluating.WEIGHED)
    text: float = text_option(evaluating.WEIGHED)
    rarity: bool = option(
        False, "top-1 by how likely syllables are taken to be before (rare, text)"
    )
    early_exit: bool = option(
        False, "rate, top-1 and cost at every exit_threshold, of early heads"
    )
    calibration: bool = option(
        False, "how far probabilities can be trusted; fits a temperature to them"
    )
    save_temperature: bool = option(
        False,
        "write that temperature to the configuration beside the weights",
        read_by=("calibration",),
    )
    rejection: bool = option(
        False, "how well pictures that show no syllable are told apart (AUROC)"
    )
    rejection_n: int = option(
        200, "pictures of each kind, for it", low=1, read_by=("rejection",)
    )
    font_path: str = option(
        "./fonts", "folder of fonts", read_by=("rejection", "pointing", "text_path")
    )
    answers: bool = option(
        False, "what every picture is read as, top_n of it, beside its label (CSV)"
    )
    wrong_examples: bool = option(False, "pictures that are read wrongly")
    appearances: bool = option(
        False, "top-1 of clean pictures (patches) as they may come: framed, worn, ..."
    )
    show_augmentation: bool = option(
        False, "training pictures, distorted as in training"
    )
    pointing: bool = option(
        False, "do maps land on their jamo, on faces whose contours tell (font_path)"
    )
    lines: bool = option(
        False,
        "character error rate of lines: of the data's pictures side by side, or of "
        "pictures of text, whose labels are what they say",
    )
    text_path: str = option(
        "",
        "Korean text, for lines of it by the validation faces of font_path instead",
        read_by=("lines",),
    )
    vertical: bool = option(
        False, "columns instead, the syllables below each other", read_by=("lines",)
    )
    report: bool = option(False, "one HTML page with tables, curves, errors and maps")
    compare: str = option(
        "", "weights of a second model, for the report ('': none)", read_by=("report",)
    )
    top_n: int = option(
        5, "guesses that a picture has", low=1, high=11172, read_by=evaluating.GUESSED
    )
    max_images: int = option(
        0,
        "pictures of each source (0: all; pointing: 100 a face; lines: 200 lines)",
        low=0,
        read_by=evaluating.COUNTED,
    )
    log_path: str = option("./logs", "folder for tables and figures")

    def __post_init__(self):
        check_options(self)
        Prior(self.rare, self.text)  # says what is wrong
        check_paths(self, evaluating.ON_DATA)

    @property
    def prior(self):
        """How likely syllables are taken to be before."""
        return Prior(self.rare, self.text)

    @property
    def measures_accuracy(self):
        """Tells whether accuracy is measured: so it is where nothing is asked for."""
        return self.accuracy or not any(
            getattr(self, flag) for flag in evaluating.BESIDE
        )


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, EvaluateOptions, argv=argv)
    problems = []
    try:
        for path in evaluate(options, given_model_options(argv), problems):
            print(f"wrote {path}")
    except BrokenPipeError:
        raise  # whoever reads the output has read enough
    except _ERRORS as error:
        problems.append(error)
    # Several analyses may fail for one reason.
    for problem in dict.fromkeys(" ".join(str(error).split()) for error in problems):
        print(f"evaluate.py: {problem}", file=sys.stderr)
    return 1 if problems else 0


def given_model_options(argv):
    """Returns the options of the network that the command line really names.

    The weights know their own; a flag that is not there must not contradict them.
    """
    named = named_options(EvaluateOptions, EvaluateOptions, argv=argv)
    if named.get("image_size") == 0:
        del named["image_size"]
    return {name: named[name] for name in MODEL_OPTIONS if name in named}


def evaluate(options, model_options, problems):
    """Runs the analyses that were asked for; where one fails, those after it run.

    Args:
        options: `EvaluateOptions`.
        model_options: dict of options that the weights must have been made with.
        problems: list that gets the errors of analyses that failed.

    Yields:
        The paths of the files written.
    """
    make_folder(folder := Path(options.log_path))
    if options.show_augmentation:
        yield from exhibits.save_augmentation(
            folder, options.train_data_path, options.image_size
        )
    wanted = evaluating.choose(options)
    if wanted:
        weights = {"weights": options.weights} if options.weights else {}
        network = KoOCR(**weights, **model_options)
        for run in wanted:
            try:
                yield from run(network, options, folder)
            except _ERRORS as error:
                problems.append(error)


if __name__ == "__main__":
    run_script(main)
