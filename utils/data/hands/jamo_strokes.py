"""The strokes of each jamo, in the several ways that people write it.

The shapes are in `jamo_strokes.json`, made by hand after how Korean is taught and how
it is written fast: a jamo's first shape is that of school books, others join its
strokes, round its corners or leave them out. A shape is text: strokes between
`;`, a stroke its points `x,y` in hundredths of the jamo's box, y downward, in the order
of writing. `o` before two corners is a ring in their box, from its top counter-
clockwise; `c` before points rounds their corners off.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

_SHAPES_FILE = Path(__file__).with_suffix(".json")
_RING_POINTS = 24  # of the polygon that stands for a ring

# Consonants of two parts, which stand side by side.
PAIRS = {
    "ㄲ": "ㄱㄱ", "ㄸ": "ㄷㄷ", "ㅃ": "ㅂㅂ", "ㅆ": "ㅅㅅ", "ㅉ": "ㅈㅈ", "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
# Medial -> the part below the initial, the part beside it. `↓`: its short stroke runs
# below the long one of ㅜ.
MEDIAL_PARTS = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": ("ㅜ", "ㅓ↓"), "ㅞ": ("ㅜ", "ㅔ↓"),
    "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
}  # fmt: skip
MEDIAL_PARTS |= {medial: (medial, "") for medial in "ㅗㅛㅜㅠㅡ"}
MEDIAL_PARTS |= {medial: ("", medial) for medial in "ㅏㅐㅑㅒㅓㅔㅕㅖㅣ"}


@cache
def shapes(jamo):
    """Returns the ways to write a jamo as one; for some double consonants none.

    Args:
        jamo: compatibility jamo, such as `ㄹ`, or a part of `MEDIAL_PARTS`.

    Returns:
        Tuple of shapes; a shape is a tuple of strokes, `float32` (points, 2) of x and
        y, 0 to 1 in the jamo's box.
    """
    return tuple(parse_shape(text) for text in _read_table().get(jamo, ()))


def parse_shape(text):
    """Parses the text of one shape; returns it as `shapes` does."""
    return tuple(_stroke(stroke.strip()) for stroke in text.split(";"))


@cache
def _read_table():
    return json.loads(_SHAPES_FILE.read_text(encoding="utf-8"))


def _stroke(text):
    pairs = text.lstrip("oc").split()
    points = np.array([pair.split(",") for pair in pairs], np.float32) / 100
    if text.startswith("o"):
        return _ring(*points)
    return _rounded(_rounded(points)) if text.startswith("c") else points


def _ring(start, end):
    """Returns a closed ring in a box, counterclockwise from its top."""
    angle = np.linspace(0, 2 * np.pi, _RING_POINTS + 1)
    round_ = np.stack([-np.sin(angle), -np.cos(angle)], 1)
    return ((start + end) / 2 + round_ * (end - start) / 2).astype(np.float32)


def _rounded(points):
    """Rounds corners by cutting a quarter off each side (Chaikin); the ends stay."""
    before, after = points[:-1], points[1:]
    cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], 1)
    return np.concatenate([points[:1], cut.reshape(-1, 2)[1:-1], points[-1:]])
