"""One archive format each -> the list of its members, their contents."""

import os
import stat
from pathlib import Path

from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.split_zip import open_zip

_CHUNK = 1 << 20  # bytes a read


def list_zip(path):
    """Lists a .zip archive, of one part or of several.

    Returns:
        List of (name, bytes, CRC-32, kind), where kind is file, folder or other.
    """
    with open_zip(path) as archive:
        return [_describe_zip(info) for info in archive.infolist()]


def read_zip(path, folder, count):
    """Reads every file of a .zip to its end, which checks it against its CRC-32.

    Args:
        path: the archive.
        folder: where to write the files; None writes nowhere.
        count: called with the bytes of every step.
    """
    with open_zip(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            target = os.devnull
            if folder is not None:
                target = Path(folder, info.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, open(target, "wb") as file:
                while chunk := source.read(_CHUNK):
                    file.write(chunk)
                    count(len(chunk))


def list_7z(path):
    """Lists a .7z archive.

    Returns:
        List of (name, bytes, CRC-32 or None, kind); kind is file, folder or other.

    Raises:
        DownloadError: the package py7zr is missing.
    """
    with _import_py7zr().SevenZipFile(path) as archive:
        return [_describe_7z(info) for info in archive.list()]


def read_7z(path, folder, count):
    """Reads every file of a .7z to its end, which checks it against its CRC-32.

    Args:
        path: the archive.
        folder: where to write the files; None writes nowhere.
        count: called with the bytes of every step.

    Raises:
        DownloadError: the package py7zr is missing.
    """
    py7zr = _import_py7zr()
    from py7zr.io import NullIOFactory

    sink = {"factory": NullIOFactory()} if folder is None else {"path": folder}
    with py7zr.SevenZipFile(path) as archive:
        archive.extractall(**sink, callback=_counting(count))


FORMATS = {".zip": (list_zip, read_zip), ".7z": (list_7z, read_7z)}


def _describe_zip(info):
    form = stat.S_IFMT(info.external_attr >> 16)  # 0 where no Unix packed it
    kind = "folder" if info.is_dir() else "file"
    if form not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "other"
    # The name as it is stored: zipfile cuts its own copy at a zero byte.
    return info.orig_filename, info.file_size, info.CRC, kind


def _describe_7z(info):
    kind = "file" if info.is_file else "other"
    if info.is_directory and not info.is_symlink:
        kind = "folder"
    return info.filename, info.uncompressed, info.crc32, kind


def _import_py7zr():
    try:
        import py7zr
    except ImportError:
        raise DownloadError(
            "Unpacking .7z needs py7zr; run: pip install py7zr (or take the .zip with "
            "load_data.py --sevenzip=false)"
        ) from None
    return py7zr


def _counting(count):
    """Returns a callback for py7zr that hands on the bytes of every step."""
    from py7zr.callbacks import ExtractCallback

    def ignore(self, *arguments):
        pass

    events = ("start_preparation", "start", "end", "warning", "postprocess")
    methods = {f"report_{event}": ignore for event in events}
    methods["report_update"] = lambda self, size: count(int(size))
    return type("Counting", (ExtractCallback,), methods)()
