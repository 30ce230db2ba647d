"""Lines of text whose cuts are known -> what tells characters that are no syllables."""

import warnings

import cv2
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from utils.hangul import is_syllable
from utils.lines.characters import KNOWN, Characters, looks
from utils.lines.learning import Example

_SIZE = 64  # pixels of a piece, as networks take it, before it is made smaller
_UNITS, _EPOCHS, _BATCH = 96, 25, 256
_PARTS = 3  # pieces of a line that are no character, for each that is one
_AGAIN = 4  # times each character that is no syllable is shown, each time otherwise
_BEND = 0.12  # of its side: so far its corners go


def learn_characters(examples: list[Example], seed: int = 0) -> Characters:
    """Learns to tell figures, letters and marks from syllables and from their parts.

    Args:
        examples: of lines that have some.
        seed: of what else is shown.

    Raises:
        ValueError: they show nothing but syllables.
    """
    rng = np.random.default_rng(seed)
    inputs, labels = zip(*(_shown(example, rng) for example in examples), strict=True)
    names = np.concatenate(labels)
    shown = sorted(set(names) - set(KNOWN))
    if not shown:
        raise ValueError("The text shows nothing but syllables; others are to be told.")
    classes = {name: place for place, name in enumerate((*KNOWN, *shown))}
    wanted = np.array([classes[name] for name in names])
    model = MLPClassifier(
        (_UNITS,),
        max_iter=_EPOCHS,
        batch_size=min(_BATCH, len(wanted)),
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is told when to end
        model.fit(np.concatenate(inputs), wanted)
    return Characters("".join(shown), tuple(model.coefs_), tuple(model.intercepts_))


def _shown(example, rng):
    """Returns the inputs of a line's characters and other pieces, and their names."""
    places = example.truth[:, 0].tolist()
    rest = np.setdiff1d(np.arange(len(example.pieces.all)), places)
    others = rng.permutation(rest)[: _PARTS * len(places)].tolist()
    pieces = [example.pieces.all[place] for place in (*places, *others)]
    squares = example.pieces.squares(pieces, _SIZE)
    names = [*map(_name, example.text), *["part"] * len(others)]
    again = [place for place, name in enumerate(names) if name not in KNOWN] * _AGAIN
    if again:
        bent = np.stack([_bent(squares[place], rng) for place in again])
        squares = np.concatenate([squares, bent])
    pieces += [pieces[place] for place in again]
    return looks(squares, pieces), np.array([*names, *(names[p] for p in again)])


def _name(character):
    return "syllable" if is_syllable(character) else character


def _bent(square, rng):
    """Returns a square with its corners moved, as hands and other faces draw it."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (_SIZE - 1)
    moved = corners + rng.uniform(-_BEND, _BEND, (4, 2)).astype(np.float32) * _SIZE
    matrix = cv2.getPerspectiveTransform(corners, moved)
    bent = cv2.warpPerspective(square, matrix, (_SIZE, _SIZE), borderValue=255)
    kernel = np.ones((2, 2), np.uint8)
    how = rng.integers(3)
    return bent if not how else (cv2.erode, cv2.dilate)[how - 1](bent, kernel)
