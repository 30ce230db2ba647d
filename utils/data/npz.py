"""NumPy's .npz files of strangers -> arrays, in no more memory than they show."""

import io
import zipfile

import numpy as np

_MAX_RATIO = 20  # times a file's bytes: what its arrays may unpack to
_SMALL = 1 << 20  # bytes that any file may unpack to


class ArraysError(ValueError):
    """The file is damaged, or claims more than it holds."""


def read_arrays(path):
    """Reads every array of a .npz file; nothing in it can run code.

    Returns:
        Dict of arrays by name.

    Raises:
        FileNotFoundError: it is not there.
        ArraysError: it is damaged, holds objects, or would unpack to far more than its
            own size.
    """
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            _check_sizes(archive, file.seek(0, io.SEEK_END))
            members = archive.infolist()
            return {
                member.filename.removesuffix(".npy"): _parse(archive.read(member))
                for member in members
            }
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile and NumPy raise nearly anything on damage
        raise ArraysError(f"{type(error).__name__}: {error}") from None


def _check_sizes(archive, size):
    total = sum(member.file_size for member in archive.infolist())
    if total > _MAX_RATIO * size + _SMALL:
        raise ValueError(f"{size} bytes would unpack to {total}")


def _parse(data):
    """Returns the array of a .npy file, whose header must fit its length."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject or dtype.kind not in "fiubU":
        raise ValueError(f"an array of {dtype}")
    count = 1
    for length in shape:
        count *= length
    if min(shape, default=1) < 0 or count * dtype.itemsize != len(data) - file.tell():
        raise ValueError(f"an array of shape {shape} that its bytes do not fill")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)
