"""Labelled pictures, in a folder or in a .zip -> rows, and pictures.

`labels.tsv` is tab-separated and has the columns `path` (relative to the table) and
`label`, and where wanted `set` and `group` (the writer or family). Without it the
folders that pictures lie in are called as their syllables, see `label_folders`.
"""

import unicodedata
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from utils.data.converting.label_folders import names_below, rows_of_names
from utils.data.converting.label_table import TABLE, SourceError, read_table
from utils.data.converting.picture_files import PictureFile, open_archive, read_member
from utils.pictures.opening import open_picture

_MAX_TABLE = 1 << 28  # bytes: a line each for millions of pictures


def read_labels(path, texts=False):
    """Reads the labels of a folder or a .zip of pictures.

    Args:
        path: of either.
        texts: labels may be texts of several syllables too, as of pictures of lines.

    Returns:
        (sets, locate): a dict, set -> list of rows, each a dict of `path`, `label`,
        `set` and `group`; and a function from a row's path to the `PictureFile`, which
        need not be there.

    Raises:
        SourceError: the table is missing or not in order, or nothing is there.
    """
    path = Path(path)
    if not path.exists():
        raise SourceError(
            f"{path} is not there; give a folder or a .zip of pictures, with {TABLE} "
            "or in folders called as their syllables (한/1.png)."
        )
    if path.is_dir():
        if (path / TABLE).is_file():
            sets = read_table((path / TABLE).read_bytes(), path, texts)
        else:
            sets = _read_folders(names_below(path), path)
        return sets, lambda name: PictureFile(str(_find(name, path, Path.exists)))
    try:
        with open_archive(path) as archive:
            names, known = archive.namelist(), set(archive.NameToInfo)
            # One name may stand there twice.
            tables = [n for n in names if PurePosixPath(n).name == TABLE]
            alone = len(tables) == 1
            data = read_member(archive, tables[0], _MAX_TABLE) if alone else b""
    except Exception as error:  # zipfile raises nearly anything on damage
        raise SourceError(f"{path} cannot be read ({error}).") from None
    if len(tables) > 1:
        raise SourceError(f"{path} holds {len(tables)} files {TABLE}; expected one.")
    if alone:
        folder, sets = PurePosixPath(tables[0]).parent, read_table(data, path, texts)
    else:
        folder, sets = PurePosixPath(), _read_folders(names, path)

    def locate(name):
        member = _find(name, folder, lambda place: str(place) in known)
        return PictureFile(str(path), str(member))

    return sets, locate


def has_labels(folder):
    """Tells whether a folder holds labelled pictures: a table, or folders of syllables.

    Args:
        folder: path of the folder.
    """
    folder = Path(folder)
    if (folder / TABLE).is_file():
        return True
    has_patches = any(folder.glob("*.pickle"))
    return not has_patches and bool(rows_of_names(names_below(folder), "-"))


def _read_folders(names, path):
    """Returns the rows of pictures in folders that are called as their syllables."""
    rows = rows_of_names(names, path.stem)
    if not rows:
        raise SourceError(
            f"{path} holds no {TABLE}; expected a table with tabs between the columns "
            "path and label, and where wanted set and group, or folders of pictures "
            "that are called as the syllables in them (한/1.png)."
        )
    return {path.stem: rows}


@contextmanager
def open_pictures(path, texts=False):
    """Opens a folder or a .zip of labelled pictures.

    Members of an archive are read in memory; nothing is unpacked.

    Args:
        path: of either.
        texts: as for `read_labels`.

    Yields:
        (sets, read): the sets as `read_labels` gives them, and a function from a row's
        path to bytes.

    Raises:
        SourceError: the table is missing or not in order.
    """
    sets, locate = read_labels(path, texts)
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
