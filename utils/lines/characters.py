"""Classifies pieces of a line: digit, Latin letter, punctuation mark, or none of them.

A network of one hidden layer takes the piece, reduced, and its position in the line: a
comma and an apostrophe differ in nothing else. All syllables are one class to it.
"""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from utils.data.npz import read_arrays
from utils.lines.pieces import Piece
from utils.lines.strips import LINE_HEIGHT, LINE_MARGIN

INPUT_SIDE = 16  # pixels of a piece as the layer sees it
NON_CHARACTERS = ("syllable", "part")  # the first classes; characters follow them

_HERE = Path(__file__).parent
FILES = {False: "characters.npz", True: "vertical_characters.npz"}  # by `vertical`


class Characters(NamedTuple):
    """A classifier of characters that are no syllables: one hidden layer.

    shown: the characters of the classes that follow `NON_CHARACTERS`.
    weights: two `float32` (inputs, units), of the hidden layer and the output layer.
    biases: two `float32` (units,), likewise.
    """

    shown: str
    weights: tuple[np.ndarray, np.ndarray]
    biases: tuple[np.ndarray, np.ndarray]

    def __call__(self, squares: np.ndarray, pieces: Sequence[Piece]) -> np.ndarray:
        """Returns the probabilities of the classes: `float32` (pieces, classes).

        Args:
            squares: `uint8` (pieces, size, size), as `Pieces.squares` gives them.
            pieces: the same pieces, for their boxes.
        """
        inputs = looks(squares, pieces)
        hidden = np.maximum(inputs @ self.weights[0] + self.biases[0], 0)
        logits = hidden @ self.weights[1] + self.biases[1]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)


@cache
def learnt_characters(vertical: bool = False) -> Characters:
    """Returns the classifier that comes with the library.

    Args:
        vertical: that of columns, see `strips.Strip`.
    """
    found = read_arrays(_HERE / FILES[vertical])
    weights, biases = (
        tuple(found[f"{name}{number}"].astype(np.float32) for number in range(2))
        for name in ("weights", "biases")
    )
    return Characters("".join(map(chr, found["shown"])), weights, biases)


def format_characters(learnt: Characters) -> bytes:
    """Returns the bytes of the file that `learnt_characters` reads."""
    arrays: dict[str, Any] = {
        "shown": np.array([ord(each) for each in learnt.shown], np.int32)
    }
    for number, (weights, biases) in enumerate(zip(*learnt[1:], strict=True)):
        arrays[f"weights{number}"] = weights.astype(np.float16)
        arrays[f"biases{number}"] = biases.astype(np.float16)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def looks(squares: np.ndarray, pieces: Sequence[Piece]) -> np.ndarray:
    """Returns the inputs of the classifier.

    Args:
        squares: `uint8` (pieces, size, size), as `Pieces.squares` gives them.
        pieces: the same pieces, for their boxes.

    Returns:
        `float32` (pieces, inputs): the pixels of each, 0 paper to 1 ink, then its top,
        bottom, height and width, in parts of the line's height.
    """
    small = [
        cv2.resize(s, (INPUT_SIDE, INPUT_SIDE), interpolation=cv2.INTER_AREA)
        for s in squares
    ]
    ink = 1 - np.reshape(small, (len(squares), -1)) / np.float32(255)
    boxes = np.array([piece.box for piece in pieces], np.float32) / LINE_HEIGHT
    top, bottom, left, right = boxes.T
    where = np.stack(
        [top - LINE_MARGIN, bottom - LINE_MARGIN, bottom - top, right - left], axis=1
    )
    return np.concatenate([ink, where], axis=1, dtype=np.float32)
