"""Pickle patches <-> arrays: reading that runs no code, writing that is atomic.

A patch is one pickle of a dict: `image` (N, H, W) uint8, dark ink on white, and
`label` (N,) one-syllable strings, as the data of 2021 has them; patches written here
may add `family` (N,), the font family, writer or set that each picture came from. The
file name's prefix is the source: `handwritten_0.pickle`, `printed_12.pickle`,
`clova_3.pickle`.
"""

import io
import os
import pickle
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.hangul import is_syllable

_NAME = re.compile(r"([A-Za-z]+(?:_[A-Za-z]+)*)_(\d+)\.pickle")


class PatchError(ValueError):
    """A patch file cannot be used; the message names the file and the reason."""


class Patch(NamedTuple):
    """The contents of a patch.

    images: `uint8` (rows, height, width), dark ink on white.
    labels: `<U1` (rows,), a syllable each.
    families: `<U` (rows,), where each picture came from; the source if unknown.
    """

    images: np.ndarray
    labels: np.ndarray
    families: np.ndarray


def source_of(path):
    """Returns the source in a patch's file name: `clova` of `clova_3.pickle`."""
    match = _NAME.fullmatch(Path(path).name)
    return match.group(1) if match else Path(path).stem


def list_patches(folder, sources=None):
    """Returns the patch files of a folder by source and number.

    Args:
        folder: path of the folder.
        sources: names to keep; None keeps all.

    Raises:
        PatchError: the folder does not exist or holds no patch.
    """
    folder = Path(folder)
    matches = [(p, _NAME.fullmatch(p.name)) for p in folder.glob("*.pickle")]
    found = sorted((m.group(1), int(m.group(2)), p) for p, m in matches if m)
    paths = [path for source, _, path in found if sources is None or source in sources]
    if not paths:
        wanted = "" if sources is None else f" of {', '.join(sources)}"
        raise PatchError(
            f"{folder} holds no patches{wanted} (files like printed_0.pickle); make "
            "them with crawl_data.py or fetch them with load_data.py."
        )
    return paths


def write_patch(path, images, labels, families=None):
    """Writes a patch atomically: the file is whole or absent, whatever happens.

    Args:
        path: `<source>_<number>.pickle`.
        images: `uint8` (rows, height, width).
        labels: sequence of `rows` syllables.
        families: sequence of `rows` strings, or None to leave them out.

    Raises:
        PatchError: the arrays do not make a patch.
    """
    content = {"image": images, "label": np.asarray(labels)}
    if families is not None:
        content["family"] = np.asarray(families, dtype=np.str_)
    _check(content, path)
    buffer = io.BytesIO()
    _PortablePickler(buffer, protocol=4).dump(content)
    write_atomically(path, buffer.getvalue())


def write_atomically(path, data):
    """Writes bytes under a temporary name, flushes them to disk and renames."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_patch(path):
    """Reads and checks a patch. No content of the file can run code.

    Raises:
        PatchError: the file is no pickle of plain arrays, or its keys, shapes, dtypes
            or labels are not those of a patch.
    """
    try:
        with open(path, "rb") as file:
            content = _PatchUnpickler(file).load()
    except PatchError as error:
        raise PatchError(f"{path}: {error}") from None
    except OSError:
        raise
    except Exception as error:  # pickle raises nearly anything on damaged bytes
        reason = f"{type(error).__name__}: {error}"
        raise PatchError(f"{path}: not a readable patch ({reason}).") from None
    images, labels, families = _check(content, path)
    if families is None:
        families = np.full(len(labels), source_of(path))
    return Patch(images, labels, families)


class _PortablePickler(pickle.Pickler):
    """Writes arrays so that every NumPy version reads them.

    NumPy 2 would name `numpy._core`, which the NumPy of 2021 does not have.
    """

    def reducer_override(self, obj):
        if type(obj) is np.ndarray:
            return np.ndarray, (obj.shape, obj.dtype.str, obj.tobytes())
        return NotImplemented


class _PatchUnpickler(pickle.Unpickler):
    """Admits NumPy arrays beside the builtin containers, and no other name."""

    def find_class(self, module, name):
        if module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray"):
            if name in _ALLOWED:
                return _ALLOWED[name]
        if (module, name) == ("_codecs", "encode"):  # bytes in pickle protocol 2
            return _encode_latin1
        raise PatchError(
            f"refused: it asks for {module}.{name}; a patch holds NumPy arrays, dicts, "
            "lists and strings only."
        )


def _encode_latin1(text, encoding="latin1"):
    if encoding != "latin1" or not isinstance(text, str):
        raise PatchError("refused: a codec other than latin1.")
    return text.encode("latin1")


def _array_from_buffer(shape, dtype, data):
    """Stands in for `numpy.ndarray`: only over bytes that are in the file."""
    return np.frombuffer(data, np.dtype(dtype)).reshape(shape)


def _reconstruct(kind, shape, code):
    """Stands in for NumPy's function of that name: an empty array to be filled."""
    if kind is not _array_from_buffer or tuple(shape) != (0,):
        raise PatchError("refused: an array that is not NumPy's plain kind.")
    return np.ndarray((0,), "b")


_ALLOWED = {
    "ndarray": _array_from_buffer,
    "dtype": np.dtype,
    "_reconstruct": _reconstruct,
}


def _check(content, path):
    """Returns (images, labels, families or None), or says what is wrong."""
    if not isinstance(content, dict) or not {"image", "label"} <= set(content):
        held = sorted(map(str, content)) if isinstance(content, dict) else type(content)
        raise PatchError(f"{path}: expected a dict of 'image' and 'label', got {held}.")
    images = np.asarray(content["image"])
    if images.ndim != 3 or images.dtype != np.uint8:
        raise PatchError(
            f"{path}: 'image' is {images.dtype} of shape {images.shape}; expected "
            "uint8 of shape (rows, height, width)."
        )
    if 0 in images.shape:
        raise PatchError(f"{path}: 'image' of shape {images.shape} holds no picture.")
    labels = _check_texts(content["label"], "label", len(images), path)
    bad = [i for i, label in enumerate(labels) if not is_syllable(label)]
    if bad:
        raise PatchError(
            f"{path}: {len(bad)} labels are no Hangul syllable; the first is "
            f"{labels[bad[0]]!r} in row {bad[0]}."
        )
    families = content.get("family")
    if families is not None:
        families = _check_texts(families, "family", len(images), path)
    return images, np.array(labels, "<U1"), families


def _check_texts(texts, key, rows, path):
    """Returns `rows` strings as an array, or says what is wrong."""
    texts = np.asarray(texts)
    if texts.shape != (rows,) or not all(isinstance(text, str) for text in texts):
        raise PatchError(
            f"{path}: '{key}' is {texts.dtype} of shape {texts.shape}; expected "
            f"{rows} strings, one for each picture."
        )
    return texts.astype(np.str_)
