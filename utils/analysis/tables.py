"""Pictures with a table of labels, in a folder or in a .zip -> rows, and pictures.

`labels.tsv` is tab-separated and has the columns `path` (relative to the table) and
`label`, and where wanted `set` and `group` (the writer or family).
"""

import csv
import io
import unicodedata
import zipfile
from contextlib import contextmanager
from pathlib import PurePosixPath

from PIL import Image

from utils.hangul import is_syllable

TABLE = "labels.tsv"

_MAX_BYTES = 64 * 2**20  # of one picture in an archive: more is no syllable
_DAMAGED = (OSError, SyntaxError, RuntimeError, ValueError, EOFError)
_DAMAGED += (zipfile.BadZipFile, zipfile.LargeZipFile, Image.DecompressionBombError)


class SourceError(ValueError):
    """A data path cannot be used; the message names it and the reason."""


@contextmanager
def open_pictures(path):
    """Opens a folder or a .zip of pictures that holds a `labels.tsv`.

    Members of an archive are read in memory; nothing is unpacked.

    Args:
        path: `pathlib.Path` of either.

    Yields:
        (sets, read): a dict, set -> list of rows, each a dict of `path`, `label`,
        `set` and `group`; and a function from a row's path to bytes.

    Raises:
        SourceError: the table is missing or not in order.
    """
    if path.is_dir():
        data = (path / TABLE).read_bytes()
        yield _read_table(data, path), lambda name: (path / name).read_bytes()
        return
    try:
        archive = zipfile.ZipFile(path)
        tables = [n for n in archive.namelist() if PurePosixPath(n).name == TABLE]
        data = archive.read(tables[0]) if len(tables) == 1 else b""
    except _DAMAGED as error:
        raise SourceError(f"{path} cannot be read ({error}).") from None
    with archive:
        if len(tables) != 1:
            raise SourceError(
                f"{path} holds {len(tables)} files {TABLE}; expected one."
            )
        folder = PurePosixPath(tables[0]).parent
        yield _read_table(data, path), lambda name: _read(archive, folder / name)


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
        image = Image.open(io.BytesIO(read(path)))
        image.load()
    except (KeyError, FileNotFoundError):
        raise ValueError("there is no such file.") from None
    except _DAMAGED as error:
        raise ValueError(f"the picture cannot be read ({error}).") from None
    return image


def _read(archive, path):
    """Returns the bytes of a member."""
    member = archive.getinfo(str(path))
    if member.file_size > _MAX_BYTES:
        raise ValueError(f"{member.file_size} bytes are too many for a syllable")
    return archive.read(member)


def _read_table(data, path):
    """Returns the rows of the table by set, in order of appearance."""
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: {TABLE} is no UTF-8 table ({error}).") from None
    if not rows:
        raise SourceError(f"{path}: {TABLE} lists no picture.")
    sets = {}
    for line, row in enumerate(rows, 2):
        row = _check_row(row, f"{path}: {TABLE}, line {line}", path.stem)
        sets.setdefault(row["set"], []).append(row)
    return sets


def _check_row(row, where, default_set):
    """Returns a row with a path, a syllable, a set and a group."""
    missing = [name for name in ("path", "label") if not row.get(name)]
    if missing:
        raise SourceError(f"{where}: no {' and no '.join(missing)}.")
    place = PurePosixPath(row["path"])
    if place.is_absolute() or ".." in place.parts:
        raise SourceError(f"{where}: {row['path']!r} leaves the folder.")
    label = unicodedata.normalize("NFC", row["label"])
    if not is_syllable(label):
        raise SourceError(f"{where}: the label {label!r} is no Hangul syllable.")
    name = row.get("set") or default_set
    group = row.get("group") or name
    return {"path": row["path"], "label": label, "set": name, "group": group}
