"""What is learnt of cutting lines: what every measure weighs."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.lines.measures import CERTAINTIES, SHAPES

KINDS = ("syllable", "other")  # what a piece is: letters, figures and marks are others
SPACE = ("one", "gap", "gap_over_usual", "gap_over_step", "word_ends")

_HERE = Path(__file__).parent
_FILES = {False: _HERE / "weights.json", True: _HERE / "vertical.json"}  # is vertical


class Weights(NamedTuple):
    """What measures weigh.

    shapes: `float64` (kinds, shapes), before anything is read.
    read: `float64` (kinds, shapes + certainties), after that.
    space: `float64` (5,), of `SPACE`.
    """

    shapes: np.ndarray
    read: np.ndarray
    space: np.ndarray


@cache
def learnt_weights(vertical: bool = False) -> Weights:
    """Returns the weights that come with the library.

    Args:
        vertical: of columns, see `strips.Strip`.
    """
    found = json.loads(_FILES[vertical].read_text(encoding="utf-8"))
    kinds = [[found[part][kind] for kind in KINDS] for part in ("shapes", "read")]
    names = SHAPES, SHAPES + CERTAINTIES
    tables = [
        np.array([[row[name] for name in wanted] for row in rows])
        for rows, wanted in zip(kinds, names, strict=True)
    ]
    space = np.array([found["space"][name] for name in SPACE])
    return Weights(tables[0], tables[1], space)


def format_weights(weights: Weights) -> str:
    """Returns the text of the file that `learnt_weights` reads."""

    def table(rows, names):
        return {
            kind: dict(zip(names, map(_short, row), strict=True))
            for kind, row in zip(KINDS, rows.tolist(), strict=True)
        }

    found = {
        "shapes": table(weights.shapes, SHAPES),
        "read": table(weights.read, SHAPES + CERTAINTIES),
        "space": dict(zip(SPACE, map(_short, weights.space.tolist()), strict=True)),
    }
    return json.dumps(found, indent=1) + "\n"


def _short(value):
    return float(f"{value:.4g}")
