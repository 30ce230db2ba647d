"""SHA-256 of downloads: recorded the first time, compared ever after.

The record is `SHA256SUMS` beside the files, as `sha256sum --check` reads it. Whoever
knows a hash from elsewhere writes its line there before the download.
"""

import hashlib
import re
import threading
from pathlib import Path

from utils.data.atomic import write_atomically

RECORD = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_CHUNK = 1 << 20  # bytes a read
_lock = threading.Lock()  # fonts are fetched by several threads into one folder


class ChecksumError(ValueError):
    """A file is not the one that was recorded; the message says what to do."""


def check_recorded(path, name=None):
    """Compares a file with the record beside it, if it is in there.

    Args:
        path: the file.
        name: that it goes by in the record; None: its own.

    Raises:
        ChecksumError: it differs.
        OSError: the file or the record cannot be read.
    """
    path = Path(path)
    name = name or path.name
    expected = _read(path.parent / RECORD).get(name)
    if expected is None:
        return
    found = file_digest(path)
    if found != expected:
        raise ChecksumError(
            f"{name} has the SHA-256 {found}, and {path.parent / RECORD} says "
            f"{expected}: it is damaged, or not the file that came first. Delete the "
            "file and fetch it again; if a newer one is wanted, delete its line there."
        )


def record(path):
    """Notes the SHA-256 of a file beside it, if it is not noted yet.

    Raises:
        OSError: the file cannot be read, or the record not be written.
    """
    path = Path(path)
    with _lock:
        lines = _read(path.parent / RECORD)
        if path.name in lines:
            return
        lines[path.name] = file_digest(path)
        text = "".join(f"{each}  {name}\n" for name, each in sorted(lines.items()))
        write_atomically(path.parent / RECORD, text.encode())


def file_digest(path):
    """Returns the SHA-256 of a file in hexadecimal, read piece by piece."""
    state = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()


def _read(path):
    """Returns file name -> hash; empty where nothing is recorded."""
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    matches = map(_LINE.fullmatch, text.splitlines())
    return {match.group(2): match.group(1) for match in matches if match}
