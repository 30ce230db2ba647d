"""Pictures too wide or too high for one syllable: words, lines, and columns."""

import warnings
from collections.abc import Sequence

import numpy as np

from utils.inference.attempts import name_place

# Times its height. Of 5,596 syllables of people's hands one is wider; most words of
# three syllables are, and few of two.
WIDEST = 2.25
# Times its width: again one is higher, and nearly all columns of three are.
HIGHEST = 2.75


_WIDE = (
    "its ink is {:.1f} times as wide as it is high, a syllable's hardly ever over "
    f"{WIDEST} times; it was read as one. Several are read by predict_lines, or by "
    "predict.py with --lines=true."
)
_HIGH = (
    "its ink is {:.1f} times as high as it is wide, a syllable's hardly ever over "
    f"{HIGHEST} times; it was read as one. A column of several is read by "
    "predict_lines with vertical=True, or by predict.py with --lines=true "
    "--vertical=true."
)


class SeveralSyllablesWarning(UserWarning):
    """A picture is wider or higher than syllables are: a word, read as one, it seems.

    `place` is that of the picture among those that came, counted from 0, or None of a
    single one; `what` is the message without it.
    """

    def __init__(self, width: float, place: int | None = None) -> None:
        super().__init__(width, place)  # what other processes make it anew of
        self.place = place
        self.what = _WIDE.format(width) if width > 1 else _HIGH.format(1 / width)

    def __str__(self) -> str:
        """Says which picture it is, and what of it."""
        return f"{name_place(self.place)}: {self.what}"


def ink_widths(squares: np.ndarray) -> np.ndarray:
    """Returns how many times as wide as it is high the ink of pictures is.

    Args:
        squares: `uint8` (pictures, size, size), as `utils.inference.imaging.prepare`
            gives each.

    Returns:
        `float64` (pictures,).
    """
    ink = squares < 255
    return _extents(ink.any(axis=1)) / _extents(ink.any(axis=2))


def shows_several(width: float) -> bool:
    """Tells whether a picture is wider or higher than syllables are.

    Args:
        width: how many times as wide as it is high its ink is.
    """
    return not 1 / HIGHEST <= width <= WIDEST


def warn_of_width(squares: np.ndarray, places: Sequence[int | None]) -> None:
    """Warns of every picture that is wider or higher than any syllable.

    Args:
        squares: as for `ink_widths`.
        places: of each, among those that came; None of a single one.
    """
    for width, place in zip(ink_widths(squares).tolist(), places, strict=True):
        if shows_several(width):
            warnings.warn(SeveralSyllablesWarning(width, place), stacklevel=2)


def _extents(marked):
    """Returns how far it is from the first to the last that is marked, in each row."""
    first, last = marked.argmax(axis=1), marked[:, ::-1].argmax(axis=1)
    return marked.shape[1] - first - last
