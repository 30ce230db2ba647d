"""Warns of pictures too wide or too high for one syllable: words and columns."""

import warnings
from collections.abc import Sequence

import numpy as np

from utils.inference.attempts import name_place

# Times its height. Of 5,596 handwritten syllables one is wider; most words of three
# syllables are, and few of two.
MAX_WIDTH = 2.25
# Times its width. Again one syllable is higher; nearly all columns of three are.
MAX_HEIGHT = 2.75


_WIDE_MESSAGE = (
    "its ink is {:.1f} times as wide as it is high, a syllable's hardly ever over "
    f"{MAX_WIDTH} times; it was read as one. Several are read by predict_lines, or by "
    "predict.py with --lines=true."
)
_HIGH_MESSAGE = (
    "its ink is {:.1f} times as high as it is wide, a syllable's hardly ever over "
    f"{MAX_HEIGHT} times; it was read as one. A column of several is read by "
    "predict_lines with vertical=True, or by predict.py with --lines=true "
    "--vertical=true."
)


class SeveralSyllablesWarning(UserWarning):
    """A picture too wide or too high for a syllable, probably a word, was read as one.

    `place` is the index of the picture among those given, or None for a single one;
    `what` is the message without it.
    """

    def __init__(self, width: float, place: int | None = None) -> None:
        super().__init__(
            width, place
        )  # the arguments for unpickling in other processes
        self.place = place
        self.what = (
            _WIDE_MESSAGE.format(width)
            if width > 1
            else _HIGH_MESSAGE.format(1 / width)
        )

    def __str__(self) -> str:
        """Returns the message: which picture, and its proportions."""
        return f"{name_place(self.place)}: {self.what}"


def ink_widths(squares: np.ndarray) -> np.ndarray:
    """Returns the width of each picture's ink over its height.

    Args:
        squares: `uint8` (pictures, size, size), as `utils.inference.imaging.prepare`
            gives each.

    Returns:
        `float64` (pictures,).
    """
    ink = squares < 255
    return _extents(ink.any(axis=1)) / _extents(ink.any(axis=2))


def shows_several(width: float) -> bool:
    """Tells whether a picture is wider or higher than a syllable.

    Args:
        width: of its ink, over its height.
    """
    return not 1 / MAX_HEIGHT <= width <= MAX_WIDTH


def warn_of_width(squares: np.ndarray, places: Sequence[int | None]) -> None:
    """Warns of every picture that is wider or higher than any syllable.

    Args:
        squares: as for `ink_widths`.
        places: index of each among those given; None for a single one.
    """
    for width, place in zip(ink_widths(squares).tolist(), places, strict=True):
        if shows_several(width):
            warnings.warn(SeveralSyllablesWarning(width, place), stacklevel=2)


def _extents(marked):
    """Returns the number of columns from the first to the last marked, by row."""
    first, last = marked.argmax(axis=1), marked[:, ::-1].argmax(axis=1)
    return marked.shape[1] - first - last
