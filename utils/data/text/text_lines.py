"""Text + font faces -> pictures of lines of text, with where each character stands."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.data.fonts import drawn_syllables
from utils.data.text.line_photographs import photograph_line
from utils.data.text.line_writing import write_line
from utils.data.text.sprinkling import sprinkle
from utils.hangul import is_syllable
from utils.pictures.geometry import set_up, setting_up, transform

_WORD = re.compile(r"[가-힣0-9A-Za-z.,?!()~%:'\"-]+")
_LONGEST = 22  # characters of a line
_SIZES = 26, 90  # pixels an em, from and to


class TextLine(NamedTuple):
    """A picture of a line of text.

    picture: `uint8` (height, width).
    text: what it says, words with a space between them.
    ends: `float64` (characters, 4): x and y of the middle of each one's left side, then
        of its right side; in a column of its top, then of its bottom. Spaces have none.
    family: of the face.
    vertical: whether it is a column.
    """

    picture: np.ndarray
    text: str
    ends: np.ndarray
    family: str
    vertical: bool = False


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


def draw_lines(faces, words, count, rng, others=0.3, vertical=False):
    """Draws lines of text, of every family in turn.

    Args:
        faces: list of `utils.data.fonts.Face`.
        words: as `read_words` gives them; a line shows some that follow each other.
        count: how many lines.
        rng: `numpy.random.Generator`.
        others: share of lines that have characters that are no syllables, too: those
            of the words, and others among them.
        vertical: draw columns.

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
        if not known[face].issuperset(filter(is_syllable, text)):
            continue
        drawn = _line(face, text, rng, vertical)
        if drawn:
            done += 1
            yield drawn


def _some_words(words, rng, others):
    """Returns words that follow each other, a few syllables of them or many."""
    length, at, text = int(rng.integers(1, 14)), int(rng.integers(len(words))), ""
    while len(text) < length:
        word = words[at % len(words)]
        kept = sprinkle(word, rng) if others else "".join(filter(is_syllable, word))
        text, at = f"{text} {kept}".strip(), at + 1
    return text[:_LONGEST].strip()


def _line(face, text, rng, vertical):
    """Returns the `TextLine` of a text; None where a glyph cannot be drawn."""
    size = int(rng.integers(*_SIZES))
    written = write_line(face, text, size, rng, vertical)
    if written is None:
        return None
    picture, ends = photograph_line(*written, size, rng)
    line = TextLine(picture, text, ends, face.family)
    return set_up_line(line) if vertical else line


def set_up_line(line):
    """Makes a column of a line whose letters lie on their left side: a `TextLine`."""
    picture = set_up(line.picture)
    ends = transform(setting_up(picture.shape[1]), line.ends.reshape(-1, 2))
    return TextLine(picture, line.text, ends.reshape(-1, 4), line.family, True)
