"""Font faces: where they are, what family and domain they have, what they draw.

A cmap proves nothing: many faces map all 11,172 syllables and draw 2,350 of them. Nor
does ink: some draw a box or a question mark for what they lack. So every syllable is
drawn small, and a picture that repeats for many syllables counts as none.
"""

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import ImageFont

from utils.hangul import ALL_SYLLABLES

SUFFIXES = (".ttf", ".otf", ".ttc", ".woff", ".woff2")
DOMAINS = ("handwriting", "printed")
SPLITS = ("train", "val")
MANIFEST = "manifest.tsv"
MANIFEST_COLUMNS = ("file", "family", "domain")

_PROBE_SIZE = 24  # pixels: small for speed, large enough to tell syllables apart
_MAX_REPEATS = 3  # real syllables coincide at this size at most in twos and threes


class FontError(ValueError):
    """A font or a manifest cannot be used; the message names it and the reason."""


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
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        raise FontError(
            f"{folder} holds no font ({', '.join(SUFFIXES)}); put fonts there, or "
            "fetch some with crawl_data.py --fonts=true."
        )
    listed = _read_manifest(folder)
    faces, broken = [], {}
    for path in files:
        row = listed.get(path.relative_to(folder).as_posix())
        try:
            faces += _faces_of(path, folder, row)
        except (TTLibError, OSError, ValueError, KeyError, AttributeError) as error:
            broken[str(path)] = f"{type(error).__name__}: {error}"
    return faces, broken


def split_families(faces, val_ratio, seed):
    """Returns family -> split: as the manifest says, else seeded by family's name.

    Args:
        faces: list of `Face`.
        val_ratio: fraction of the undecided families of each domain that go to `val`.
        seed: of the choice.
    """
    splits = {face.family: face.split for face in faces if face.split}
    for domain in DOMAINS:
        names = {f.family for f in faces if f.domain == domain} - set(splits)
        # Ordered by a hash of the name, not drawn in turn: a font that joins later
        # does not move the others across the split.
        ordered = sorted(names, key=lambda name: _digest(f"{seed}/{name}".encode()))
        num_val = round(val_ratio * len(ordered))
        splits |= dict.fromkeys(ordered[:num_val], "val")
        splits |= dict.fromkeys(ordered[num_val:], "train")
    return splits


def load_face(face, size):
    """Returns the Pillow font of a face at `size` pixels an em.

    Raises:
        OSError: FreeType cannot read it.
    """
    # The basic layout engine: faster, and lone syllables need no shaping.
    engine = ImageFont.Layout.BASIC
    return ImageFont.truetype(face.path, size, index=face.index, layout_engine=engine)


def drawn_syllables(face, syllables=ALL_SYLLABLES):
    """Returns those of `syllables` that the face really draws.

    Left out are syllables without ink, those whose picture repeats for many, and the
    face's `wrong_glyphs`. A face is judged on all 11,172, whatever is asked of it.

    Raises:
        OSError: FreeType cannot read the face or one of its glyphs.
    """
    font = load_face(face, _PROBE_SIZE)
    pictures = {syllable: _picture(font, syllable) for syllable in ALL_SYLLABLES}
    repeats = Counter(pictures.values())
    return tuple(
        syllable
        for syllable in syllables
        if pictures[syllable] is not None
        and repeats[pictures[syllable]] <= _MAX_REPEATS
        and syllable not in face.wrong_glyphs
    )


def _picture(font, syllable):
    """Returns a digest of the small picture of a syllable; None without ink."""
    mask = font.getmask(syllable, mode="L")
    pixels = bytes(mask)
    return hash((mask.size, pixels)) if any(pixels) else None


def _read_manifest(folder):
    """Returns the manifest's rows by file; empty where there is no manifest."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for line, row in enumerate(rows, 2):
        missing = [name for name in MANIFEST_COLUMNS if not row.get(name)]
        if missing:
            raise FontError(f"{path}, line {line}: no {', '.join(missing)}.")
        if row["domain"] not in DOMAINS or (row.get("split") or "train") not in SPLITS:
            raise FontError(
                f"{path}, line {line}: domain {row['domain']!r}, split "
                f"{row.get('split')!r}; expected {DOMAINS} and {SPLITS}."
            )
    return {row["file"]: row for row in rows}


def _faces_of(path, folder, row):
    """Returns the faces of one file that has its row of the manifest, or None."""
    if row:
        wrong = frozenset((row.get("wrong_glyphs") or "").replace(" ", ""))
        facts = (row["family"], row["domain"], row.get("split") or "", wrong)
        load_face(Face(str(path)), _PROBE_SIZE)  # raises if the file is broken
        return [Face(str(path), 0, *facts)]
    parts = path.relative_to(folder).parts[:-1]
    domain = next((p for p in reversed(parts) if p in DOMAINS), "printed")
    names = _family_names(path)
    for index in range(len(names)):
        load_face(Face(str(path), index), _PROBE_SIZE)
    return [Face(str(path), i, name, domain) for i, name in enumerate(names)]


def _family_names(path):
    """Returns the family name of every face of a file, from its name table."""
    if path.suffix.lower() == ".ttc":
        with TTCollection(path, lazy=True) as collection:
            return [_family_name(font) or path.stem for font in collection]
    with TTFont(path, lazy=True) as font:
        return [_family_name(font) or path.stem]


def _family_name(font):
    """Returns the typographic family (name 16), else the family (name 1)."""
    return font["name"].getDebugName(16) or font["name"].getDebugName(1)


def _digest(data):
    return hashlib.sha256(data).hexdigest()
