"""The learnt weights of measures, by which lines are cut."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.lines.measures import CERTAINTY_MEASURES, SHAPE_MEASURES

KINDS = ("syllable", "other")  # of pieces: digits, letters and marks are others
SPACE_MEASURES = ("one", "gap", "gap_over_usual", "gap_over_step", "word_ends")

_HERE = Path(__file__).parent
# By `vertical`.
_WEIGHT_FILES = {False: _HERE / "weights.json", True: _HERE / "vertical.json"}


class Weights(NamedTuple):
    """Weights of measures.

    shapes: `float64` (kinds, shapes), of a piece before it is read.
    read: `float64` (kinds, shapes + certainties), of a piece that was read.
    space: `float64` (5,), of `SPACE_MEASURES`.
    """

    shapes: np.ndarray
    read: np.ndarray
    space: np.ndarray


@cache
def learnt_weights(vertical: bool = False) -> Weights:
    """Returns the weights that come with the library.

    Args:
        vertical: those of columns, see `strips.Strip`.
    """
    found = json.loads(_WEIGHT_FILES[vertical].read_text(encoding="utf-8"))
    kinds = [[found[part][kind] for kind in KINDS] for part in ("shapes", "read")]
    names = SHAPE_MEASURES, SHAPE_MEASURES + CERTAINTY_MEASURES
    tables = [
        np.array([[row[name] for name in wanted] for row in rows])
        for rows, wanted in zip(kinds, names, strict=True)
    ]
    space = np.array([found["space"][name] for name in SPACE_MEASURES])
    return Weights(tables[0], tables[1], space)


def format_weights(weights: Weights) -> str:
    """Returns the text of the file that `learnt_weights` reads."""

    def table(rows, names):
        return {
            kind: dict(zip(names, map(_short, row), strict=True))
            for kind, row in zip(KINDS, rows.tolist(), strict=True)
        }

    found = {
        "shapes": table(weights.shapes, SHAPE_MEASURES),
        "read": table(weights.read, SHAPE_MEASURES + CERTAINTY_MEASURES),
        "space": dict(
            zip(SPACE_MEASURES, map(_short, weights.space.tolist()), strict=True)
        ),
    }
    return json.dumps(found, indent=1) + "\n"


def _short(value):
    return float(f"{value:.4g}")
