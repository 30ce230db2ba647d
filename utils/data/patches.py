"""Pickle patches <-> arrays: reading that runs no code, writing that is atomic.

A patch is one pickle of a dict: `image` (N, H, W) uint8, dark ink on white, and
`label` (N,) one-syllable strings, as the data of 2021 has them; patches written here
may add `family` (N,), the font family, writer or set that each picture came from. The
file name's prefix is the source: `handwritten_0.pickle`, `clova_3.pickle`.
"""

import os
import pickle
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.data.atomic import write_atomically
from utils.data.patch_contents import PatchError, check_contents
from utils.data.pickles import dump_arrays, load_arrays

_WORD = "[A-Za-z][A-Za-z0-9]*"
_NAME = re.compile(rf"({_WORD}(?:_{_WORD})*)_(\d+)\.pickle")
_NAMED = "a source (a to z, digits) and a number, as in my_hand_0.pickle"
_MAX_GROWTH = 4  # times a file's bytes: what its pictures may take in memory


class Patch(NamedTuple):
    """The contents of a patch.

    images: `uint8` (rows, height, width), dark ink on white.
    labels: `<U1` (rows,), a syllable each.
    families: `<U` (rows,), where each picture came from; the source if unknown.
    """

    images: np.ndarray
    labels: np.ndarray
    families: np.ndarray


# The sources that are print; hands, or faces like them, are others.
PRINTED = ("printed", "phd08")
# The source whose hands place every jamo themselves (see `data.hands.written_patches`).
INVENTED = "written"


def source_of(path):
    """Returns the source in a patch's file name: `clova` of `clova_3.pickle`."""
    match = _NAME.fullmatch(Path(path).name)
    return match.group(1) if match else Path(path).stem


def is_source(name):
    """Tells whether patches can be of a source of that name: `my_hand`."""
    return source_of(f"{name}_0.pickle") == name


def check_folders(data_path, val_path):
    """Raises ValueError where training and validation patches have no folder each.

    Args:
        data_path: folder of training patches, which need not be there.
        val_path: that of validation patches.
    """
    if not (str(data_path) and str(val_path)):
        raise ValueError(
            "The folder of training patches or that of validation patches has an empty "
            "name; name both ('.' is the folder that you are in)."
        )
    if Path(data_path).resolve() == Path(val_path).resolve():
        raise ValueError(
            f"Training and validation patches would both go to {str(data_path)!r}; "
            "they need a folder each."
        )


def list_patches(folder, sources=None):
    """Returns the patch files of a folder by source and number.

    Args:
        folder: path of the folder.
        sources: names to keep, such as `["clova"]`; None keeps all.

    Raises:
        PatchError: the folder does not exist or holds no patch.

    Warns:
        UserWarning: there are pickles that are no patches by their names.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PatchError(f"{folder}: there is no such folder.")
    matches = [(p, _NAME.fullmatch(p.name)) for p in folder.glob("*.pickle")]
    found = sorted((m.group(1), int(m.group(2)), p) for p, m in matches if m)
    paths = [path for source, _, path in found if sources is None or source in sources]
    others = sorted(p.name for p, m in matches if not m)
    if not paths:
        wanted = "" if sources is None else f" of {', '.join(sources)}"
        raise PatchError(
            f"{folder} holds no patches{wanted} (files like printed_0.pickle); make "
            "them with crawl_data.py, or with load_data.py, which also makes them of "
            "pictures with a labels.tsv (--dataset=pictures)."
            + (f" {_pass_by(others)}" if others else "")
        )
    if others:
        warnings.warn(f"{folder}: {_pass_by(others)}", stacklevel=2)
    return paths


def _pass_by(names):
    """Says that files are no patches by their names."""
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"Passed by, for their names are not {_NAMED}: {shown}."


def write_patch(path, images, labels, families=None):
    """Writes a patch atomically: the file is whole or absent, whatever happens.

    Args:
        path: `<source>_<number>.pickle`.
        images: `uint8` (rows, height, width), or a sequence of pictures of one size.
        labels: sequence of `rows` syllables.
        families: sequence of `rows` strings, or None to leave them out.

    Raises:
        PatchError: the arrays do not make a patch, or no reader would find the name.
    """
    _check_name(Path(path).name)
    content = {"image": images, "label": labels, "family": families}
    images, labels, families = check_contents(content, path)
    content = {"image": images, "label": labels}
    if families is not None:
        content["family"] = families
    write_atomically(path, dump_arrays(content))


def read_alike(paths):
    """Reads patches whose pictures have one size, which others are made of.

    Args:
        paths: of the patches.

    Yields:
        (path, `Patch`).

    Raises:
        PatchError: one is damaged, or its pictures have not the size of the first's.
    """
    first = None
    for path in paths:
        patch = read_patch(path)
        size = "{} x {}".format(*patch.images.shape[1:])
        first = first or size
        if size != first:
            raise PatchError(
                f"{path}: its pictures have {size} pixels, others of the folder "
                f"{first}. New pictures are made of those of one size; draw all with "
                "one image_size."
            )
        yield path, patch


def _check_name(name):
    """Raises PatchError where `list_patches` would pass a file by."""
    if not _NAME.fullmatch(name):
        raise PatchError(f"{name!r} is no name of a patch; expected {_NAMED}.")


def drop_patches_from(folder, source, number):
    """Removes patches of a source that an earlier, longer run left behind ours.

    Args:
        folder: of the patches.
        source: in their names.
        number: the first that goes.
    """
    for path in Path(folder).glob(f"{source}_*.pickle"):
        own = path.stem.removeprefix(f"{source}_")
        if own.isdecimal() and int(own) >= number:
            path.unlink()


def read_patch(path):
    """Reads and checks a patch. No content of the file can run code.

    Raises:
        PatchError: it is no pickle of plain arrays, or they are not those of a patch.
        OSError: the file is not there or cannot be read.
    """
    try:
        content = load_arrays(path)
    except OSError:
        raise
    except pickle.UnpicklingError as error:
        raise PatchError(f"{path}: not a readable patch ({error}).") from None
    except Exception as error:  # pickle raises nearly anything on damaged bytes
        reason = f"{type(error).__name__}: {error}"
        raise PatchError(f"{path}: not a readable patch ({reason}).") from None
    # A list may name one picture many times, and so grow far beyond its file.
    images, labels, families = check_contents(
        content, path, _MAX_GROWTH * os.path.getsize(path)
    )
    if families is None:
        families = np.full(len(labels), source_of(path))
    return Patch(images, labels, families)
