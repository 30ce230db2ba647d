"""The table that names pictures and says what they show: `labels.tsv` -> rows."""

import codecs
import csv
import io
import re
import unicodedata
import warnings
from pathlib import PurePosixPath

from utils.data.patch_contents import MAX_TEXT
from utils.hangul import is_syllable

TABLE = "labels.tsv"
COLUMNS = ("path", "label", "set", "group")  # others are passed over

_DRIVE = re.compile("[A-Za-z]:")


class SourceError(ValueError):
    """A data path cannot be used; the message names it and the reason."""


def read_table(data, path, texts=False):
    """Reads a table of labels.

    Args:
        data: its bytes: UTF-8, or as Excel on Windows saves it.
        path: `pathlib.Path` of the folder or archive it is in, for messages; its name
            is that of the set of rows that name none.
        texts: labels may be texts of several syllables too.

    Returns:
        Dict, set -> list of rows in order, each a dict of `path`, `label`, `set` and
        `group`.

    Raises:
        SourceError: it is not in order.

    Warns:
        UserWarning: it has columns that nothing reads, and none of groups.
    """
    try:
        lines = io.StringIO(_decode(data), newline="")
        reader = csv.DictReader(lines, delimiter="\t", strict=True)
        reader.fieldnames = list(map(_column, reader.fieldnames or []))
        rows = list(reader)
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
    _warn_of_columns(rows[0], path)
    sets, lines = {}, {}
    for line, row in enumerate(rows, 2):
        where = f"{path}: {TABLE}, line {line}"
        row = _check_row(row, where, path.stem, texts)
        first, label = lines.setdefault((row["set"], row["path"]), (line, row["label"]))
        if label != row["label"]:
            raise SourceError(
                f"{where}: {row['path']} is {row['label']}, and {label} in line "
                f"{first}; leave one of the two."
            )
        # What is listed twice counts once.
        sets.setdefault(row["set"], {})[tuple(row.values())] = row
    return {name: list(rows.values()) for name, rows in sets.items()}


def _column(name):
    """Returns a column's name as it is known, however it is capitalised."""
    plain = name.strip().lower()
    return plain if plain in COLUMNS else name


def _warn_of_columns(row, path):
    """Warns of columns that nothing reads, where one may tell the writers."""
    others = [str(name) for name in row if name not in COLUMNS and name]
    if others and "group" not in row:
        warnings.warn(
            f"{path}: {TABLE}: nothing reads the column {', '.join(others)}; a writer "
            "or family is told by a column called group.",
            stacklevel=2,
        )


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


def _check_row(row, where, default_set, texts):
    """Returns a row with a path, a syllable (or a text), a set and a group."""
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
    label = unicodedata.normalize("NFC", row["label"]).strip()
    if not (texts or is_syllable(label)):
        hint = " Texts are for lines." if len(label) > 1 else ""
        raise SourceError(f"{where}: the label {label!r} is no Hangul syllable.{hint}")
    name = row.get("set") or default_set
    group = row.get("group") or name
    if len(group) > MAX_TEXT:  # which no patch takes
        raise SourceError(
            f"{where}: the group has {len(group)} characters; expected {MAX_TEXT} at "
            "most."
        )
    return {"path": row["path"], "label": label, "set": name, "group": group}
