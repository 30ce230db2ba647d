"""Names in a pickle -> classes and functions that stand for them, and check.

What NumPy calls to make arrays anew, as little of it as arrays need. Each of these
checks what it is given; arrays are views of bytes that the file really holds.
"""

import pickle
import re

import numpy as np

_PLAIN_TYPE = re.compile(r"[<>=|]?(b1|[iuf]\d{1,2}|U\d{1,4}|O[48]?)")


class TypeStandIn:
    """Stands in for `numpy.dtype`: a plain type, of which BUILD sets the byte order.

    Args:
        code: of the type, as `f4` or `U1`; of numbers, text or objects.
        align, copy: as `numpy.dtype` has them, without effect.

    Attributes:
        dtype: the `numpy.dtype`.

    Raises:
        pickle.UnpicklingError: it is of another type.
    """

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


class ArrayStandIn:
    """Stands in for `numpy.ndarray`: what it is called with, or BUILD gives, it holds.

    Args:
        shape: lengths of the axes; None while BUILD is awaited.
        dtype: a `TypeStandIn` or a code.
        data: the bytes of the array, or of an array of objects the list of them.
        order: `C` or `F`; `K` permutes the axes of a C array by `axes`.
        axes: the permutation.

    Attributes:
        value: the array; None while BUILD is awaited.
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
    dtype = (dtype if isinstance(dtype, TypeStandIn) else TypeStandIn(dtype)).dtype
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
    if kind is not ArrayStandIn:
        raise pickle.UnpicklingError("refused: an array that is not NumPy's own kind.")
    return ArrayStandIn()


def _from_buffer(data, dtype, shape, order, axes=None):
    """Stands in for NumPy's function of that name: an array of pickle protocol 5."""
    return ArrayStandIn(shape, dtype, data, order, axes)


def _scalar(dtype, data):
    """Stands in for NumPy's function of that name: one number or string."""
    return _view((), dtype, data, "C").item()


def _encode(text, encoding="latin1"):
    """Stands in for `_codecs.encode`: the bytes of pickle protocols 0 to 2."""
    if encoding != "latin1" or not isinstance(text, str):
        raise pickle.UnpicklingError("refused: a codec other than latin1.")
    return text.encode("latin1")


# (module, name) in a pickle -> what stands for it.
# NumPy 2 renamed `core`; both spellings are about.
NAMES = {("numpy", "ndarray"): ArrayStandIn, ("numpy", "dtype"): TypeStandIn}
NAMES[("_codecs", "encode")] = _encode
for _core in ("numpy.core", "numpy._core"):
    NAMES[(f"{_core}.multiarray", "_reconstruct")] = _reconstruct
    NAMES[(f"{_core}.multiarray", "scalar")] = _scalar
    NAMES[(f"{_core}.numeric", "_frombuffer")] = _from_buffer
