"""Archives (.7z, .zip) -> files in a folder: checked first, then all or nothing."""

import os
import re
import shutil
import unicodedata
import zlib
from pathlib import Path
from typing import NamedTuple

from utils.bars import progress_bar
from utils.data.fetching.download_checks import DISK, DownloadError, one_line
from utils.data.fetching.formats import FORMATS

MAX_MEMBERS = 1_000_000
MAX_BYTES = 1 << 40  # a TiB, far above any data set of the project
MAX_RATIO = 200  # times an archive's bytes: what it may unpack to; patches take 10

_SMALL = 1 << 24  # bytes that any archive may unpack to

_CHUNK = 1 << 20  # bytes a read


class Member(NamedTuple):
    """A file of an archive: the name in it, its bytes, its CRC-32, where it goes."""

    name: str
    size: int
    crc: int
    target: str


def unpack(
    archive,
    folder,
    flat=False,
    max_members=MAX_MEMBERS,
    max_bytes=MAX_BYTES,
    max_ratio=MAX_RATIO,
    quiet=False,
):
    """Unpacks an archive into a folder, or leaves it if it is unpacked there already.

    Names, sizes, free space and every checksum are checked before a file is written;
    files are written beside the folder and moved into it when all are whole.

    Args:
        archive: path of a .7z or .zip file.
        folder: path; made if need be. Other files in it stay.
        flat: leave out the folders in the archive.
        max_members: most files that it may hold.
        max_bytes: most bytes that they may unpack to.
        max_ratio: most times its own bytes that they may, above 16 MiB.
        quiet: show no progress bar.

    Returns:
        List of the paths of its files, in the archive's order.

    Raises:
        DownloadError: the archive is none or damaged, holds a name that leaves the
            folder, a link, a name twice or too much; the disk is too small; or the
            folder holds another file under one of the names.
        OSError: the disk is full, or a folder cannot be written to.
    """
    archive, folder = Path(archive), Path(folder)
    if archive.suffix.lower() not in FORMATS:
        raise DownloadError(f"{archive} is neither .7z nor .zip.")
    listing, read = FORMATS[archive.suffix.lower()]
    listed = _guarded(archive, listing, archive)
    members = _check_members(archive, listed, flat, max_members)
    missing = _missing(archive, members, folder)
    if missing:
        allowed = max(_SMALL, max_ratio * archive.stat().st_size)
        _check_space(archive, members, folder, min(max_bytes, allowed))
        _unpack_beside(archive, read, members, missing, folder, quiet)
    return [folder / member.target for member in members]


def _guarded(archive, function, *arguments):
    """Calls a function that reads the archive; whatever fails, fails clearly."""
    try:
        return function(*arguments)
    except DownloadError:
        raise
    except Exception as error:  # the two libraries raise nearly anything on damage
        if getattr(error, "errno", None) in DISK:
            raise  # it says what is wrong, and no other download would mend it
        reason = f"{type(error).__name__}: {one_line(error)}"
        raise DownloadError(
            f"{archive} cannot be unpacked ({reason}); if it is damaged, delete it and "
            "download it again."
        ) from None


def _check_members(archive, listed, flat, max_members):
    """Returns the files as `Member`s, or refuses the archive."""
    members, seen = [], set()
    for name, size, crc, kind in listed:
        if kind == "other" or not _stays_inside(name):
            raise DownloadError(
                f"{archive} is refused: {name!r} is a link or leaves the folder; do "
                "not use this archive."
            )
        if kind == "folder":
            continue
        target = name.rsplit("/", 1)[-1] if flat else name
        # Names that differ in case or composition are one on some disks.
        key = unicodedata.normalize("NFC", target).casefold()
        if key in seen:
            raise DownloadError(f"{archive} is refused: it holds {target!r} twice.")
        seen.add(key)
        members.append(Member(name, size, crc, target))
        if len(members) > max_members:
            raise DownloadError(
                f"{archive} is refused: it holds more than {max_members:,} files."
            )
    return members


def _stays_inside(name):
    parts = name.rstrip("/").split("/")
    unsafe = re.search(r'[\\:*?"<>|\0-\x1f]', name)
    return not unsafe and not {"", ".", ".."} & set(parts)


def _missing(archive, members, folder):
    """Returns the members that the folder lacks."""
    missing = [m for m in members if not os.path.lexists(folder / m.target)]
    for member in set(members) - set(missing):
        path = folder / member.target
        same = path.is_file() and path.stat().st_size == member.size
        if not same or _crc(path) != (member.crc or 0):
            raise DownloadError(
                f"{path} is there already and is not the file of {archive.name}; move "
                "it away or choose another folder."
            )
    return missing


def _crc(path):
    crc = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc


def _check_space(archive, members, folder, max_bytes):
    total = sum(member.size for member in members)
    if total > max_bytes:
        raise DownloadError(
            f"{archive} is refused: it unpacks to {total:,} bytes, more than the "
            f"{max_bytes:,} that are allowed to one of its size."
        )
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if total > free:
        raise DownloadError(
            f"{archive} unpacks to {total:,} bytes and {folder} has {free:,} free; "
            "make room or choose another folder."
        )


def _unpack_beside(archive, read, members, missing, folder, quiet):
    """Tests the archive, unpacks it beside the folder, moves what the folder lacks."""
    total = sum(member.size for member in members)
    beside = folder.absolute().with_name(f".{folder.absolute().name}.unpacking")
    shutil.rmtree(beside, ignore_errors=True)  # of a run that was killed
    try:
        for verb, target in (("testing", None), ("unpacking", beside)):
            options = {"total": total, "unit": "B", "unit_scale": True}
            with progress_bar(
                desc=f"{verb} {archive.name}", quiet=quiet, **options
            ) as bar:
                _guarded(archive, read, archive, target, bar.update)
        for member in missing:
            target = folder / member.target
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(beside / member.name, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
