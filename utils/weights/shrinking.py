"""A weight file -> the same with fewer bytes: float16, compression."""

import os
from pathlib import Path

import h5py
import numpy as np

_HALF_MAX = 65504.0  # largest float16


def halve(path):
    """Rewrites a weight file's float32 arrays as float16 where they fit.

    Args:
        path: of the file.
    """
    with h5py.File(path, "r+") as file:
        for name in array_names(file):
            values = file[name][()]
            if values.dtype == np.float32 and np.abs(values).max() < _HALF_MAX:
                del file[name]
                file[name] = values.astype(np.float16)
    _repack(path)


def squeeze(path):
    """Rewrites a weight file's arrays compressed.

    Args:
        path: of the file.
    """
    with h5py.File(path, "r+") as file:
        for name in array_names(file):
            values = file[name][()]
            if values.size > 64:  # smaller ones only grow
                del file[name]
                file.create_dataset(
                    name, data=values, compression="gzip", compression_opts=9
                )
    _repack(path)


def array_names(file):
    """Returns the names of all arrays of an open `h5py.File`."""
    names = []
    file.visititems(
        lambda name, item: names.append(name) if hasattr(item, "dtype") else None
    )
    return names


def _repack(path):
    """Copies a weight file, leaving behind the room of deleted arrays."""
    packed = Path(f"{path}.packed")
    with h5py.File(path, "r") as old, h5py.File(packed, "w") as new:
        for name in old:
            old.copy(name, new)
        for key, value in old.attrs.items():
            new.attrs[key] = value
    os.replace(packed, path)
