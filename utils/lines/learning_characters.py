"""Learns to classify characters that are no syllables from lines with known cuts."""

import warnings

import cv2
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from utils.hangul import is_syllable
from utils.lines.characters import NON_CHARACTERS, Characters, looks
from utils.lines.learning import Example

_SQUARE_SIDE = 64  # pixels of a piece before it is reduced, as networks take it
_HIDDEN_UNITS, _EPOCHS, _BATCH_SIZE = 96, 25, 256
_PARTS_PER_CHARACTER = 3  # pieces that are no character, for each that is one
# Copies bent at random: of each character that is no syllable, and of each other piece.
# Were these not bent, whatever a hand writes oddly would be a character.
_BENT_CHARACTERS, _BENT_OTHERS = 4, 2
_MAX_CORNER_SHIFT = 0.12  # of the side: how far a bent copy's corners move


def learn_characters(examples: list[Example], seed: int = 0) -> Characters:
    """Learns to tell digits, letters and marks from syllables and parts of syllables.

    Args:
        examples: lines, some with characters that are no syllables.
        seed: of the training, and of the pieces that are added.

    Raises:
        ValueError: the lines hold nothing but syllables.
    """
    rng = np.random.default_rng(seed)
    inputs, labels = zip(*(_shown(example, rng) for example in examples), strict=True)
    names = np.concatenate(labels)
    shown = sorted(set(names) - set(NON_CHARACTERS))
    if not shown:
        raise ValueError("The text shows nothing but syllables; others are to be told.")
    classes = {name: place for place, name in enumerate((*NON_CHARACTERS, *shown))}
    wanted = np.array([classes[name] for name in names])
    model = MLPClassifier(
        (_HIDDEN_UNITS,),
        max_iter=_EPOCHS,
        batch_size=min(_BATCH_SIZE, len(wanted)),
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it stops early on purpose
        model.fit(np.concatenate(inputs), wanted)
    return Characters("".join(shown), tuple(model.coefs_), tuple(model.intercepts_))


def _shown(example, rng):
    """Returns the inputs of a line's characters and other pieces, and their names."""
    places = example.truth[:, 0].tolist()
    rest = np.setdiff1d(np.arange(len(example.pieces.all)), places)
    others = rng.permutation(rest)[: _PARTS_PER_CHARACTER * len(places)].tolist()
    pieces = [example.pieces.all[place] for place in (*places, *others)]
    squares = example.pieces.squares(pieces, _SQUARE_SIDE)
    names = [*map(_name, example.text), *["part"] * len(others)]
    copies = np.where(np.isin(names, NON_CHARACTERS), _BENT_OTHERS, _BENT_CHARACTERS)
    again = np.repeat(np.arange(len(names)), copies).tolist()
    bent = [_bent(squares[place], rng) for place in again]
    squares = np.concatenate([squares, bent])
    pieces += [pieces[place] for place in again]
    return looks(squares, pieces), np.array([*names, *(names[p] for p in again)])


def _name(character):
    return "syllable" if is_syllable(character) else character


def _bent(square, rng):
    """Returns a square with moved corners and thinner, thicker or the same strokes."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (
        _SQUARE_SIDE - 1
    )
    moved = (
        corners
        + rng.uniform(-_MAX_CORNER_SHIFT, _MAX_CORNER_SHIFT, (4, 2)).astype(np.float32)
        * _SQUARE_SIDE
    )
    matrix = cv2.getPerspectiveTransform(corners, moved)
    bent = cv2.warpPerspective(
        square, matrix, (_SQUARE_SIDE, _SQUARE_SIDE), borderValue=255
    )
    kernel = np.ones((2, 2), np.uint8)
    how = rng.integers(3)
    return bent if not how else (cv2.erode, cv2.dilate)[how - 1](bent, kernel)
