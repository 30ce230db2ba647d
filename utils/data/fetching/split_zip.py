"""A .zip in several parts (.z01, .z02, ..., .zip) -> one file for zipfile to read.

Format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.12, 4.3.16 and 8.5: an entry of the
directory, which the last part ends with, says in which part its file begins, and where
in that part. Read as one file, the parts need a directory that counts from its start.
"""

import io
import struct
import zipfile
from pathlib import Path

_END = struct.Struct("<4s4H2LH")  # the end of the directory, before its comment
_ENTRY = struct.Struct("<4s6H3L5H2L")  # an entry, before its name, extra and comment
_WIDE = 0xFFFFFFFF  # stands in for numbers that only ZIP64 holds
_LONGEST_END = _END.size + 0xFFFF
_MAX_PARTS = 999


def zip_parts(path):
    """Returns the parts of a .zip in order: .z01, .z02, ... and itself.

    Raises:
        zipfile.BadZipFile: there are more than a thousand.
    """
    path, parts = Path(path), []
    stem = path.with_suffix("")
    while (part := _part(stem, len(parts) + 1)) is not None:
        parts.append(part)
        if len(parts) > _MAX_PARTS:
            raise zipfile.BadZipFile(f"{path} has more than {_MAX_PARTS} parts")
    return [*parts, path]


def _part(stem, number):
    names = (stem.with_name(f"{stem.name}.{z}{number:02}") for z in "zZ")
    return next((name for name in names if name.is_file()), None)


def open_zip(path):
    """Opens a .zip, of one part or of several.

    Returns:
        `zipfile.ZipFile`; nothing is copied or joined on the disk.

    Raises:
        zipfile.BadZipFile: the archive is damaged, a part lacks, or it needs ZIP64.
        OSError: a part cannot be read.
    """
    parts = zip_parts(path)
    if len(parts) == 1:
        return zipfile.ZipFile(path)
    joined = _Joined(parts)
    place, directory = _absolute_directory(joined, parts)
    return zipfile.ZipFile(io.BufferedReader(_Joined(parts, place, directory)))


class _Joined(io.RawIOBase):
    """Files read one after the other, whose bytes from `place` on are replaced."""

    def __init__(self, paths, place=None, tail=b""):
        super().__init__()
        self._files = [open(path, "rb") for path in paths]
        self.starts = [0]
        for file in self._files:
            self.starts.append(self.starts[-1] + file.seek(0, io.SEEK_END))
        self._cut = self.starts[-1] if place is None else place
        self._tail, self._at = tail, 0

    @property
    def size(self):
        return self._cut + len(self._tail)

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._at

    def seek(self, offset, whence=io.SEEK_SET):
        base = (0, self._at, self.size)[whence]
        if base + offset < 0:
            raise OSError(f"{base + offset} lies before the archive")
        self._at = base + offset
        return self._at

    def readinto(self, buffer):
        data = self._bytes(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def read_at(self, place, count):
        """Returns `count` bytes from a place on, fewer where the archive ends."""
        self.seek(place)
        data = b""
        while len(data) < count and (more := self.read(count - len(data))):
            data += more
        return data

    def _bytes(self, count):
        """Returns up to `count` bytes from here, of one file."""
        if self._at >= self._cut:
            start = self._at - self._cut
            return self._tail[start : start + count]
        part = sum(start <= self._at for start in self.starts) - 1
        file, end = self._files[part], min(self.starts[part + 1], self._cut)
        file.seek(self._at - self.starts[part])
        return file.read(min(count, end - self._at))

    def close(self):
        for file in self._files:
            file.close()
        super().close()


def _absolute_directory(joined, parts):
    """Returns (place, bytes): where the directory begins, and one without parts."""
    with joined:
        tail = joined.read_at(max(0, joined.size - _LONGEST_END), _LONGEST_END)
        found = tail.rfind(b"PK\5\6")
        if found < 0 or len(tail) - found < _END.size:
            raise zipfile.BadZipFile(f"{parts[-1]} is no end of a .zip file")
        end = _END.unpack_from(tail, found)
        _, disk, first, _, count, size, offset, _ = end
        if disk != len(parts) - 1:
            raise zipfile.BadZipFile(
                f"{parts[-1]} is part {disk + 1}, and {len(parts)} parts are there"
            )
        place = _place(joined.starts, first, offset)
        # The directory lies between its place and its end, which bounds its size.
        if place + size > joined.size - len(tail) + found:
            raise zipfile.BadZipFile("the directory is larger than the archive")
        directory = joined.read_at(place, size)
        entries = _absolute_entries(directory, joined.starts, count)
    return place, entries + _END.pack(b"PK\5\6", 0, 0, count, count, size, place, 0)


def _absolute_entries(directory, starts, count):
    """Returns the directory with every file's place counted from the first part."""
    entries, at = bytearray(directory), 0
    for _ in range(count):
        if len(directory) - at < _ENTRY.size:
            raise zipfile.BadZipFile("the directory ends too early")
        fields = list(_ENTRY.unpack_from(directory, at))
        if fields[0] != b"PK\1\2":
            raise zipfile.BadZipFile("the directory is damaged")
        fields[16] = _place(starts, fields[13], fields[16])
        fields[13] = 0
        _ENTRY.pack_into(entries, at, *fields)
        at += _ENTRY.size + sum(fields[10:13])  # name, extra and comment
    return bytes(entries)


def _place(starts, part, offset):
    """Returns a place in the joined file."""
    if offset == _WIDE or part >= len(starts) - 1:
        raise zipfile.BadZipFile(
            "an entry lies in no part that is there, or needs ZIP64; join the parts "
            "with: zip -s 0 split.zip --out joined.zip"
        )
    if starts[part] + offset >= _WIDE:
        raise zipfile.BadZipFile("the parts hold more than 4 GiB; join them with zip")
    return starts[part] + offset
