"""Any picture -> where in it, as it came, each head saw its jamo."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.analysis import gradcam
from utils.analysis.maps.explanation import Explanation, HeadAnswer
from utils.analysis.maps.kinds import CONTRAST, EXACT, GRAD_CAM, KINDS
from utils.hangul import COMPONENTS, FLAT_HEAD, split_syllables
from utils.inference import decoding
from utils.inference.imaging import prepare_gray, upright
from utils.inference.looking import look
from utils.inference.prior import DEFAULT_PRIOR, Prior
from utils.inference.restriction import choose_syllables, marginals, select
from utils.kinds import FilePath, Network, Picture
from utils.pictures.geometry import map_back, widen
from utils.pictures.several import as_several


def explain(
    network: Any,
    images: Sequence[Picture],
    top_n: int = 5,
    rivals: dict[str, np.ndarray] | None = None,
    kinds: Sequence[str] = KINDS,
    prior: Prior = DEFAULT_PRIOR,
    charset: str | FilePath | Sequence[str] = "all",
    answers: Sequence[Sequence[tuple[str, float]]] | None = None,
) -> list[Explanation]:
    """Explains pictures of one syllable each, over the pictures as they came.

    Args:
        network: a `KoOCR`.
        images: list of pictures, see `utils.pictures.grey.to_gray`.
        top_n: guesses for each, or as many as the network has syllables.
        rivals: dict, head -> class indices (pictures,) for the contrast maps; where
            one is the class read itself, as by default, the best other takes its place.
        kinds: the kinds of maps wanted: `exact` (left out where the heads are not
            linear), `Grad-CAM` and `contrast`.
        prior: that of the answers explained: the class of a head is that of the first
            guess.
        charset: as for `predict`.
        answers: for each picture the (syllable, probability) pairs that were answered,
            best first, where more than the picture decided, as in order; they take the
            place of the guesses.

    Returns:
        List of `Explanation`.

    Raises:
        TypeError: something is no picture.
        ValueError: a picture cannot be read or holds no ink, or one came that is in no
            list.
    """
    images = as_several(images, "Pictures to explain come as", least=0)
    if not len(images):
        return []
    grays = [upright(image) for image in images]
    prepared = [prepare_gray(gray, network.config.image_size) for gray in grays]
    squares = np.stack([square for square, _ in prepared])
    heads = network.probabilities(squares)
    first = network.config.first_look  # the second look is not explained
    seen = look(squares, first)
    regions = [widen(region, first) for _, region in prepared]
    chosen = choose_syllables(charset, network.syllables)
    selected = select(heads, chosen, network.syllables, prior)[:3]
    if answers is None:
        answers = _guess(selected, min(top_n, len(chosen)))
    values = _head_values(heads, selected, network.syllables)
    best = [guesses[0][0] for guesses in answers]
    read = classes_of(best, network.syllables, FLAT_HEAD in values)
    other = _rivals(values, read, rivals or {})
    coarse = _coarse_maps(network.model, seen, read, other, kinds)
    explanations = []
    for row, (gray, square, region, guesses) in enumerate(
        zip(grays, seen, regions, answers, strict=True)
    ):
        readings = _readings(values, read, other, row, network.syllables)
        maps = {
            kind: {
                name: _spread(each[name][row], square, region, gray)
                for name in _in_order(each)
            }
            for kind, each in coarse.items()
        }
        told = list(guesses), readings, maps
        explanations.append(Explanation(gray, square, region, *told))
    return explanations


def _guess(selected, count):
    """Returns for each picture its best (syllable, probability) pairs."""
    guesses, shares = decoding.top_n(selected[0], count, *selected[1:])
    return [
        list(zip(*pair, strict=True))
        for pair in zip(guesses.tolist(), shares.tolist(), strict=True)
    ]


def _head_values(heads, selected, syllables):
    """Returns each head's probabilities in the distribution that the guesses are of.

    Args:
        heads: the network's own.
        selected: (probabilities, classes, prior), as `restriction.select` gives them.
        syllables: the classes of a flat head.
    """
    probabilities, classes, prior = selected
    if FLAT_HEAD not in heads:
        return marginals(probabilities, classes, prior)
    places = {syllable: place for place, syllable in enumerate(syllables)}
    values = np.zeros(heads[FLAT_HEAD].shape)
    columns = [places[syllable] for syllable in classes]
    values[:, columns] = probabilities[FLAT_HEAD]
    return {FLAT_HEAD: values}


def classes_of(
    guesses: Sequence[str], syllables: Sequence[str], flat: bool
) -> dict[str, np.ndarray]:
    """Returns dict, head -> class indices (pictures,) of a syllable for each picture.

    Args:
        guesses: the syllables.
        syllables: the classes of a flat head.
        flat: whether there is one head of syllables instead of three of jamo.
    """
    if flat:
        places = {syllable: place for place, syllable in enumerate(syllables)}
        return {FLAT_HEAD: np.array([places[guess] for guess in guesses])}
    return {name: np.asarray(part) for name, part in split_syllables(guesses).items()}


def _rivals(values, read, rivals):
    """Returns dict, head -> class indices (pictures,) of what is not read."""
    other = {}
    for name, each in values.items():
        rest = each.copy()
        rest[np.arange(len(rest)), read[name]] = -1.0
        best = rest.argmax(axis=1)
        wanted = np.asarray(rivals.get(name, best))
        other[name] = np.where(wanted == read[name], best, wanted)
    return other


def _coarse_maps(model, squares, read, other, kinds):
    """Returns dict, kind -> dict, head -> (pictures, rows, columns)."""
    makers = {
        EXACT: lambda: gradcam.exact_cams(model, squares, read),
        GRAD_CAM: lambda: gradcam.grad_cams(model, squares, read),
        CONTRAST: lambda: gradcam.contrast_cams(model, squares, read, other),
    }
    if not gradcam.has_exact_cams(model):
        del makers[EXACT]
    return {kind: make() for kind, make in makers.items() if kind in kinds}


def main_kind(model: Network) -> str:
    """Returns the kind of map that tells most of a model: exact ones where it can."""
    return EXACT if gradcam.has_exact_cams(model) else GRAD_CAM


def _readings(heads, read, other, row, syllables):
    """Returns the `HeadAnswer` of every head for one picture."""
    readings = {}
    for name in _in_order(heads):
        classes, values = COMPONENTS.get(name, syllables), heads[name][row]
        first, second = int(read[name][row]), int(other[name][row])
        readings[name] = HeadAnswer(
            classes[first], float(values[first]), classes[second], float(values[second])
        )
    return readings


def _in_order(heads):
    """Returns the heads as a syllable is written; Keras has them by alphabet."""
    return COMPONENTS if len(heads) > 1 else heads


def _spread(coarse, square, region, gray):
    """Lays a coarse map over the whole picture."""
    (fine,) = gradcam.enlarge([coarse], len(square))
    return map_back(fine, region, gray.shape)
