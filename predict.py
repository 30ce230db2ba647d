"""Reads pictures of one syllable each.

    python predict.py files/samples
    python predict.py a.png b.jpg --top_n=3 --json=true
    python predict.py a.png --explain=./explained
    python predict.py folder --charset=ksx1001 --reject_below=0.5
    python predict.py folder --adapt=true      # all of one writer's hand
    python predict.py line --in_order=true     # text: 0.png, 1.png, ...
    python predict.py folder --engine=onnx     # without Keras

Prints for each picture the most probable syllables with their probabilities, the best
first; nothing for one that was rejected. A folder stands for the pictures that lie in
it, any number of them. What cannot be read is named on stderr, and the exit status is
then 1.
"""

import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model import ENGINES, KoOCR
from utils.analysis.answer_table import print_answers
from utils.analysis.report import file_name
from utils.cli import check_options, named_options, option, parse_options
from utils.inference.attempts import attempt
from utils.inference.folders import find_pictures, picture_paths, spread_paths
from utils.inference.network import BATCH
from utils.inference.prior import Prior
from utils.inference.prior_options import rare_option, text_option
from utils.inference.restriction import choose_syllables
from utils.inference.streaming import batches, prepare_together
from utils.presets import (
    exit_threshold_option,
    first_look_option,
    second_look_option,
    weights_option,
)

SAMPLE = 512  # pictures of all that are looked at beforehand


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
    weights: str = weights_option()
    engine: str = option("keras", "what reads: onnx needs weights exported", ENGINES)
    exit_threshold: float = exit_threshold_option()
    first_look: float = first_look_option()
    second_look: float = second_look_option()
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
    if hasattr(sys.stdout, "reconfigure"):  # names of files may be no UTF-8
        sys.stdout.reconfigure(errors="surrogateescape")
    kept = ("weights", "engine", "exit_threshold", "first_look", "second_look")
    given = {name: named[name] for name in kept if named.get(name, "") != ""}
    problems = []
    try:
        network, taken = KoOCR(**given), Counter()
        if "top_n" not in named:  # five of three syllables were not asked for
            chosen = choose_syllables(options.charset, network.syllables)
            options = replace(options, top_n=min(options.top_n, len(chosen)))
        found = find_pictures(paths, problems)
        if options.together or options.adapt:
            network, options = learn(network, found, options)
        for part in batches(read(network, found, options, problems), BATCH):
            print_answers(part, options.top_n, options.detail, options.json)
            if options.explain:
                save_explanations(network, part, options, taken)
    except (ValueError, OSError, ImportError) as error:
        problems.append(" ".join(str(error).split()))
    for problem in problems:
        print(f"predict.py: {problem}", file=sys.stderr)
    return 1 if problems else 0


def learn(network, found, options):
    """Learns what pictures have in common, by `SAMPLE` of them, evenly spread.

    Args:
        network: `KoOCR`.
        found: as `find_pictures` gives them.
        options: `PredictOptions`.

    Returns:
        (network, options): adapted if that was asked for, and with the `rare` and
        `text` that were estimated; as they came where no picture can be read.
    """
    paths = spread_paths(found, SAMPLE)
    prepared = prepare_together(paths, partial(attempt, network.prepare))
    images = [image for image, error in prepared if not error]
    if not images:
        return network, options
    if options.adapt:
        network = network.adapt_to(np.stack(images), options.rare, options.text)
    prior = network.prior_of(np.stack(images), options.prior, options.charset)
    print(f"read together: rare={prior.rare:g}, text={prior.text:g}", file=sys.stderr)
    return network, replace(options, rare=prior.rare, text=prior.text)


def read(network, found, options, problems):
    """Reads pictures; adds those that cannot be read to the problems.

    Args:
        network: `KoOCR`.
        found: as `find_pictures` gives them.
        options: `PredictOptions`.
        problems: list of messages.

    Yields:
        (path, `utils.inference.answers.Reading`) of the others.
    """
    answers = network.predict_stream(
        picture_paths(found),
        n=options.top_n,
        charset=options.charset,
        detail=True,
        reject_below=options.reject_below,
        rare=options.rare,
        text=options.text,
        in_order=options.in_order,
        return_errors=True,
        batch_size=BATCH,
    )
    total = sum(len(names) for _, names in found)
    # No bar for what is done at once, nor where nobody watches.
    bar = tqdm(answers, total=total, unit=" pictures", delay=2, disable=None)
    for path, answer in zip(picture_paths(found), bar, strict=True):
        if isinstance(answer, Exception):
            problems.append(f"{path}: {str(answer).removeprefix(f'{path}: ')}")
        else:
            yield path, answer


def save_explanations(network, answers, options, taken):
    """Draws where each head looked in the pictures that were read; names the files.

    Args:
        network: a `KoOCR`.
        answers: as `read` gives them.
        options: `PredictOptions` of the answers.
        taken: `Counter` of the file names used, which may come from several folders.
    """
    # An installation without Keras reads all the same.
    from utils.analysis import explaining
    from utils.analysis.explanation_figure import explanation_figure
    from utils.analysis.plots import save_figure

    folder = Path(options.explain)
    for path, reading in answers:
        if reading.initial is None:  # no ink: nothing was read
            continue
        name = file_name(Path(path).name)
        taken[name] += 1
        number = f".{taken[name]}" if taken[name] > 1 else ""
        target = folder / f"{name}{number}.png"
        (explanation,) = explaining.explain(
            network, [path], prior=options.prior, charset=options.charset
        )
        save_figure(target, explanation_figure(explanation))
        print(f"wrote {target}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
