"""Font faces: where they are, what family and domain they have, what they draw.

A cmap proves nothing: many faces map all 11,172 syllables and draw 2,350 of them. Nor
does ink: some draw a box or a question mark for what they lack. So every syllable is
drawn small, and a picture that repeats for many syllables counts as none.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from utils.data.families import (
    DOMAINS,
    MANIFEST,
    FontError,
    family_names,
    read_manifest,
)
from utils.data.folders import walk
from utils.hangul import ALL_SYLLABLES

SUFFIXES = (".ttf", ".otf", ".ttc", ".woff", ".woff2")
# What Pillow raises on a glyph that is damaged or larger than any picture.
GLYPH_ERRORS = (OSError, ValueError, Image.DecompressionBombError)

_PROBE_SIZE = 24  # pixels: small for speed, large enough to tell syllables apart
_MAX_REPEATS = 3  # real syllables coincide at this size at most in twos and threes


@dataclass(frozen=True)
class Face:
    """One face of a font file.

    path, index: the file, and the face's place in a collection (.ttc).
    family: what the split goes by; no design stands in both splits.
    domain: `handwriting` or `printed`.
    split: `train` or `val`, or `` to let the seeded split decide.
    wrong_glyphs: syllables that the face draws wrongly.
    """

    path: str
    index: int = 0
    family: str = ""
    domain: str = "printed"
    split: str = ""
    wrong_glyphs: frozenset = field(default=frozenset())


def find_faces(folder):
    """Lists the faces below a folder, by manifest where one lies in it.

    Folders that are linked are looked into as those that lie there.

    `manifest.tsv` (tab-separated; columns file, family, domain and, where known, split
    and wrong_glyphs) decides for the files that it names. Of the other files the family
    comes from the name table and the domain from a parent folder named `handwriting`
    or `printed` (without one: printed).

    Returns:
        (faces, broken): list of `Face` in order of path, and a dict of the files that
        cannot be read, path -> reason.

    Raises:
        FontError: there is no font below the folder, or the manifest is not in order.
    """
    folder = Path(folder)
    if folder.is_file():
        raise FontError(f"{folder} is a file; expected a folder of fonts.")
    below = (at / name for at, inner, files in walk(folder) for name in inner + files)
    files = sorted(path for path in below if path.suffix.lower() in SUFFIXES)
    if not files:
        raise FontError(
            f"{folder} holds no font ({', '.join(SUFFIXES)}); put fonts there, or "
            "fetch some with crawl_data.py --fonts=true."
        )
    listed = read_manifest(folder / MANIFEST)
    faces, broken = [], {}
    for path in files:
        row = listed.get(path.relative_to(folder).as_posix())
        try:
            faces += _faces_of(path, folder, row)
        except Exception as error:  # a damaged font raises nearly anything
            broken[str(path)] = f"{type(error).__name__}: {error}"
    return faces, broken


def load_face(face, size):
    """Returns the Pillow font of a face at `size` pixels an em.

    Args:
        face: `Face`.
        size: above 0.

    Raises:
        OSError: FreeType cannot read it.
        ValueError: `size` is 0 or less.
    """
    # The basic layout engine: faster, and lone syllables need no shaping.
    engine = ImageFont.Layout.BASIC
    return ImageFont.truetype(face.path, size, index=face.index, layout_engine=engine)


def draw_ink(font, syllable):
    """Draws a syllable in white on black, in the box of its ink and its advance.

    Args:
        font: as `load_face` gives it.
        syllable: text of one letter, of Hangul or not.

    Returns:
        `uint8` (height, width), 0 without ink to 255; None if there is no ink at all.

    Raises:
        GLYPH_ERRORS: the glyph cannot be read.
    """
    left, top, right, bottom = font.getbbox(syllable)
    if right <= left or bottom <= top:
        return None
    canvas = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(canvas).text((-left, -top), syllable, font=font, fill=255)
    ink = np.asarray(canvas)
    return ink if ink.any() else None


def drawn_syllables(face, syllables=ALL_SYLLABLES):
    """Returns those of `syllables` that the face really draws.

    Left out are syllables without ink, those whose picture repeats for many, and the
    face's `wrong_glyphs`. A face is judged on more than is asked of it: what it draws
    for a few that it lacks, it draws for hundreds of others too.

    Args:
        face: `Face`.
        syllables: sequence of those that are wanted.

    Returns:
        Tuple of syllables, in the order of `syllables`.

    Raises:
        OSError: FreeType cannot read the face, or none of its glyphs.
    """
    # An eighth of all is enough to see a picture repeat, and eight times as fast.
    probed = dict.fromkeys([*syllables, *ALL_SYLLABLES[::8]])
    pictures = _pictures(load_face(face, _PROBE_SIZE), probed)
    repeats = Counter(pictures.values())
    return tuple(
        syllable
        for syllable in syllables
        if pictures[syllable] is not None
        and repeats[pictures[syllable]] <= _MAX_REPEATS
        and syllable not in face.wrong_glyphs
    )


def _pictures(font, syllables):
    """Returns syllable -> digest, or None of what has no ink or cannot be read."""
    pictures, errors = {}, []
    for syllable in syllables:
        try:
            pictures[syllable] = _picture(font, syllable)
        except GLYPH_ERRORS as error:
            pictures[syllable] = None
            errors.append(error)
    if len(errors) == len(pictures):
        raise OSError(f"no glyph can be read: {errors[0]}")
    return pictures


def _picture(font, syllable):
    """Returns a digest of the small picture of a syllable; None without ink."""
    # Not draw_ink: this is faster where the picture is small.
    mask = font.getmask(syllable, mode="L")
    pixels = bytes(mask)
    return hash((mask.size, pixels)) if any(pixels) else None


def _faces_of(path, folder, row):
    """Returns the faces of one file that has its row of the manifest, or None."""
    if row:
        wrong = frozenset((row.get("wrong_glyphs") or "").replace(" ", ""))
        facts = (row["family"], row["domain"], row.get("split") or "", wrong)
        load_face(Face(str(path)), _PROBE_SIZE)  # raises if the file is broken
        return [Face(str(path), 0, *facts)]
    parts = path.relative_to(folder).parts[:-1]
    domain = next((p for p in reversed(parts) if p in DOMAINS), "printed")
    names = family_names(path)
    for index in range(len(names)):
        load_face(Face(str(path), index), _PROBE_SIZE)
    return [Face(str(path), i, name, domain) for i, name in enumerate(names)]
