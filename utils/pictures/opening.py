"""Paths, bytes and files -> PIL images, decoded."""

import errno
import inspect
import io
import os
import re
from typing import TypeGuard

from PIL import Image, UnidentifiedImageError

from utils.kinds import EncodedPicture
from utils.pictures.first_bytes import name_stranger
from utils.pictures.heif import is_heif, learn_heif, reads_heif

MAX_PIXELS = 80_000_000  # of one picture: 8,000 a side, and some
# Where Pillow decodes in Python: a BMP of 140 bytes can take it a minute.
MAX_SLOW_PIXELS = 2_000_000
# Of pictures in a folder; files that are named themselves may have any.
SUFFIXES = tuple(
    ".png .jpg .jpeg .jpe .jfif .webp .avif .bmp .gif .tif .tiff .jp2 .pgm .ppm "
    ".pbm .pnm .heic .heif .hif".split()
)
_LONG_NAME = 200  # characters of a name in a message
_LONG_PATH = 260  # characters; few pictures are as short
_ADDRESS = re.compile(r"(https?|ftp|s3|gs)://|data:", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_JPEG = b"\xff\xd8"  # what its file begins with
_REFUSED = {
    "EPS": "PostScript is a program, for which Ghostscript would be called",
    "FITS": "FITS may unpack to any size",
}


def is_encoded(image: object) -> TypeGuard[EncodedPicture]:
    """Tells whether something is a path, bytes or a file opened for reading."""
    known = (str, os.PathLike, bytes, bytearray, memoryview)
    return isinstance(image, known) or callable(getattr(image, "read", None))


def open_picture(
    source: EncodedPicture, side: int | None = None, mode: str = "L"
) -> Image.Image:
    """Decodes a picture; of an animation or of several pages, the first.

    Args:
        source: a path, the bytes of a picture file, or a file opened for reading in
            binary, from where it stands, or from its beginning where it stands at its
            end. A file that cannot seek is read to its end.
        side: length of the longer side that is enough, in pixels: a JPEG may come
            reduced, and grey, but no shorter. None keeps the size.
        mode: what a JPEG that comes reduced is decoded to, `L` or `RGB`.

    Returns:
        PIL image, decoded; the file is closed only if it was opened here.

    Raises:
        ValueError: there is no such file, it is no picture or a program that draws
            one, or it has too many pixels; the message names it.
    """
    if isinstance(source, (str, os.PathLike)):
        return _decode(source, _short(str(source)) or "''", side, mode)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode(io.BytesIO(source), _name_bytes(source), side, mode)
    name = getattr(source, "name", None)
    name = name if isinstance(name, str) else f"the {type(source).__name__} object"
    return _decode(_seekable(source, name), name, side, mode)


def is_jpeg(source: EncodedPicture) -> bool:
    """Tells whether a path or bytes are of a JPEG, which may be decoded reduced.

    Args:
        source: as for `open_picture`; of a file it is not told.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source[:2]) == _JPEG
    if not isinstance(source, (str, os.PathLike)) or not os.path.isfile(source):
        return False
    try:
        with open(source, "rb") as file:
            return file.read(2) == _JPEG
    except OSError:  # whoever opens it next says what is wrong
        return False


def _short(name):
    """Returns a name that fits into a message: text of base64, say, is no path."""
    return name if len(name) <= _LONG_NAME else f"{name[:_LONG_NAME]}..."


def _guess_text(name):
    """Returns what may help whoever took an address or base64 for a path."""
    if _ADDRESS.match(name):
        return "; of an address, hand over the bytes that it gives"
    if len(name) > _LONG_NAME and _BASE64.fullmatch(name.removesuffix("...")):
        return "; of base64, hand over the bytes: base64.b64decode(text)"
    return ""


def _name_bytes(data):
    """Returns what messages call the bytes of a file, or of its path."""
    is_path = len(data) < _LONG_PATH and os.path.exists(bytes(data))
    return f"{len(data)} bytes" + is_path * " (a path: hand over a str)"


def _seekable(file, name):
    """Returns a file that Pillow can go back and forth in, from where it stands."""
    try:
        data = file.read()
        if not data and file.seekable():  # just written, or read before
            file.seek(0)
            data = file.read()
    except UnicodeDecodeError:
        data = ""  # it was opened as text
    except Exception as error:  # whatever the file is, its reason is shown
        raise ValueError(f"{name}: the file cannot be read ({error}).") from None
    if inspect.iscoroutine(data):
        data.close()
        raise ValueError(f"{name}: hand over what `await read()` of it gives.")
    if not isinstance(data, bytes):
        raise ValueError(
            f"{name}: the file gives {type(data).__name__}, not bytes; open it in "
            "binary mode, open(path, 'rb')."
        )
    return io.BytesIO(data)


def _decode(file, name, side, mode):
    """Returns the decoded image of a path or a file."""
    learnt = reads_heif()
    try:
        with Image.open(file) as image:
            _check_header(image)
            if side:
                # A JPEG's blocks are decoded at a half to an eighth of their size, in a
                # quarter of the time.
                factor = reduction(image.size, side)
                image.draft(mode, tuple(length // factor for length in image.size))
            image.load()
            return image
    except FileNotFoundError:
        hint = _guess_text(name)
        raise ValueError(f"{name}: there is no such file{hint}.") from None
    except IsADirectoryError:
        raise ValueError(
            f"{name} is a folder; hand over the pictures in it, or, where each shows "
            "one syllable, the folder to predict_stream."
        ) from None
    except UnidentifiedImageError:
        what = name_stranger(file)
        if not learnt and is_heif(file):
            if learn_heif():
                return _decode(file, name, side, mode)
            what = (
                "a HEIC picture, as phones take them, which Pillow reads where "
                "pillow-heif is: pip install pillow-heif, or save it as JPEG"
            )
        raise ValueError(f"{name}: {what}.") from None
    except Exception as error:  # Pillow raises nearly anything on damaged bytes
        reason = _short(str(error))  # which may hold the name once more
        too_long = getattr(error, "errno", 0) == errno.ENAMETOOLONG
        hint = _guess_text(name) if too_long else ""
        raise ValueError(
            f"{name}: the picture cannot be read ({reason}){hint}."
        ) from None


def _check_header(image):
    """Refuses a picture by what its file says, before a pixel is decoded."""
    if image.format in _REFUSED:
        raise ValueError(f"{_REFUSED[image.format]}; save it as PNG or JPEG")
    slow = any(tile[0] in Image.DECODERS for tile in image.tile or ())
    width, height = image.size
    limit = MAX_SLOW_PIXELS if slow else MAX_PIXELS
    if width * height > limit:
        raise ValueError(
            f"it says that it is {width} x {height} pixels, and {limit:,} at most are "
            f"read of a {image.format}; reduce it{', or save it as PNG' * slow}"
        )


def reduction(size: tuple[int, ...], side: int) -> int:
    """Tells by which whole factor a picture may be reduced.

    Args:
        size: two lengths in pixels.
        side: what the longer one should keep at least.

    Returns:
        1 or more. Of few pixels the shorter one cannot lose any and keep the aspect.
    """
    return max(1, min(max(size) // side, min(size) // 32))
