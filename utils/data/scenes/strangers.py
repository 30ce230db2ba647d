"""Draws pictures that show no single Hangul syllable: other letters, words, noise."""

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from utils.data.fonts import GLYPH_ERRORS, find_faces, load_face
from utils.hangul import INITIALS, MEDIALS, ksx1001_syllables

KINDS = ("blank", "latin", "digit", "hanja", "jamo", "several", "noise")

_EM_PIXELS = 96  # font size of the letters, and side of the noise pictures
_LETTERS = {
    "latin": "".join(chr(ord(a) + i) for a in "Aa" for i in range(26)),
    "digit": "0123456789",
    "jamo": "".join(dict.fromkeys(INITIALS + MEDIALS)),
    "hanja": "".join(map(chr, range(0x4E00, 0x9FA6))),
}


def draw_strangers(folder, count, seed=0):
    """Draws pictures of all `KINDS`, none of which is one syllable.

    Args:
        folder: of fonts; each face draws letters for which it has glyphs.
        count: pictures of each kind, fewer where no face has its letters.
        seed: of the choice of letters, and of the noise.

    Returns:
        Dict, kind -> list of `uint8` (height, width), dark on white; `several` shows
        two or three syllables side by side, `noise` grain, clouds or loose lines.

    Raises:
        utils.data.families.FontError: there is no font below the folder.
    """
    faces, rng = find_faces(folder)[0], np.random.default_rng(seed)
    drawn = {kind: [] for kind in KINDS}
    tables = [_characters(face) for face in faces]
    for kind in (*_LETTERS, "several"):
        for number in _turns(kind, tables, count):
            font = load_face(faces[number], _EM_PIXELS)
            text = _choose(kind, tables[number], rng)
            picture = _draw_text(font, text)
            drawn[kind] += [] if picture is None else [picture]
    drawn["noise"] = [_NOISES[i % len(_NOISES)](rng) for i in range(count)]
    drawn["blank"] = [_draw_blank(rng) for _ in range(count)]
    return drawn


def _characters(face):
    """Returns a dict, kind -> list of its characters for which a face has glyphs."""
    with TTFont(face.path, fontNumber=face.index) as font:
        mapped = set(map(chr, font.getBestCmap() or ()))
    letters = _LETTERS | {"several": "".join(ksx1001_syllables())}
    return {kind: [c for c in each if c in mapped] for kind, each in letters.items()}


def _turns(kind, tables, count):
    """Returns the indices of the faces that draw `count` pictures in turn."""
    able = [number for number, table in enumerate(tables) if table[kind]]
    return [able[i % len(able)] for i in range(count)] if able else []


def _choose(kind, table, rng):
    """Returns a letter of a kind, or several syllables."""
    length = int(rng.integers(2, 4)) if kind == "several" else 1
    return "".join(rng.choice(table[kind], length))


def _draw_text(font, text):
    """Returns a picture of a text with a margin; None where the face draws no ink."""
    try:
        left, top, right, bottom = map(int, font.getbbox(text))
        size, edge = (right - left, bottom - top), _EM_PIXELS // 5
        if min(size) <= 0:
            return None
        canvas = Image.new("L", [side + 2 * edge for side in size], 255)
        place = (edge - left, edge - top)
        ImageDraw.Draw(canvas).text(place, text, font=font, fill=0)
    except GLYPH_ERRORS:
        return None
    picture = np.asarray(canvas)
    return picture if (picture < 128).any() else None


def _draw_blank(rng):
    """Returns blank paper, even or with a faint gradient of light."""
    level, slope = rng.integers(120, 256), rng.integers(0, 9)
    row = np.clip(level - np.linspace(0, slope, _EM_PIXELS), 0, 255)
    return np.tile(row, (_EM_PIXELS, 1)).astype(np.uint8)


def _draw_grain(rng):
    return rng.integers(0, 256, (_EM_PIXELS, _EM_PIXELS), np.uint8)


def _draw_clouds(rng):
    clouds = cv2.GaussianBlur(_draw_grain(rng), (0, 0), rng.uniform(1, 8))
    return cv2.normalize(clouds, None, 0, 255, cv2.NORM_MINMAX)


def _draw_lines(rng):
    """Returns a few random straight strokes."""
    picture = np.full((_EM_PIXELS, _EM_PIXELS), 255, np.uint8)
    for ends in rng.integers(0, _EM_PIXELS, (rng.integers(1, 10), 4)).tolist():
        cv2.line(picture, ends[:2], ends[2:], 0, int(rng.integers(1, 7)))
    return picture


_NOISES = (_draw_grain, _draw_clouds, _draw_lines)
