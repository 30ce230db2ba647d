"""A file that came -> whether it is the one wanted, and the error that says why not."""

import errno

from utils.data.fetching.checksums import ChecksumError, check_recorded

# First bytes of the formats wanted: OpenType, its collections and its web forms.
FONT_MAGIC = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
ZIP_MAGIC = (b"PK\3\4", b"PK\5\6")
SEVENZIP_MAGIC = (b"7z\xbc\xaf\x27\x1c",)

# What a disk answers that is full, not to be written to or not to be read.
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)

_HTML_BEGINNINGS = (b"<!doctype html", b"<html")
WEB_PAGE = (
    "a web page came instead of the file, perhaps of a login or an error; open its "
    "address in a browser to see."
)


class DownloadError(RuntimeError):
    """Something could not be obtained; the message says why and what to do."""


def check_beginning(path, magic):
    """Checks that a file is no web page and begins as one of `magic`.

    Args:
        path: `Path` of the file.
        magic: as for `check_whole`.

    Raises:
        DownloadError: it is, or it does not.
    """
    with open(path, "rb") as file:
        head = file.read(64)
    if head.lstrip().lower().startswith(_HTML_BEGINNINGS):
        raise DownloadError(f"{path.name}: {WEB_PAGE}")
    if magic and not head.startswith(tuple(magic)):
        raise DownloadError(
            f"{path.name} begins with {head[:8].hex(' ')}, not as such a file does; if "
            "it lies on the disk, delete it and download it again."
        )


def check_whole(path, magic, name=None):
    """Checks that a file begins as one of `magic` and is the one that was recorded.

    Args:
        path: of the file.
        magic: tuple of first bytes; () admits all but web pages.
        name: of the file in the record beside it; None: its own.

    Raises:
        DownloadError: it does not, or is another.
    """
    check_beginning(path, magic)
    try:
        check_recorded(path, name)
    except ChecksumError as error:
        raise DownloadError(str(error)) from None


def one_line(error):
    """Returns what an error says, on one line of at most 300 characters."""
    return " ".join(str(getattr(error, "reason", None) or error).split())[:300]
