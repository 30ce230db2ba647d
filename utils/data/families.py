"""Font files -> families, by a manifest or by name table; families -> splits.

A manifest also tells the domain and, where known, the split.
"""

import csv
import hashlib
import re

try:
    from fontTools.ttLib import TTCollection, TTFont
except ImportError as error:
    raise ImportError(
        f"Fonts are read by fontTools, which cannot be imported ({error}); run pip "
        "install -r requirements.txt in KoOCR's folder."
    ) from None

MANIFEST = "manifest.tsv"
COLUMNS = ("file", "family", "domain")  # those that every row must fill
DOMAINS = ("handwriting", "printed")
SPLITS = ("train", "val")

# Files of one family may carry their weight in its name, where name 16 is missing.
_WEIGHT = re.compile(
    r"[ -]?(thin|(ultra|extra|semi|demi)?[ -]?(light|bold)|regular|medium|heavy|black)"
    "$",
    re.IGNORECASE,
)


class FontError(ValueError):
    """A font or a manifest cannot be used; the message names it and the reason."""


def read_manifest(path):
    """Reads a manifest: tab-separated text in UTF-8, a line of names above.

    Args:
        path: a `pathlib.Path`.

    Returns:
        Dict of rows, themselves dicts, by `file`; empty where there is no manifest.

    Raises:
        FontError: a row lacks a column or holds a value unknown, or a family stands in
            both splits.
    """
    if not path.is_file():
        return {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FontError(f"{path} is no UTF-8 table: {error}") from None
    for line, row in enumerate(rows, 2):
        missing = [name for name in COLUMNS if not row.get(name)]
        if missing:
            raise FontError(f"{path}, line {line}: no {', '.join(missing)}.")
        if row["domain"] not in DOMAINS or (row.get("split") or "train") not in SPLITS:
            raise FontError(
                f"{path}, line {line}: domain {row['domain']!r}, split "
                f"{row.get('split')!r}; expected {DOMAINS} and {SPLITS}."
            )
    _check_splits(rows, path)
    return {row["file"]: row for row in rows}


def family_names(path):
    """Returns the family name of every face of a file, without weight.

    Args:
        path: a `pathlib.Path`; its stem stands in for a name that is missing.

    Raises:
        Exception: nearly any, if the file is damaged.
    """
    with open(path, "rb") as file:
        is_collection = file.read(4) == b"ttcf"
    if is_collection:
        with TTCollection(path, lazy=True) as collection:
            return [_family_name(font) or path.stem for font in collection]
    with TTFont(path, lazy=True) as font:
        return [_family_name(font) or path.stem]


def split_families(faces, val_ratio, seed):
    """Returns family -> split: as the manifest says, else seeded by family's name.

    Args:
        faces: list of `utils.data.fonts.Face`.
        val_ratio: fraction of the undecided families of each domain that go to `val`;
            above 0 at least one of two or more, unless one is there already.
        seed: of the choice.
    """
    train, val = SPLITS
    splits = {face.family: face.split for face in faces if face.split}
    for domain in DOMAINS:
        names = {f.family for f in faces if f.domain == domain} - set(splits)
        # Ordered by a hash of the name, not drawn in turn: a font that joins later
        # does not move the others across the split.
        ordered = sorted(names, key=lambda name: _digest(f"{seed}/{name}".encode()))
        num_val = round(val_ratio * len(ordered))
        if val_ratio and not num_val and len(ordered) > 1:
            known = {f.split for f in faces if f.domain == domain}
            num_val = 0 if val in known else 1
        splits |= dict.fromkeys(ordered[:num_val], val)
        splits |= dict.fromkeys(ordered[num_val:], train)
    return splits


def faces_of(faces, split):
    """Returns the faces of a split, as `crawl_data.py` splits unless told otherwise.

    Args:
        faces: list of `utils.data.fonts.Face`.
        split: one of `SPLITS`.
    """
    splits = split_families(faces, 0.1, 0)
    return [face for face in faces if splits[face.family] == split]


def _family_name(font):
    """Returns the typographic family (name 16), else the family (name 1), or None."""
    if "name" not in font:
        return None
    name = font["name"].getDebugName(16) or font["name"].getDebugName(1)
    return name and (_WEIGHT.sub("", name.strip()).strip() or name)


def _check_splits(rows, path):
    """Sees to it that no family stands in both splits."""
    splits = {}
    for row in rows:
        split = row.get("split")
        if split and splits.setdefault(row["family"], split) != split:
            raise FontError(
                f"{path}: family {row['family']!r} stands in both splits; a design "
                "that is trained on must not be validated on."
            )


def _digest(data):
    return hashlib.sha256(data).hexdigest()
