"""Pictures of phones, HEIC, which Pillow alone does not read."""

import contextlib
import importlib
from typing import IO

from PIL import Image

from utils.kinds import FilePath
from utils.pictures.first_bytes import first_bytes

_FORMAT = "HEIF"  # what the plugin calls it
# ISO/IEC 23008-12, section 10: what the first box of the file says that it is.
_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1".split())


def is_heif(source: FilePath | IO[bytes]) -> bool:
    """Tells by its first bytes whether a file is of the HEIF family.

    Args:
        source: as for `first_bytes`.
    """
    head = first_bytes(source, 12)
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def learn_heif() -> bool:
    """Lets Pillow read HEIC by the package pillow-heif, where it is installed.

    Returns:
        Whether Pillow reads it from now on.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("pillow_heif").register_heif_opener()
    return reads_heif()


def reads_heif() -> bool:
    """Tells whether Pillow reads HEIC as yet: `learn_heif` was called, say."""
    return _FORMAT in Image.OPEN
