"""A text + a face -> its ink on a canvas, and where each character came to stand."""

from pathlib import Path
from typing import NamedTuple

import cv2
import matplotlib
import numpy as np
from PIL import ImageFont

from utils.data.fonts import GLYPH_ERRORS, draw_ink, load_face
from utils.hangul import is_syllable
from utils.pictures.geometry import lay_down

# Hangul faces rarely have them: figures, Latin letters and marks are drawn by these,
# which come with matplotlib.
_OTHERS = tuple(
    f"DejaVu{name}"
    for name in (
        *("Sans", "Sans-Bold", "Sans-Oblique", "Sans-BoldOblique", "SansMono"),
        *("SansMono-Bold", "Serif", "Serif-Bold", "Serif-Italic"),
    )
) + tuple(f"STIXGeneral{name}" for name in ("", "Bol", "Italic", "BolIta"))


class _Box(NamedTuple):
    """A character's ink on a canvas, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class _Pen(NamedTuple):
    """How a line is written, lengths in parts of the size.

    size: pixels an em.
    apart: between letters, beyond what the face has.
    space: between words.
    loose: how far a hand strays.
    """

    size: int
    apart: float
    space: float
    loose: float


def write_line(face, text, size, rng, vertical=False):
    """Writes a text by a face, as loosely as hands do if it is one.

    Args:
        face: `utils.data.fonts.Face`.
        text: characters, and spaces between them.
        size: pixels an em.
        rng: `numpy.random.Generator`.
        vertical: as a column that is laid down: letters lie on their left side.

    Returns:
        (ink, ends): `uint8` (height, width), 0 to 255, ink, with some margin; and the
        `float64` (characters, 4) of `text_lines.TextLine`. None where a glyph cannot be
        drawn.
    """
    by_hand = face.domain == "handwriting"
    fonts = load_face(face, size), _other_font(size, rng)
    apart = rng.uniform(-0.12, 0.2) if by_hand else rng.uniform(-0.06, 0.15)
    space, loose = rng.uniform(0.25, 0.7), rng.choice([0, 0.03, 0.05]) * by_hand
    canvas = np.zeros((3 * size, int((1.6 * len(text) + 4) * size)), np.uint8)
    pen = _Pen(size, apart, space, loose)
    boxes = _write(canvas, text, fonts, pen, rng, vertical)
    return None if boxes is None else _cut_out(canvas, boxes, size, rng)


def _other_font(size, rng):
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    path = folder / f"{rng.choice(_OTHERS)}.ttf"
    return ImageFont.truetype(str(path), int(size * rng.uniform(0.75, 1)))


def _write(canvas, text, fonts, pen, rng, vertical):
    """Writes on a canvas; returns the `_Box` of each character, None if one fails."""
    put = _put_lying if vertical else _put
    x, boxes = 2.0 * pen.size, []
    for character in text:
        if character == " ":
            x += pen.space * pen.size
            continue
        font = fonts[not is_syllable(character)]
        up = pen.size + rng.normal(0, 1) * pen.loose * pen.size
        larger = rng.normal(0, 1) * pen.loose
        box = put(canvas, font, character, (x, up), larger, pen.size)
        if box is None:
            return None
        boxes.append(box)
        step = pen.size if vertical else font.getlength(character)
        x += step + (pen.apart + rng.normal(0, 1) * pen.loose) * pen.size
    return boxes


def _put(canvas, font, character, at, larger, size):
    """Draws a character on a canvas; returns its `_Box`, or None if it cannot."""
    drawn = _draw(font, character, larger)
    if drawn is None:
        return None
    ink, left, top = drawn
    return _paste(canvas, ink, round(at[0] + left), round(at[1] + top))


def _put_lying(canvas, font, character, at, larger, size):
    """Draws a character that lies, in the middle of its column, as `_put` does."""
    drawn = _draw(font, character, larger)
    if drawn is None:
        return None
    ink, left, top = drawn
    right = left + ink.shape[1] - font.getlength(character) / 2
    middle = at[1] + size / 2
    return _paste(canvas, lay_down(ink), round(at[0] + top), round(middle - right))


def _draw(font, character, larger):
    """Returns (ink, left, top) of a character from where it begins; None without."""
    try:
        left, top, _, _ = font.getbbox(character)
        ink = draw_ink(font, character)
    except GLYPH_ERRORS:
        return None
    if ink is None:
        return None
    if larger:
        scale = np.exp(larger)
        ink = cv2.resize(ink, None, fx=scale, fy=scale)
    return ink, left, top


def _paste(canvas, ink, left, top):
    """Lays ink on a canvas; returns the `_Box` of it, None if it is not all there."""
    room = canvas[max(top, 0) : top + ink.shape[0], left : left + ink.shape[1]]
    if room.shape != ink.shape or not (ink > 64).any():
        return None
    np.maximum(room, ink, out=room)
    across, down, wide, high = cv2.boundingRect((ink > 64).view(np.uint8))
    left, top = left + across, top + down
    return _Box(left, top, left + wide, top + high)


def _cut_out(canvas, placed, size, rng):
    """Cuts the line out with some margin; returns it and the ends in it."""
    boxes = np.array(placed, float)
    margin = int(size * rng.uniform(0.15, 0.9))
    start = np.maximum(boxes[:, :2].min(axis=0) - margin, 0).astype(int)
    end = boxes[:, 2:].max(axis=0).astype(int) + margin
    ink = canvas[start[1] : end[1], start[0] : end[0]]
    middle = boxes[:, [1, 3]].mean(axis=1) - start[1]
    lefts, rights = boxes[:, 0] - start[0], boxes[:, 2] - start[0]
    return ink, np.stack([lefts, middle, rights, middle], axis=1)
