"""Learns the weights of the measures of pieces from lines whose cuts are known."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from scipy.optimize import minimize  # scikit-learn brings it
from sklearn.linear_model import LogisticRegression

from utils.bars import progress_bar
from utils.data.text.sprinkling import ALIKE
from utils.hangul import is_syllable, syllable_indices
from utils.inference.answers import Answering
from utils.lines.candidates import candidates, likely_pieces
from utils.lines.characters import Characters
from utils.lines.lattice import posteriors
from utils.lines.measures import SHAPE_MEASURES, certainties, shapes
from utils.lines.path import OTHER
from utils.lines.pieces import Pieces
from utils.lines.spaces import gap_measures, gaps_between
from utils.lines.strips import LINE_HEIGHT, Page
from utils.pictures.geometry import transform

_CUT_TOLERANCE = 0.07  # of the height: a cut may lie so far outside the true gap
_WEIGHT_DECAY = 2e-3  # factor of the weights' squares in the loss
_MAX_STEPS = 200  # of L-BFGS


class Example(NamedTuple):
    """A line whose cuts are known.

    pieces: its `Pieces`.
    shapes: `float64` (pieces, shapes), their measures.
    truth: integers (characters, 2): index of each character's piece, and its kind, 0
        for a syllable, 1 for another character.
    spaces: bool (characters - 1,), whether a space stands between neighbours.
    indices: integers (characters,), as `hangul.syllable_indices`, or `path.OTHER`.
    text: the characters, without spaces; of those that look alike always the same one.
    """

    pieces: Pieces
    shapes: np.ndarray
    truth: np.ndarray
    spaces: np.ndarray
    indices: np.ndarray
    text: str


def make_examples(lines: Iterable[Any]) -> list[Example]:
    """Finds the pieces of lines, and which of them are their characters.

    Lines without a cut somewhere between two characters are left out.

    Args:
        lines: iterable of `utils.data.text.text_lines.TextLine`.
    """
    bar = progress_bar(lines, unit=" lines", delay=2)
    return [found for line in bar if (found := _example(line)) is not None]


def _example(line):
    page = Page(line.picture, line.vertical)
    strip = page.strip(0, len(page.rows) - 1)
    pieces = Pieces(strip.clean, strip.vertical)
    into = cv2.invertAffineTransform(strip.to_picture)
    x = transform(into, line.ends.reshape(-1, 2))[:, 0].reshape(-1, 2)
    path = _true_cuts(pieces.cuts.places, x)
    places = {(piece.start, piece.end): at for at, piece in enumerate(pieces.all)}
    found = [places.get(pair) for pair in zip(path, path[1:], strict=False)]
    if len(found) != len(x) or None in found:
        return None
    indices = _indices(line.text)
    words = [len(word) for word in line.text.split()]
    spaces = np.isin(np.arange(1, len(x)), np.cumsum(words))
    truth = np.stack([np.array(found), indices == OTHER], axis=1).astype(int)
    characters = "".join(ALIKE.get(each, each) for each in line.text if each != " ")
    return Example(pieces, shapes(pieces), truth, spaces, indices, characters)


def _indices(text):
    """Returns the indices of a text's syllables, `OTHER` for other characters."""
    characters = np.array(list(text.replace(" ", "")))
    indices = np.full(len(characters), OTHER)
    known = np.array([is_syllable(character) for character in characters], bool)
    indices[known] = syllable_indices(characters[known])
    return indices


def _true_cuts(places, x):
    """Returns the cuts between characters; fewer if one is missing.

    Args:
        places: integers (cuts,), columns.
        x: `float64` (characters, 2), where each character begins and ends.
    """
    path = [0]
    for right, left in zip(x[:-1, 1], x[1:, 0], strict=True):
        first, last = min(right, left), max(right, left)
        near = (places >= first - _CUT_TOLERANCE * LINE_HEIGHT) & (
            places <= last + _CUT_TOLERANCE * LINE_HEIGHT
        )
        near[: path[-1] + 1] = near[-1] = False
        if not near.any():
            return path
        away = np.where(near, np.abs(places - (left + right) / 2), np.inf)
        path.append(int(away.argmin()))
    return [*path, len(places) - 1]


class Row(NamedTuple):
    """A line as the random field is fitted to it: all or some of its pieces.

    ends: integers (pieces, 2), as for `posteriors`.
    measures: `float64` (pieces, measures), whose weighted sums are the scores there.
    truth: integers (characters, 2), as `Example.truth`, with indices of these pieces.
    """

    ends: np.ndarray
    measures: np.ndarray
    truth: np.ndarray


def shape_row(example: Example) -> Row:
    """Returns the `Row` of a line with its shape measures only."""
    return Row(example.pieces.ends, example.shapes, example.truth)


def read_rows(
    examples: list[Example], looks: np.ndarray, network: Any, characters: Characters
) -> list[Row]:
    """Returns the rows of lines whose pieces a network has read.

    A line is left out where a true piece looks too unlikely to be read.

    Args:
        examples: list of `Example`.
        looks: `float64` (kinds, shapes), weights that choose the pieces to be read.
        network: a `utils.inference.reader.Reader`.
        characters: classifier of characters that are no syllables.
    """
    bar = progress_bar(examples, unit=" lines", delay=2)
    rows = [_read_row(example, looks, network, characters) for example in bar]
    return [row for row in rows if row is not None]


def _read_row(example, looks, network, characters):
    pieces, measures = example.pieces, example.shapes
    kept = likely_pieces(pieces.ends, measures, looks)
    places, kinds = example.truth.T
    if not np.isin(places, kept).all():
        return None
    some = [pieces.all[at] for at in kept]
    squares = pieces.squares(some, network.config.image_size)
    answering = Answering(network.syllables)
    _, values = candidates(network.quick_probabilities(squares), answering)
    told = characters(squares, some)
    sure = certainties(values, measures[kept, SHAPE_MEASURES.index("width")], told)
    truth = np.stack([np.searchsorted(kept, places), kinds], axis=1)
    return Row(pieces.ends[kept], np.hstack([measures[kept], sure]), truth)


def fit_field(rows: list[Row]) -> np.ndarray:
    """Fits the weights of measures so that the true ways to cut lines are probable.

    Args:
        rows: list of `Row`.

    Returns:
        `float64` (kinds, measures).
    """
    scale = np.concatenate([row.measures for row in rows]).std(axis=0) + 1e-6
    scale[0] = 1  # the constant measure
    shape = 2, len(scale)

    def loss(flat):
        weights = flat.reshape(shape)
        value, slope = _WEIGHT_DECAY * (weights**2).sum(), 2 * _WEIGHT_DECAY * weights
        for row in rows:
            one, its_slope = _loss(row, weights, scale)
            value, slope = value + one / len(rows), slope + its_slope / len(rows)
        return value, slope.ravel()

    how = {"jac": True, "method": "L-BFGS-B", "options": {"maxiter": _MAX_STEPS}}
    return minimize(loss, np.zeros(np.prod(shape)), **how).x.reshape(shape) / scale


def _loss(row, weights, scale):
    """Returns the negative log likelihood of the true way, and its gradient."""
    measures = row.measures / scale
    scores = measures @ weights.T
    total, likely = posteriors(row.ends, scores, row.ends.max() + 1)
    places, kinds = row.truth.T
    likely[places, kinds] -= 1
    return total - scores[places, kinds].sum(), likely.T @ measures


def fit_space(examples: list[Example]) -> np.ndarray:
    """Fits the weights of `scores.SPACE_MEASURES`: `float64` (measures,).

    Args:
        examples: list of `Example`.
    """
    measures, spaces = [], []
    for example in examples:
        gaps = gaps_between([example.pieces.all[at] for at in example.truth[:, 0]])
        measures.append(gap_measures(gaps, example.indices))
        spaces.append(example.spaces)
    model = LogisticRegression(C=100, fit_intercept=False, max_iter=2000)
    model.fit(np.concatenate(measures), np.concatenate(spaces))
    return model.coef_[0]
