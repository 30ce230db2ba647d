"""Pickles <-> NumPy arrays, lists and strings; nothing in a pickle is run.

A pickle is a program: it names functions and calls them. Only the names that arrays are
made of are known here, and each stands for a class or function of `pickle_stand_ins`
that checks what it is given. Arrays are views of bytes that the file really holds: no
memory is taken on a pickle's word.
"""

import io
import os
import pickle

import numpy as np

from utils.data.pickle_stand_ins import NAMES, ArrayStandIn, TypeStandIn


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
    if isinstance(value, ArrayStandIn):
        value = value.value
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim == 1:
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [
            item.value if isinstance(item, ArrayStandIn) else item for item in value
        ]
    return value


class _Bounded:
    """A file of which no more is asked, and set aside, than it holds."""

    def __init__(self, file):
        self.file, self.size = file, os.fstat(file.fileno()).st_size
        self.readline = file.readline

    def read(self, size):
        return self.file.read(min(size, self.size))


class _ArrayUnpickler(pickle._Unpickler):
    """Admits what arrays are made of beside the builtin containers, and no other name.

    The unpickler written in Python, for the one in C sets aside as much memory as a
    file claims to need; and here opcodes can be overridden.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        if (module, name) not in NAMES:
            raise pickle.UnpicklingError(
                f"refused: it asks for {module}.{name}; a patch holds NumPy arrays, "
                "dicts, lists and strings only."
            )
        return NAMES[(module, name)]

    def load_build(self):
        # On anything else BUILD sets attributes, those of functions too.
        if not isinstance(self.stack[-2], (ArrayStandIn, TypeStandIn)):
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
