"""Pieces of a line -> what shows a figure, a Latin letter or a mark, and which.

A layer of hidden units looks at the piece, small, and at where in its line it lies: a
comma and an apostrophe differ in nothing else. Of syllables it knows only that they are
some.
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
from utils.lines.strips import HEIGHT, ROOM

SIDE = 16  # pixels of a piece that are looked at
KNOWN = ("syllable", "part")  # what else a piece may be: the classes before characters

_HERE = Path(__file__).parent
FILES = {False: "characters.npz", True: "vertical_characters.npz"}  # is vertical


class Characters(NamedTuple):
    """A learnt layer, and what it tells.

    shown: characters, of the classes after `KNOWN`.
    weights: two `float32` (inputs, units), of the hidden units and of the classes.
    biases: two `float32` (units,), likewise.
    """

    shown: str
    weights: tuple[np.ndarray, np.ndarray]
    biases: tuple[np.ndarray, np.ndarray]

    def __call__(self, squares: np.ndarray, pieces: Sequence[Piece]) -> np.ndarray:
        """Returns the probabilities of what pieces are: `float32` (pieces, classes).

        Args:
            squares: `uint8` (pieces, size, size), as `Pieces.squares` gives them.
            pieces: as many.
        """
        inputs = looks(squares, pieces)
        hidden = np.maximum(inputs @ self.weights[0] + self.biases[0], 0)
        logits = hidden @ self.weights[1] + self.biases[1]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)


@cache
def learnt_characters(vertical: bool = False) -> Characters:
    """Returns what comes with the library.

    Args:
        vertical: of columns, see `strips.Strip`.
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
    """Returns what a layer sees of pieces.

    Args:
        squares: `uint8` (pieces, size, size), as `Pieces.squares` gives them.
        pieces: as many.

    Returns:
        `float32` (pieces, inputs): the pixels of each, 0 paper to 1 ink, and where it
        begins and ends, in parts of the line's height.
    """
    small = [cv2.resize(s, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for s in squares]
    ink = 1 - np.reshape(small, (len(squares), -1)) / np.float32(255)
    boxes = np.array([piece.box for piece in pieces], np.float32) / HEIGHT
    top, bottom, left, right = boxes.T
    where = np.stack([top - ROOM, bottom - ROOM, bottom - top, right - left], axis=1)
    return np.concatenate([ink, where], axis=1, dtype=np.float32)
