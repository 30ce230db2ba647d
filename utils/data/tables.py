"""Pictures with a table of labels, in a folder or in a .zip -> rows, and pictures.

`labels.tsv` is tab-separated and has the columns `path` (relative to the table) and
`label`, and where wanted `set` and `group` (the writer or family).
"""

import codecs
import csv
import io
import re
import unicodedata
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from utils.data.patch_contents import MAX_TEXT
from utils.data.picture_files import PictureFile, open_archive, read_member
from utils.hangul import is_syllable
from utils.pictures.opening import open_picture

TABLE = "labels.tsv"

_DRIVE = re.compile("[A-Za-z]:")
_MAX_TABLE = 1 << 28  # bytes: a line each for millions of pictures


class SourceError(ValueError):
    """A data path cannot be used; the message names it and the reason."""


def read_labels(path):
    """Reads the table of a folder or a .zip of pictures.

    Args:
        path: of either.

    Returns:
        (sets, locate): a dict, set -> list of rows, each a dict of `path`, `label`,
        `set` and `group`; and a function from a row's path to the `PictureFile`, which
        need not be there.

    Raises:
        SourceError: the table is missing or not in order.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / TABLE).is_file():
            raise SourceError(
                f"{path} holds no {TABLE}; expected a table with tabs between the "
                "columns path and label, and where wanted set and group."
            )
        sets = _read_table((path / TABLE).read_bytes(), path)
        return sets, lambda name: PictureFile(str(_find(name, path, Path.exists)))
    try:
        with open_archive(path) as archive:
            names = archive.namelist()  # one name may stand there twice
            tables = [n for n in names if PurePosixPath(n).name == TABLE]
            alone = len(tables) == 1
            data = read_member(archive, tables[0], _MAX_TABLE) if alone else b""
    except Exception as error:  # zipfile raises nearly anything on damage
        raise SourceError(f"{path} cannot be read ({error}).") from None
    if not alone:
        raise SourceError(f"{path} holds {len(tables)} files {TABLE}; expected one.")
    folder, names = PurePosixPath(tables[0]).parent, set(names)

    def locate(name):
        member = _find(name, folder, lambda place: str(place) in names)
        return PictureFile(str(path), str(member))

    return _read_table(data, path), locate


@contextmanager
def open_pictures(path):
    """Opens a folder or a .zip of pictures that holds a `labels.tsv`.

    Members of an archive are read in memory; nothing is unpacked.

    Args:
        path: of either.

    Yields:
        (sets, read): the sets as `read_labels` gives them, and a function from a row's
        path to bytes.

    Raises:
        SourceError: the table is missing or not in order.
    """
    sets, locate = read_labels(path)
    if Path(path).is_dir():
        yield sets, lambda name: Path(locate(name).path).read_bytes()
        return
    with open_archive(path) as archive:
        yield sets, lambda name: read_member(archive, locate(name).member)


def decode(read, path):
    """Decodes a picture.

    Args:
        read: function from a path to bytes, as `open_pictures` gives it.
        path: of the picture, in its table.

    Returns:
        PIL image.

    Raises:
        ValueError: there is no such file, or it is no picture.
    """
    try:
        data = read(path)
    except (KeyError, FileNotFoundError):
        raise ValueError("there is no such file.") from None
    except Exception as error:  # a damaged archive raises nearly anything
        raise ValueError(f"the picture cannot be read ({error}).") from None
    return open_picture(data)


def _read_table(data, path):
    """Returns the rows of the table by set, in order of appearance."""
    try:
        lines = io.StringIO(_decode(data), newline="")
        rows = list(csv.DictReader(lines, delimiter="\t", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"{path}: {TABLE} is no table of text ({error}); save it as UTF-8, with "
            "tabs between the columns."
        ) from None
    if not rows:
        raise SourceError(f"{path}: {TABLE} lists no picture.")
    missing = [name for name in ("path", "label") if name not in rows[0]]
    if missing:
        raise SourceError(
            f"{path}: {TABLE} has no column {' and no column '.join(missing)}; its "
            f"first line is {' | '.join(map(str, rows[0]))!r}, expected path and label "
            "with a tab between them."
        )
    sets, lines = {}, {}
    for line, row in enumerate(rows, 2):
        where = f"{path}: {TABLE}, line {line}"
        row = _check_row(row, where, path.stem)
        first, label = lines.setdefault((row["set"], row["path"]), (line, row["label"]))
        if label != row["label"]:
            raise SourceError(
                f"{where}: {row['path']} is {row['label']}, and {label} in line "
                f"{first}; leave one of the two."
            )
        sets.setdefault(row["set"], []).append(row)
    return sets


def _decode(data):
    """Returns the text of a table: UTF-8, or what Excel makes of it on Windows."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return data.decode("cp949")
        except UnicodeDecodeError:
            raise error from None


def _check_row(row, where, default_set):
    """Returns a row with a path, a syllable, a set and a group."""
    missing = [name for name in ("path", "label") if not row.get(name)]
    if missing:
        raise SourceError(f"{where}: no {' and no '.join(missing)}.")
    for name, value in row.items():
        if "\n" in (value if isinstance(value, str) else ""):
            raise SourceError(
                f"{where}: a quotation mark makes several lines one {name}; leave it "
                "out, or double it and put the value in quotation marks."
            )
    place = PurePosixPath(row["path"].replace("\\", "/"))
    # Everywhere what leaves the folder anywhere: C:x.png does on Windows.
    if place.is_absolute() or ".." in place.parts or _DRIVE.match(row["path"]):
        raise SourceError(f"{where}: {row['path']!r} leaves the folder.")
    label = unicodedata.normalize("NFC", row["label"])
    if not is_syllable(label):
        raise SourceError(f"{where}: the label {label!r} is no Hangul syllable.")
    name = row.get("set") or default_set
    group = row.get("group") or name
    if len(group) > MAX_TEXT:  # which no patch takes
        raise SourceError(
            f"{where}: the group has {len(group)} characters; expected {MAX_TEXT} at "
            "most."
        )
    return {"path": row["path"], "label": label, "set": name, "group": group}


def _find(name, folder, exists):
    """Returns where a picture lies: as it is called, or spelt as elsewhere.

    A Mac writes 한 as three jamo (NFD) into archives, and Windows backslashes into
    tables.
    """
    for spelt in (name, name.replace("\\", "/")):
        for form in (None, "NFC", "NFD"):
            place = folder / (unicodedata.normalize(form, spelt) if form else spelt)
            if exists(place):
                return place
    return folder / name
