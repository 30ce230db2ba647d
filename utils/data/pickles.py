"""Pickles <-> NumPy arrays, lists and strings; nothing in a pickle is run.

A pickle is a program: it names functions and calls them. Only the names that arrays are
made of are known here, and each stands for a class or function of this file that checks
what it is given. Arrays are views of bytes that the file really holds: no memory is
taken on a pickle's word.
"""

import io
import os
import pickle
import re

import numpy as np

_PLAIN_TYPE = re.compile(r"[<>=|]?(b1|[iuf]\d{1,2}|U\d{1,4}|O[48]?)")


def dump_arrays(content):
    """Returns the pickle of a dict of arrays, which every version of NumPy reads."""
    buffer = io.BytesIO()
    _PortablePickler(buffer, protocol=4).dump(content)
    return buffer.getvalue()


def load_arrays(path):
    """Loads a pickled dict whose values are arrays, or lists of arrays or strings.

    Args:
        path: the file, of any pickle protocol and any version of NumPy.

    Returns:
        What the pickle holds; in a dict, arrays of objects are lists of what they hold.

    Raises:
        pickle.UnpicklingError: it asks for something that is no array.
        OSError: the file is not there or cannot be read.
        Exception: nearly any other, on damaged bytes.
    """
    with open(path, "rb") as file:
        content = _ArrayUnpickler(_Bounded(file)).load()
    if isinstance(content, dict):
        return {key: _to_plain(value) for key, value in content.items()}
    return content


class _PortablePickler(pickle.Pickler):
    """Writes arrays so that every NumPy version reads them.

    NumPy 2 would name `numpy._core`, which the NumPy of 2021 does not have.
    """

    def reducer_override(self, obj):
        if type(obj) is np.ndarray:
            return np.ndarray, (obj.shape, obj.dtype.str, obj.tobytes())
        return NotImplemented


def _to_plain(value):
    """Returns an array, or a list of arrays and other objects, without stand-ins."""
    if isinstance(value, _Array):
        value = value.value
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim == 1:
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [item.value if isinstance(item, _Array) else item for item in value]
    return value


class _Bounded:
    """A file of which no more is asked, and set aside, than it holds."""

    def __init__(self, file):
        self.file, self.size = file, os.fstat(file.fileno()).st_size
        self.readline = file.readline

    def read(self, size):
        return self.file.read(min(size, self.size))


class _Type:
    """Stands in for `numpy.dtype`: a plain type, of which BUILD sets the byte order."""

    __slots__ = ("dtype",)

    def __init__(self, code, align=False, copy=True):
        # Of what is no text only the kind is told: a list may print as a billion items.
        if not isinstance(code, str):
            raise pickle.UnpicklingError(f"refused: a type that is {type(code)}.")
        if not _PLAIN_TYPE.fullmatch(code):
            raise pickle.UnpicklingError(f"refused: an array of type {code!r:.50}.")
        self.dtype = np.dtype(code)

    def __setstate__(self, state):
        if any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError("refused: an array of records.")
        self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """Stands in for `numpy.ndarray`: what it is called with, or BUILD gives, it holds.

    Args:
        shape: lengths of the axes; None while BUILD is awaited.
        dtype: a `_Type` or a code.
        data: the bytes of the array, or of an array of objects the list of them.
        order: `C` or `F`; `K` permutes the axes of a C array by `axes`.
        axes: the permutation.
    """

    __slots__ = ("value",)

    def __init__(self, shape=None, dtype=None, data=b"", order="C", axes=None):
        self.value = None
        if shape is not None:
            self.value = _view(shape, dtype, data, order, axes)

    def __setstate__(self, state):
        _, shape, dtype, is_fortran, data = state
        self.value = _view(shape, dtype, data, "F" if is_fortran else "C")


def _view(shape, dtype, data, order, axes=None):
    """Returns an array over `data`; its length must be what the shape asks for."""
    dtype = (dtype if isinstance(dtype, _Type) else _Type(dtype)).dtype
    if dtype.kind != "O":
        flat = np.frombuffer(data, dtype)
        _check_text(flat)
    elif isinstance(data, list):
        flat = np.fromiter(data, object, len(data))
    else:
        raise pickle.UnpicklingError("refused: objects that are made of bytes.")
    if order == "K" and axes is not None:
        return flat.reshape(shape).transpose(axes)
    return flat.reshape(shape, order=order)


def _check_text(flat):
    """Refuses code points beyond Unicode, on which NumPy itself stumbles later."""
    if flat.dtype.kind == "U" and flat.size:
        points = flat.view(flat.dtype.str[0] + "u4")
        if points.max() > 0x10FFFF:
            raise pickle.UnpicklingError("an array of text holds no text.")


def _reconstruct(kind, shape, code):
    """Stands in for NumPy's function of that name: an array that BUILD will fill."""
    if kind is not _Array:
        raise pickle.UnpicklingError("refused: an array that is not NumPy's own kind.")
    return _Array()


def _from_buffer(data, dtype, shape, order, axes=None):
    """Stands in for NumPy's function of that name: an array of pickle protocol 5."""
    return _Array(shape, dtype, data, order, axes)


def _scalar(dtype, data):
    """Stands in for NumPy's function of that name: one number or string."""
    return _view((), dtype, data, "C").item()


def _encode(text, encoding="latin1"):
    """Stands in for `_codecs.encode`: the bytes of pickle protocols 0 to 2."""
    if encoding != "latin1" or not isinstance(text, str):
        raise pickle.UnpicklingError("refused: a codec other than latin1.")
    return text.encode("latin1")


# NumPy 2 renamed `core`; both spellings are about.
_NAMES = {("numpy", "ndarray"): _Array, ("numpy", "dtype"): _Type}
_NAMES[("_codecs", "encode")] = _encode
for _core in ("numpy.core", "numpy._core"):
    _NAMES[(f"{_core}.multiarray", "_reconstruct")] = _reconstruct
    _NAMES[(f"{_core}.multiarray", "scalar")] = _scalar
    _NAMES[(f"{_core}.numeric", "_frombuffer")] = _from_buffer


class _ArrayUnpickler(pickle._Unpickler):
    """Admits what arrays are made of beside the builtin containers, and no other name.

    The unpickler written in Python, for the one in C sets aside as much memory as a
    file claims to need; and here opcodes can be overridden.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(
                f"refused: it asks for {module}.{name}; a patch holds NumPy arrays, "
                "dicts, lists and strings only."
            )
        return _NAMES[(module, name)]

    def load_build(self):
        # On anything else BUILD sets attributes, those of the functions above too.
        if not isinstance(self.stack[-2], (_Array, _Type)):
            raise pickle.UnpicklingError("refused: it alters what is no array.")
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build

    def load_setitem(self):
        self._check_keys(self.stack[-2:-1])
        super().load_setitem()

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self):
        self._check_keys(self.stack[::2])
        super().load_setitems()

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_dict(self):
        self._check_keys(self.stack[::2])
        super().load_dict()

    dispatch[pickle.DICT[0]] = load_dict

    def _check_keys(self, keys):
        # A hash of tuples within tuples, a million deep, ends the process.
        if not all(isinstance(key, (str, bytes, int)) for key in keys):
            raise pickle.UnpicklingError("refused: a dict whose keys are no strings.")

    def refuse(self):
        raise pickle.UnpicklingError(
            "refused: a set or an extension; a patch holds NumPy arrays, dicts, lists "
            "and strings only."
        )

    for _code in (pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET):
        dispatch[_code[0]] = refuse
    for _code in (pickle.EXT1, pickle.EXT2, pickle.EXT4):
        dispatch[_code[0]] = refuse
    del _code

    def load_bytearray8(self):
        size = int.from_bytes(self.read(8), "little")
        self.append(bytearray(self.read(size)))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8
