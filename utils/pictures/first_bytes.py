"""The first bytes of a file, and what they say of one that is no picture."""

import os
from typing import IO

from utils.kinds import FilePath

_NO_PICTURE = "not a picture that Pillow can read"
_STRANGERS = {
    b"%PDF": "a PDF, no picture; save its pages as PNG or JPEG",
    b"PK\x03\x04": "an archive or an office document, no picture; take those out of it",
    b"<svg": "an SVG drawing, no picture; save it as PNG",
    b"<!DO": "a web page, no picture; save the picture that is in it",
    b"<htm": "a web page, no picture; save the picture that is in it",
}


def first_bytes(source: FilePath | IO[bytes], count: int) -> bytes:
    """Returns the first bytes of a file; none of what is no file.

    Args:
        source: a path, or a file that can seek. What gives its bytes once, as a pipe
            does, is not asked for them again.
        count: how many, at most.
    """
    if not isinstance(source, (str, os.PathLike)):
        source.seek(0)
        return source.read(count)
    if not os.path.isfile(source):
        return b""
    with open(source, "rb") as file:
        return file.read(count)


def name_stranger(source: FilePath | IO[bytes]) -> str:
    """Says what a file is that Pillow does not read.

    Args:
        source: as for `first_bytes`.
    """
    head = first_bytes(source, 4)
    return _STRANGERS.get(head if head != b"<HTM" else b"<htm", _NO_PICTURE)
