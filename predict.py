"""Reads pictures of one syllable each, or of lines of text.

    python predict.py files/samples
    python predict.py a.png b.jpg --top_n=3 --json=true
    python predict.py a.png --explain=./explained
    python predict.py folder --charset=ksx1001 --reject_below=0.5
    python predict.py folder --adapt=true      # all of one writer's hand
    python predict.py line --in_order=true     # text: 0.png, 1.png, ...
    python predict.py letter.jpg --lines=true  # text that is not cut yet
    python predict.py folder --engine=onnx     # without Keras

Prints for each picture the most probable syllables with their probabilities, the best
first; `rejected` for one that was. Of text it prints each line, or column, with the
probability of the least certain syllable; JSON tells of every syllable, and where it
stands. A folder stands for the pictures that lie in it, any number of them. What cannot
be read is named on stderr, and the exit status is then 1.
"""

import sys
from collections import Counter
from dataclasses import dataclass, replace

from model import ENGINES, KoOCR
from utils.analysis.answer_table import print_answers, print_lines
from utils.cli import check_options, named_options, option, parse_options
from utils.inference.folders import find_pictures
from utils.inference.network import BATCH
from utils.inference.prior import Prior
from utils.inference.prior_options import rare_option, text_option
from utils.inference.restriction import choose_syllables
from utils.inference.streaming import batches
from utils.lines.direction import DIRECTIONS
from utils.output import run_script
from utils.predicting import learn, read, read_lines, save_explanations
from utils.presets import (
    AT_PREDICTION,
    beam_option,
    exit_threshold_option,
    first_look_option,
    second_look_option,
    weights_option,
)

_TABLE = "Of lines, a table shows the text alone; {} needs json=true."


@dataclass(frozen=True)
class PredictOptions:
    """How to read the pictures."""

    top_n: int = option(5, "syllables for each picture", low=1, high=11172)
    charset: str = option(
        "all", "syllables that can occur: ksx1001, all, a file of them, or themselves"
    )
    detail: bool = option(
        False, "also the probabilities of the three jamo, and their runners-up"
    )
    reject_below: float = option(
        0.0, "probability that the best syllable must reach (0: any)", low=0, high=1
    )
    rare: float = rare_option()
    text: float = text_option()
    together: bool = option(
        False, "the pictures belong together: rare and text are estimated by them"
    )
    adapt: bool = option(
        False, "they are one writer's: adapt to the hand, and read them together"
    )
    in_order: bool = option(
        False, "they are text in reading order (names in order), cut into syllables"
    )
    lines: bool = option(
        False, "pictures of text: a word, a line, or lines below each other"
    )
    vertical: str = option(
        "auto",
        "whether their lines are columns, from top to bottom, the first at the right",
        tuple(DIRECTIONS),
        read_by=("lines",),
    )
    weights: str = weights_option()
    engine: str = option("keras", "what reads: onnx needs weights exported", ENGINES)
    exit_threshold: float = exit_threshold_option()
    first_look: float = first_look_option()
    second_look: float = second_look_option()
    beam: int = beam_option()
    json: bool = option(False, "print a JSON object a line instead of a table")
    explain: str = option("", "folder for figures of where each head looked ('': none)")

    def __post_init__(self):
        check_options(self)
        if self.explain and self.engine != "keras":
            raise ValueError(
                f"explain={self.explain!r} looks into the network, which "
                f"engine={self.engine!r} does not show; leave one of them out."
            )
        if self.adapt and self.engine != "keras":
            raise ValueError(
                f"adapt=true changes the network, which engine={self.engine!r} cannot; "
                "leave one of them out, or say together=true alone."
            )

        if self.lines:
            self._check_lines()

    def _check_lines(self):
        """Raises ValueError where an option has no meaning for lines of text."""
        for name in ("together", "adapt", "in_order", "explain"):
            if getattr(self, name):
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is of pictures of one syllable "
                    "each; leave out that or lines=true."
                )
        if self.detail and not self.json:
            raise ValueError(_TABLE.format("detail"))

    @property
    def prior(self):
        """How likely syllables are taken to be before."""
        return Prior(self.rare, self.text)


def main(argv=None):
    """Runs the script; returns its exit status."""
    positional = ("paths", "pictures, and folders of pictures")
    options, paths = parse_options(
        __doc__, PredictOptions, argv=argv, positional=positional
    )
    named = named_options(
        PredictOptions, PredictOptions, argv=argv, positional=positional
    )
    kept = ("weights", "engine", *AT_PREDICTION)
    given = {name: named[name] for name in kept if named.get(name, "") != ""}
    problems = []
    try:
        if options.lines and not options.json and "top_n" in named:
            raise ValueError(_TABLE.format("top_n"))
        network, taken = KoOCR(**given), Counter()
        if "top_n" not in named:  # five of three syllables were not asked for
            chosen = choose_syllables(options.charset, network.syllables)
            options = replace(options, top_n=min(options.top_n, len(chosen)))
        found = find_pictures(paths, problems)
        if options.together or options.adapt:
            network, options = learn(network, found, options)
        if options.lines:
            for part in batches(read_lines(network, found, options, problems), BATCH):
                print_lines(part, options.detail, options.json)
        else:
            for part in batches(read(network, found, options, problems), BATCH):
                print_answers(part, options.top_n, options.detail, options.json)
                if options.explain:
                    save_explanations(network, part, options, taken)
    except BrokenPipeError:
        raise  # whoever reads the output has read enough
    except (ValueError, OSError, ImportError) as error:
        problems.append(" ".join(str(error).split()))
    for problem in problems:
        print(f"predict.py: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    run_script(main)
