"""Text + font faces -> pictures of lines of text, with where each character stands."""

import re
from pathlib import Path
from typing import NamedTuple

import cv2
import matplotlib
import numpy as np
from PIL import ImageFont

from utils.data.fonts import GLYPH_ERRORS, draw_ink, drawn_syllables, load_face
from utils.data.line_photographs import photograph_line
from utils.hangul import is_syllable

# Hangul faces rarely have them: figures, Latin letters and marks are drawn by these,
# which come with matplotlib.
_OTHERS = ("Sans", "Sans-Bold", "Serif", "SansMono", "Sans-Oblique", "Serif-Italic")
_WORD = re.compile(r"[가-힣0-9A-Za-z.,?!()~%:'\"-]+")
_LONGEST = 22  # characters of a line
_SIZES = 26, 90  # pixels an em, from and to


class TextLine(NamedTuple):
    """A picture of a line of text.

    picture: `uint8` (height, width).
    text: what it says, words with a space between them.
    ends: `float64` (characters, 4): x and y of the middle of each one's left side, then
        of its right side; spaces have none.
    family: of the face.
    """

    picture: np.ndarray
    text: str
    ends: np.ndarray
    family: str


class _Placed(NamedTuple):
    """A character on a canvas: its ink's box in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def read_words(path):
    """Returns the words of a text file in UTF-8 that hold a syllable, in order.

    Words with other characters than syllables, Latin letters, figures and common marks
    are passed over, as are those without any syllable.

    Args:
        path: of the file.

    Raises:
        ValueError: it is no such text, or has no word.
        OSError: it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error}.") from None
    words = [w for w in text.split() if _WORD.fullmatch(w) and any(map(is_syllable, w))]
    if not words:
        raise ValueError(f"{path} has no word in Hangul; expected Korean text.")
    return words


def draw_lines(faces, words, count, rng, others=0.3):
    """Draws lines of text, of every family in turn.

    Args:
        faces: list of `utils.data.fonts.Face`.
        words: as `read_words` gives them; a line shows some that follow each other.
        count: how many lines.
        rng: `numpy.random.Generator`.
        others: share of lines that keep characters that are no syllables.

    Yields:
        `TextLine`. A face that lacks a syllable of a line gives its turn up.

    Raises:
        OSError: FreeType cannot read a face.
        ValueError: no face draws any of the lines.
    """
    families = sorted({face.family for face in faces})
    by_family = {f: [face for face in faces if face.family == f] for f in families}
    needed = sorted({c for word in words for c in word if is_syllable(c)})
    known, done, tries = {}, 0, 0
    while done < count:
        if tries > 100 * count:
            raise ValueError("The faces draw too few of the text's syllables.")
        some = by_family[families[tries % len(families)]]
        face, tries = some[rng.integers(len(some))], tries + 1
        text = _some_words(words, rng, rng.random() < others)
        if face not in known:
            known[face] = set(drawn_syllables(face, needed))
        drawn = known[face].issuperset(filter(is_syllable, text)) and _line(
            face, text, rng
        )
        if drawn:
            done += 1
            yield drawn


def _some_words(words, rng, others):
    """Returns words that follow each other, a few syllables of them or many."""
    length, at, text = int(rng.integers(1, 14)), int(rng.integers(len(words))), ""
    while len(text) < length:
        word = words[at % len(words)]
        kept = word if others else "".join(filter(is_syllable, word))
        text, at = f"{text} {kept}".strip(), at + 1
    return text[:_LONGEST].strip()


def _line(face, text, rng):
    """Returns the `TextLine` of a text; None where a glyph cannot be drawn."""
    size = int(rng.integers(*_SIZES))
    ink, placed = _write(face, text, size, rng)
    if placed is None:
        return None
    picture, ends = photograph_line(*_cut_out(ink, placed, size, rng), size, rng)
    return TextLine(picture, text, ends, face.family)


def _write(face, text, size, rng):
    """Writes a text by a face, as loosely as hands do if it is one.

    Returns:
        (ink, placed): `uint8` (height, width), 0 to 255, ink; and a list of `_Placed`,
        or None where a glyph cannot be drawn.
    """
    by_hand = face.domain == "handwriting"
    fonts = load_face(face, size), _other_font(size, rng)
    apart = rng.uniform(-0.12, 0.2) if by_hand else rng.uniform(-0.06, 0.15)
    space, loose = rng.uniform(0.25, 0.7), rng.choice([0, 0.03, 0.05]) * by_hand
    canvas = np.zeros((3 * size, int((1.6 * len(text) + 4) * size)), np.uint8)
    x, placed = 2.0 * size, []
    for character in text:
        if character == " ":
            x += space * size
            continue
        font = fonts[not is_syllable(character)]
        up = size + rng.normal(0, 1) * loose * size
        box = _put(canvas, font, character, x, up, rng.normal(0, 1) * loose)
        if box is None:
            return canvas, None
        placed.append(box)
        x += font.getlength(character) + (apart + rng.normal(0, 1) * loose) * size
    return canvas, placed


def _other_font(size, rng):
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    path = folder / f"DejaVu{rng.choice(_OTHERS)}.ttf"
    return ImageFont.truetype(str(path), int(size * rng.uniform(0.75, 1)))


def _put(canvas, font, character, x, y, larger):
    """Draws a character on a canvas; returns its `_Placed`, or None if it cannot."""
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
    left, top = round(x + left), round(y + top)
    room = canvas[max(top, 0) : top + ink.shape[0], left : left + ink.shape[1]]
    if room.shape != ink.shape or not (ink > 64).any():
        return None
    np.maximum(room, ink, out=room)
    across, down, wide, high = cv2.boundingRect((ink > 64).view(np.uint8))
    left, top = left + across, top + down
    return _Placed(left, top, left + wide, top + high)


def _cut_out(canvas, placed, size, rng):
    """Cuts the line out with some margin; returns it and the `ends` in it."""
    boxes = np.array(placed, float)
    margin = int(size * rng.uniform(0.15, 0.9))
    start = np.maximum(boxes[:, :2].min(axis=0) - margin, 0).astype(int)
    end = boxes[:, 2:].max(axis=0).astype(int) + margin
    ink = canvas[start[1] : end[1], start[0] : end[0]]
    middle = boxes[:, [1, 3]].mean(axis=1) - start[1]
    lefts, rights = boxes[:, 0] - start[0], boxes[:, 2] - start[0]
    return ink, np.stack([lefts, middle, rights, middle], axis=1)
