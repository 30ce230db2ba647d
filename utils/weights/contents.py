"""What a weight file may hold, looked at first, and what lies beside it."""

import hashlib
from pathlib import Path

import h5py

from utils.presets import WEIGHTS_SUFFIX

_MAX_OBJECTS = 20_000  # groups and arrays: Inception-ResNet-v2 has 2,478
_SLACK = 100_000  # values beside those of the network


def digest(data):
    """Returns the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def config_path(path):
    """Returns the configuration's file: `melnyk.json` of `melnyk.weights.h5`."""
    return _beside(path, ".json")


def prototypes_path(path):
    """Returns the file of prototypes: `melnyk.prototypes.npz`."""
    return _beside(path, ".prototypes.npz")


def _beside(path, suffix):
    path = Path(path)
    return path.with_name(path.name.removesuffix(WEIGHTS_SUFFIX) + suffix)


def check_arrays(path, num_values):
    """Checks that a weight file holds plain arrays, and not far more than needed.

    HDF5 may name other files, whose content would become weights, and an array of a few
    bytes may claim any shape, for which memory would be set aside.

    Args:
        path: weight file.
        num_values: of the network's weights.

    Raises:
        ValueError: the file holds links, arrays of other files or of other types than
            numbers, or more than four times the values.
        Exception: nearly any other, on damaged bytes.
    """
    with h5py.File(path, "r") as file:
        total, groups, count = 0, [file], 0
        while groups:
            group = groups.pop()
            for name in group:
                count += 1
                if count > _MAX_OBJECTS:  # groups may hold themselves
                    raise ValueError("it holds too many groups")
                _check_link(group, name)
                if isinstance(group[name], h5py.Group):
                    groups.append(group[name])
                else:
                    total += _check_array(group[name])
        if total > 4 * num_values + _SLACK:
            raise ValueError(f"its arrays hold {total:,} values, not {num_values:,}")


def _check_link(group, name):
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name!r} is a link")


def _check_array(item):
    """Returns how many values an array has, or refuses it."""
    if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "fiub":
        raise ValueError(f"{item.name!r} is no array of numbers")
    if item.is_virtual or item.external:
        raise ValueError(f"{item.name!r} lies in another file")
    return item.size
