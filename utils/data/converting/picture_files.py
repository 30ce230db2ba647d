"""Pictures by name, in folders and in .zip archives that nobody unpacked."""

import os
import zipfile
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from utils.pictures.opening import open_picture

_MAX_BYTES = 64 << 20  # of a member of an archive: more is no picture

SUFFIXES = (".png", ".jpg", ".jpeg")
_UTF8 = 0x800  # flag of a member whose name is UTF-8; others should be code page 437


class PictureFile(NamedTuple):
    """Where a picture lies: a file, or a member of a .zip file ('' if none)."""

    path: str
    member: str = ""

    def mark(self):
        """Returns what changes with the picture, without reading it: a tuple.

        Of a member of an archive its checksum, of a file its size and its time.

        Raises:
            Exception: nearly any, where it is not there or its archive is damaged.
        """
        if self.member:
            return (_checksums(self.path)[self.member],)
        facts = os.stat(self.path)
        return facts.st_size, facts.st_mtime_ns

    def read(self):
        """Returns the PIL image, in the mode that it was saved in.

        Raises:
            ValueError: it is no picture, see `open_picture`.
            Exception: nearly any other, where its archive is damaged.
        """
        if self.member:
            return open_picture(read_member(_archive(self.path), self.member))
        return open_picture(self.path)


def find_pictures(root, folders):
    """Finds the pictures in folders of certain names, anywhere below a folder.

    A picture at the top of an archive counts as in a folder of the archive's name. What
    lies on the disk goes before what lies in an archive.

    Args:
        root: path of the folder to look in.
        folders: the names.

    Returns:
        Dict of `PictureFile` by the picture's name without suffix.

    Raises:
        zipfile.BadZipFile: an archive is damaged; the message names it.
    """
    found = {}
    for directory, _, files in sorted(os.walk(root)):
        if Path(directory).name in folders:
            for name in sorted(files):
                _add(found, name, PictureFile(os.path.join(directory, name)))
    for path in sorted(Path(root).rglob("*.zip")):
        for member in _names(path):
            parts = PurePosixPath(member).parts
            if (parts[-2] if len(parts) > 1 else path.stem) in folders:
                _add(found, parts[-1], PictureFile(str(path), member))
    return found


def open_archive(path):
    """Opens a .zip whose names may be in another encoding than they say.

    Korean Windows writes names in its own code page, CP949, and a Mac in UTF-8 without
    a word: either would be read as code page 437 (한 as ╟╤). Some write backslashes.
    Members have both names, as they are read and as they are meant.

    Args:
        path: of the file.

    Returns:
        `zipfile.ZipFile`, to be closed by the caller.

    Raises:
        Exception: nearly any, where it is no archive or damaged.
    """
    archive = zipfile.ZipFile(path)
    for member in archive.infolist():
        name = member.filename if member.flag_bits & _UTF8 else _decode(member.filename)
        name = name.replace("\\", "/")
        if name != member.filename and name not in archive.NameToInfo:
            member.filename = name
            archive.NameToInfo[name] = member
    return archive


def _decode(name):
    """Returns a name that was read as code page 437 as what it is."""
    if name.isascii():
        return name
    for encoding in ("utf-8", "cp949"):
        try:
            return name.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return name


def read_member(archive, name, max_bytes=0):
    """Returns the bytes of a member of an archive, if they are not too many.

    Args:
        archive: open `zipfile.ZipFile`.
        name: of the member.
        max_bytes: most that it may unpack to; 0: what a picture may.

    Raises:
        ValueError: the member is too large.
        Exception: nearly any other, where the archive is damaged.
    """
    member, limit = archive.getinfo(name), max_bytes or _MAX_BYTES
    if member.file_size > limit:
        raise ValueError(
            f"{name} unpacks to {member.file_size:,} bytes; expected {limit:,} at most"
        )
    return archive.read(member)


def close_archives():
    """Closes the archives that `PictureFile.read` keeps open for its next call."""
    _archive.cache_clear()
    _checksums.cache_clear()


# Kept open: a directory of half a million members takes seconds to read.
@lru_cache(maxsize=8)
def _archive(path):
    return open_archive(path)


# Of all archives of a set, which would not all stay open.
@cache
def _checksums(path):
    """Returns name -> checksum of the members of an archive."""
    with open_archive(path) as archive:
        return {name: member.CRC for name, member in archive.NameToInfo.items()}


def _names(path):
    try:
        with open_archive(path) as archive:
            return archive.namelist()
    except zipfile.BadZipFile as error:
        raise zipfile.BadZipFile(f"{path}: {error}") from None


def _add(found, name, file):
    name = Path(name)
    if name.suffix.lower() in SUFFIXES:
        found.setdefault(name.stem, file)
