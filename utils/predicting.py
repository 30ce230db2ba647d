"""The steps of predict.py: pictures found -> what they share, answers, figures."""

import sys
import warnings
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from utils.analysis.report import file_name
from utils.bars import progress_bar, tell
from utils.inference.attempts import attempt
from utils.inference.folders import picture_paths, spread_paths
from utils.inference.network import BATCH
from utils.inference.streaming import prepare_together
from utils.inference.width import SeveralSyllablesWarning
from utils.lines.direction import DIRECTIONS

DOUBTFUL = 0.05  # probability: of pictures of one syllable few best answers have less
SAMPLE = 512  # pictures of all that are looked at beforehand


def learn(network, found, options):
    """Learns what pictures have in common, by `SAMPLE` of them, evenly spread.

    Args:
        network: `KoOCR`.
        found: as `find_pictures` gives them.
        options: `predict.PredictOptions`.

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
        options: `predict.PredictOptions`.
        problems: list of messages.

    Yields:
        (path, `utils.inference.readings.Reading`) of the others.
    """
    answers = network.predict_stream(
        picture_paths(found),
        **_how(options),
        detail=True,
        in_order=options.in_order,
        return_errors=True,
        batch_size=BATCH,
    )
    bar = _watched(answers, found)
    with warnings.catch_warnings():
        warnings.simplefilter("always", SeveralSyllablesWarning)
        warnings.showwarning = _tell_by_path(found, warnings.showwarning)
        for path, answer in zip(picture_paths(found), bar, strict=True):
            if isinstance(answer, Exception):
                problems.append(_named(path, answer))
            else:
                _tell_doubt(path, answer)
                yield path, answer


def read_lines(network, found, options, problems):
    """Reads pictures of text; adds those that cannot be read to the problems.

    Args:
        network: `KoOCR`.
        found: as `find_pictures` gives them.
        options: `predict.PredictOptions`.
        problems: list of messages.

    Yields:
        (path, list of `utils.lines.line.Line`) of the others.
    """
    for path in _watched(picture_paths(found), found):
        try:
            how = _how(options) | {"vertical": DIRECTIONS[options.vertical]}
            yield path, network.predict_lines(path, **how)
        except ValueError as error:
            problems.append(_named(path, error))


def _tell_doubt(path, reading):
    """Names a picture of which no answer is likely: of a page of text, say."""
    best = reading.syllables[0][1] if reading.syllables else 1.0
    if best < DOUBTFUL:
        tell(
            f"predict.py: {path}: no answer is likely, the best has {best:.3f}; it may "
            "show no syllable, or several, which --lines=true reads.",
            file=sys.stderr,
        )


def _how(options):
    """Returns what pictures of syllables and of lines are both read with."""
    names = "charset", "reject_below", "rare", "text"
    return {"n": options.top_n} | {name: getattr(options, name) for name in names}


def _watched(steps, found):
    """Returns steps, one a picture found, with a bar: none for what is done at once."""
    total = sum(len(names) for _, names in found)
    # Nor where nobody watches.
    return progress_bar(steps, total=total, unit=" pictures", delay=2)


def _named(path, error):
    """Returns what is wrong with a picture, after its path, which is told once."""
    return f"{path}: {str(error).removeprefix(f'{path}: ')}"


def _tell_by_path(found, show):
    """Returns a `warnings.showwarning` that names pictures by their paths.

    Args:
        found: as `find_pictures` gives them.
        show: what shows warnings of other kinds.
    """

    def show_named(message, *rest, **more):
        if not isinstance(message, SeveralSyllablesWarning):
            show(message, *rest, **more)
            return
        path = next(islice(picture_paths(found), message.place, None))
        tell(f"predict.py: {path}: {message.what}", file=sys.stderr)

    return show_named


def save_explanations(network, answers, options, taken):
    """Draws where each head looked in the pictures that were read; names the files.

    Args:
        network: a `KoOCR`.
        answers: as `read` gives them.
        options: `predict.PredictOptions` of the answers.
        taken: `Counter` of the file names used, which may come from several folders.
    """
    # An installation without Keras reads all the same.
    from utils.analysis.maps import explaining
    from utils.analysis.maps.explanation_figure import explanation_figure
    from utils.analysis.plots import save_figure

    folder = Path(options.explain)
    for path, reading in answers:
        if reading.initial is None:  # no ink: nothing was read
            continue
        name = file_name(Path(path).name)
        taken[name] += 1
        number = f".{taken[name]}" if taken[name] > 1 else ""
        target = folder / f"{name}{number}.png"
        # In order, those beside it decided too; one that was rejected has no answer.
        known = (
            [reading.syllables] if options.in_order and not reading.rejected else None
        )
        (explanation,) = explaining.explain(
            network,
            [path],
            prior=options.prior,
            charset=options.charset,
            answers=known,
        )
        save_figure(target, explanation_figure(explanation))
        print(f"wrote {target}", file=sys.stderr)
