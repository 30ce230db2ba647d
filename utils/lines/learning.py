"""Lines of text whose cuts are known -> what every measure of a piece weighs."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from scipy.optimize import minimize  # scikit-learn brings it
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from utils.data.text.sprinkling import ALIKE
from utils.hangul import is_syllable, syllable_indices
from utils.inference.answers import Answering
from utils.lines.candidates import candidates, likely_pieces
from utils.lines.characters import Characters
from utils.lines.lattice import posteriors
from utils.lines.measures import SHAPES, certainties, shapes
from utils.lines.path import OTHER
from utils.lines.pieces import Pieces
from utils.lines.spaces import gap_measures, gaps_between
from utils.lines.strips import HEIGHT, Page
from utils.pictures.geometry import transform

_OFF = 0.07  # of the height: so far from the gap between two letters a cut may lie
_DECAY = 2e-3  # of the weights' squares
_STEPS = 200


class Example(NamedTuple):
    """A line whose cuts are known.

    pieces: its `Pieces`.
    shapes: `float64` (pieces, shapes), their measures.
    truth: integers (characters, 2): the place of each one's piece, and its kind, 0 a
        syllable, 1 something else.
    spaces: bool (characters - 1,), whether a space stands between neighbours.
    codes: integers (characters,), places in the Unicode block, or `path.OTHER`.
    text: the characters, without spaces, those that are drawn alike as one.
    """

    pieces: Pieces
    shapes: np.ndarray
    truth: np.ndarray
    spaces: np.ndarray
    codes: np.ndarray
    text: str


def make_examples(lines: Iterable[Any]) -> list[Example]:
    """Finds the pieces of lines, and which of them are their characters.

    Lines without a cut somewhere between two characters are left out.

    Args:
        lines: iterable of `utils.data.text.text_lines.TextLine`.
    """
    bar = tqdm(lines, unit=" lines", delay=2, disable=None)
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
    codes = _codes(line.text)
    words = [len(word) for word in line.text.split()]
    spaces = np.isin(np.arange(1, len(x)), np.cumsum(words))
    truth = np.stack([np.array(found), codes == OTHER], axis=1).astype(int)
    characters = "".join(ALIKE.get(each, each) for each in line.text if each != " ")
    return Example(pieces, shapes(pieces), truth, spaces, codes, characters)


def _codes(text):
    """Returns the places of a text's syllables, `OTHER` of other characters."""
    characters = np.array(list(text.replace(" ", "")))
    codes = np.full(len(characters), OTHER)
    known = np.array([is_syllable(character) for character in characters], bool)
    codes[known] = syllable_indices(characters[known])
    return codes


def _true_cuts(places, x):
    """Returns the cuts between characters from x[:, 0] to x[:, 1]; fewer if one lacks.

    Args:
        places: integers (cuts,), columns.
        x: `float64` (characters, 2).
    """
    path = [0]
    for right, left in zip(x[:-1, 1], x[1:, 0], strict=True):
        first, last = min(right, left), max(right, left)
        near = (places >= first - _OFF * HEIGHT) & (places <= last + _OFF * HEIGHT)
        near[: path[-1] + 1] = near[-1] = False
        if not near.any():
            return path
        away = np.where(near, np.abs(places - (left + right) / 2), np.inf)
        path.append(int(away.argmin()))
    return [*path, len(places) - 1]


class Row(NamedTuple):
    """What a field is learnt by: a line's pieces, all or some of them.

    ends, measures: as `posteriors` takes the one, and what its scores are made of.
    truth: integers (characters, 2), as `Example.truth`, by places among these pieces.
    """

    ends: np.ndarray
    measures: np.ndarray
    truth: np.ndarray


def shape_row(example: Example) -> Row:
    """Returns the `Row` of a line before anything is read."""
    return Row(example.pieces.ends, example.shapes, example.truth)


def read_rows(
    examples: list[Example], looks: np.ndarray, network: Any, characters: Characters
) -> list[Row]:
    """Returns the rows of lines whose pieces a network has read.

    Lines are left out of which a true piece is not read, for how it looks.

    Args:
        examples: list of `Example`.
        looks: `float64` (kinds, shapes), what tells which pieces are read.
        network: a `utils.inference.reader.Reader`.
        characters: what tells those that are no syllables.
    """
    bar = tqdm(examples, unit=" lines", delay=2, disable=None)
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
    _, values = candidates(network.glance(squares), answering)
    told = characters(squares, some)
    sure = certainties(values, measures[kept, SHAPES.index("width")], told)
    truth = np.stack([np.searchsorted(kept, places), kinds], axis=1)
    return Row(pieces.ends[kept], np.hstack([measures[kept], sure]), truth)


def fit_field(rows: list[Row]) -> np.ndarray:
    """Learns what measures weigh so that the true ways to cut lines are likely.

    Args:
        rows: list of `Row`.

    Returns:
        `float64` (kinds, measures).
    """
    scale = np.concatenate([row.measures for row in rows]).std(axis=0) + 1e-6
    scale[0] = 1  # that of what is always 1
    shape = 2, len(scale)

    def loss(flat):
        weights = flat.reshape(shape)
        value, slope = _DECAY * (weights**2).sum(), 2 * _DECAY * weights
        for row in rows:
            one, its_slope = _loss(row, weights, scale)
            value, slope = value + one / len(rows), slope + its_slope / len(rows)
        return value, slope.ravel()

    how = {"jac": True, "method": "L-BFGS-B", "options": {"maxiter": _STEPS}}
    return minimize(loss, np.zeros(np.prod(shape)), **how).x.reshape(shape) / scale


def _loss(row, weights, scale):
    """Returns how unlikely the true way is, a logarithm, and its slope by weights."""
    measures = row.measures / scale
    scores = measures @ weights.T
    total, likely = posteriors(row.ends, scores, row.ends.max() + 1)
    places, kinds = row.truth.T
    likely[places, kinds] -= 1
    return total - scores[places, kinds].sum(), likely.T @ measures


def fit_space(examples: list[Example]) -> np.ndarray:
    """Learns what tells spaces: `float64` (measures,), of `scores.SPACE`.

    Args:
        examples: list of `Example`.
    """
    measures, spaces = [], []
    for example in examples:
        gaps = gaps_between([example.pieces.all[at] for at in example.truth[:, 0]])
        measures.append(gap_measures(gaps, example.codes))
        spaces.append(example.spaces)
    model = LogisticRegression(C=100, fit_intercept=False, max_iter=2000)
    model.fit(np.concatenate(measures), np.concatenate(spaces))
    return model.coef_[0]
