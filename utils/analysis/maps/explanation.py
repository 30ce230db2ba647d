"""What explains one answer, and how notebooks show it."""

import io
from typing import Any, NamedTuple

import numpy as np

from utils.pictures.geometry import Region

_DPI = 80  # of what notebooks show: four columns fit the width of a page


class HeadAnswer(NamedTuple):
    """What one head read, and what it nearly read instead.

    name, probability: of the class read. rival, rival_probability: of the class that
    the contrast map compares it with.
    """

    name: str
    probability: float
    rival: str
    rival_probability: float


class Explanation(NamedTuple):
    """One picture explained. A notebook shows its `figure`.

    picture: `uint8` (height, width), grey, upright and whole.
    square: `uint8` (size, size), what the network sees at its first look.
    region: `Region` of the square in the picture.
    guesses: list of (syllable, probability), best first.
    readings: dict, head -> `HeadAnswer`.
    maps: dict, kind -> dict, head -> `float32` (height, width) over `picture`.
    """

    picture: np.ndarray
    square: np.ndarray
    region: Region
    guesses: list
    readings: dict
    maps: dict

    def figure(self) -> Any:
        """Draws the picture, what the network sees of it, its guesses, and all maps.

        Returns:
            `matplotlib.figure.Figure`, see `explanation_figure.explanation_figure`.
        """
        # Drawing takes a library that whoever needs the maps alone need not load.
        from utils.analysis.maps.explanation_figure import explanation_figure

        return explanation_figure(self)

    def __repr__(self) -> str:
        guesses = ", ".join(f"{name} {share:.3f}" for name, share in self.guesses)
        return f"Explanation({guesses}; maps: {', '.join(self.maps)})"

    def _repr_png_(self) -> bytes:
        """Returns the figure as PNG, which is what Jupyter shows."""
        buffer = io.BytesIO()
        self.figure().savefig(buffer, format="png", dpi=_DPI)
        return buffer.getvalue()
