"""HangulDB's .hgu1 files -> pictures: PE92, SERI95a and HanDB, handwritten.

Format, as https://github.com/callee2006/HangulDB describes it and its DisplayHGU1.cpp
reads it: eight bytes, "HGU1" and spaces; then picture after picture, each of a header
of six bytes (KS X 1001 code of the syllable in two, width, height, kind of pixels, one
reserved) and width x height grey levels, row by row. A syllable has a file.
"""

import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.hangul import is_syllable

SUFFIX = ".hgu1"

_MAGIC = b"HGU1"
_START = 8  # bytes before the first picture
_HEADER = struct.Struct("2sBBBB")
_GREY = 0  # the kind of pixels that the sets have; 1 would be floats


class Hgu1Error(ValueError):
    """An .hgu1 file cannot be used; the message names it and the reason."""


class Hgu1Picture(NamedTuple):
    """Where a picture lies: the file, and the byte that its header begins at."""

    path: str
    offset: int

    def read(self):
        """Returns the picture, `uint8` (height, width).

        Raises:
            Hgu1Error: the file ends before the picture does.
            OSError: the file cannot be read.
        """
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            _, width, height, _ = _read_header(file, self.path)
            data = file.read(width * height)  # 65,025 bytes at the most
        if len(data) < width * height:
            raise Hgu1Error(f"{self.path} ends in the middle of a picture.")
        return np.frombuffer(data, np.uint8).reshape(height, width)


def list_hgu1(path):
    """Lists the pictures of a file; only headers are read.

    Args:
        path: of the .hgu1 file.

    Returns:
        (pictures, illegal): list of (syllable, `Hgu1Picture`) in order, and a line on
        each picture whose code is no Hangul syllable.

    Raises:
        Hgu1Error: the file is none, is damaged, or holds pixels that are no bytes.
        OSError: it cannot be read.
    """
    pictures, illegal, size = [], [], os.path.getsize(path)
    with open(path, "rb") as file:
        if file.read(_START)[: len(_MAGIC)] != _MAGIC:
            raise Hgu1Error(f"{path} is no .hgu1 file: it does not begin with HGU1.")
        while (offset := file.tell()) < size:
            syllable, width, height, kind = _read_header(file, path)
            if kind != _GREY or not width * height:
                raise Hgu1Error(
                    f"{path}: the picture at byte {offset:,} is of kind {kind}, "
                    f"{width} x {height}; expected grey levels (kind {_GREY}). The "
                    "file is damaged; download it again."
                )
            if file.seek(width * height, os.SEEK_CUR) > size:
                raise Hgu1Error(
                    f"{path} ends in the middle of the picture at byte {offset:,}; "
                    "download it again."
                )
            if syllable is None:
                illegal.append(f"{Path(path).name}, byte {offset}, has another code")
            else:
                pictures.append((syllable, Hgu1Picture(str(path), offset)))
    return pictures, illegal


def _read_header(file, path):
    """Returns (syllable or None, width, height, kind) and stands before the pixels."""
    data = file.read(_HEADER.size)
    if len(data) < _HEADER.size:
        raise Hgu1Error(f"{path} ends in the middle of a header; download it again.")
    code, width, height, kind, _ = _HEADER.unpack(data)
    text = code.decode("cp949", errors="replace")
    return text if is_syllable(text) else None, width, height, kind
