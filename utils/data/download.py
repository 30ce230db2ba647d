"""Addresses -> files: resumed, checked, whole or absent."""

import os
import re
from email.utils import formatdate
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from utils.bars import progress_bar
from utils.data.fetching.checksums import record
from utils.data.fetching.download_checks import (
    DISK,
    WEB_PAGE,
    DownloadError,
    check_whole,
    one_line,
)

MAX_BYTES = 1 << 40  # a TiB: a server that never ends must not fill the disk

TIMEOUT = 30  # seconds without a byte

_CHUNK = 1 << 18  # bytes a read


def fetch(url, path, magic=(), timeout=TIMEOUT, max_bytes=MAX_BYTES, quiet=False):
    """Downloads a binary file over HTTP(S), or leaves it as it is if it is there.

    Bytes gather in `<path>.part`, from which a later call goes on; the file gets its
    name when it is whole.

    Args:
        url: address; what is not ASCII in it is percent-encoded.
        path: the file; its folders are made.
        magic: tuple of first bytes, one of which the file must have; () admits all.
        timeout: seconds without a byte after which to give up.
        max_bytes: most that the file may have.
        quiet: show no progress bar.

    Returns:
        `path` as a `Path`.

    Raises:
        DownloadError: the address is none, the server cannot be reached or refuses, a
            web page came instead of the file, the connection broke, or the file, old
            or new, is too large, does not begin as it should, or is not the one that
            came the first time (see `checksums`).
        OSError: the disk is full, or the folder cannot be written to.
    """
    path = Path(path)
    if path.exists():
        check_whole(path, magic)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        _receive(url, part, timeout, max_bytes, quiet)
    except HTTPError as error:
        raise DownloadError(
            f"{url}: the server answered {error.code} ({error.reason}); the file may "
            "have moved. Look for it by hand, or try again later."
        ) from None
    except (OSError, HTTPException) as error:
        if isinstance(error, OSError) and error.errno in DISK:
            raise type(error)(error.errno, error.strerror, str(part)) from None
        raise DownloadError(
            f"{url}: {one_line(error)}; check the connection and run it again: it goes "
            "on from what has come."
        ) from None
    try:
        check_whole(part, magic, path.name)
    except DownloadError:
        part.unlink()
        raise
    os.replace(part, path)
    record(path)
    return path


def encode_address(url):
    """Returns an address in ASCII: escapes that are there stay, others are added.

    Raises:
        DownloadError: it is no http or https address.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.encode("idna").decode()
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise DownloadError(f"{url!r} is no address that starts with http(s)://.")
    path = quote(_escape_percent(parts.path), safe="/%:@!$&'()*+,;=~")
    query = quote(_escape_percent(parts.query), safe="/%:@!$&'()*+,;=~?")
    return urlunsplit((parts.scheme, host, path, query, ""))


def _escape_percent(text):
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)


def _receive(url, part, timeout, max_bytes, quiet):
    """Appends to `part` what it lacks."""
    response, start = _open(url, part, timeout)
    if response is None:
        return
    with response:
        if response.headers.get_content_type() == "text/html":
            raise DownloadError(f"{url}: {WEB_PAGE}")
        length = response.headers["Content-Length"] or ""
        total = start + int(length) if length.isdecimal() else None
        _check_length(url, total or start, max_bytes)
        bar = {"total": total, "initial": start, "unit": "B", "unit_scale": True}
        with (
            open(part, "ab" if start else "wb") as file,
            progress_bar(desc=part.stem, quiet=quiet, **bar) as shown,
        ):
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                _check_length(url, file.tell(), max_bytes)
                shown.update(len(chunk))
            file.flush()
            os.fsync(file.fileno())
    if total is not None and part.stat().st_size != total:
        raise ConnectionError(f"it broke off at {part.stat().st_size} of {total} bytes")


def _check_length(url, length, max_bytes):
    if length > max_bytes:
        raise DownloadError(
            f"{url}: the server sends {length:,} bytes or more; expected {max_bytes:,} "
            "at most. This is not the file; look for it by hand."
        )


def _open(url, part, timeout):
    """Returns (response, its first byte's place); None where nothing is lacking."""
    start = part.stat().st_size if part.exists() else 0
    if not start:
        return _request(url, {}, timeout), 0
    # A file that changed on the server since must not be glued to an old beginning.
    since = formatdate(part.stat().st_mtime, usegmt=True)
    headers = {"Range": f"bytes={start}-", "If-Unmodified-Since": since}
    try:
        response = _request(url, headers, timeout)
    except HTTPError as error:
        if error.code == 416 and error.headers["Content-Range"] == f"bytes */{start}":
            return None, start  # stopped between the last byte and the renaming
        if error.code not in (412, 416):
            raise
        return _request(url, {}, timeout), 0
    if response.status == 200:
        return response, 0
    if not (response.headers["Content-Range"] or "").startswith(f"bytes {start}-"):
        response.close()
        return _request(url, {}, timeout), 0
    return response, start


def _request(url, headers, timeout):
    headers = {"User-Agent": "KoOCR", **headers}
    return urlopen(Request(encode_address(url), headers=headers), timeout=timeout)
