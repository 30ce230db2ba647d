"""The pictures of the comparison, taken once from rendered patches.

Syllables are those of KS X 1001; every seventh of them is left out of training and
tells what a method reads that it never saw. Print and handwriting are seen equally
often. In the folder `tenth` the handwriting is a tenth of the pictures, ten times each;
in `every` the pictures show all 11,172 syllables but those left out; in `recombined`
they do too, and half of the handwriting is put together from parts.
"""

import json
from pathlib import Path

import numpy as np

from utils.data.hands.morphed_patches import SOURCE as MORPHED
from utils.data.hands.recombined_patches import SOURCE as RECOMBINED
from utils.data.patches import (
    INVENTED,
    PRINTED,
    list_patches,
    read_patch,
    source_of,
    write_atomically,
    write_patch,
)
from utils.hangul import ALL_SYLLABLES, ksx1001_syllables
from utils.json_text import read_object

_EVERY = 7  # of the syllables, one is left out
_ROWS = 2048  # of a patch
_SEEN, _UNSEEN = 1000, 500  # validation pictures of each source
_FACTS = "pictures.json"


def seen_syllables():
    """Returns the syllables that training shows, an array of strings."""
    every = np.array(ksx1001_syllables())
    return np.delete(every, np.s_[::_EVERY])


def unseen_syllables():
    """Returns the syllables of KS X 1001 that training never shows."""
    return np.array(ksx1001_syllables())[::_EVERY]


def other_syllables():
    """Returns all syllables that training may show, those outside KS X 1001 too."""
    return np.setdiff1d(np.array(list(ALL_SYLLABLES)), unseen_syllables())


def read_facts(folder):
    """Returns what the pictures of a folder were taken from: `train`, `val`, `count`.

    Raises:
        ValueError: the file that says it is damaged.
    """
    path = Path(folder) / _FACTS
    try:
        return read_object(path.read_bytes())
    except ValueError as error:
        raise ValueError(
            f"{path}: {error} Delete {folder}; the pictures are then taken anew."
        ) from None


def make_pictures(train_path, val_path, folder, count):
    """Writes the patch folders of the comparison, if they are not there.

    `full`, `tenth`, `every`, ... to train with; `seen` and `unseen` to judge by.

    Args:
        train_path: folder of training patches, of print and of handwriting.
        val_path: folder of validation patches, of both too.
        folder: where their folders go.
        count: pictures to train with, half of them print.

    Raises:
        ValueError: the folder holds the pictures of another comparison, or there are
            too few.
        PatchError: patches cannot be used.
    """
    folder = Path(folder)
    facts = {"train": str(train_path), "val": str(val_path), "count": count}
    path = folder / _FACTS
    if path.exists():
        if read_facts(folder) != facts:
            raise ValueError(
                f"{folder} holds the pictures of a comparison with other data or "
                "another method_pictures; choose another methods_path."
            )
        return
    for source in ("printed", "handwritten"):
        rows = _take(train_path, source, seen_syllables(), count // 2, exactly=True)
        _write(folder / "full", rows, source)
        if source == "handwritten":
            rows = [_tenth(each) for each in rows]
        _write(folder / "tenth", rows, source)
        rows = _take(train_path, source, other_syllables(), count // 2, exactly=True)
        _write(folder / "every", rows, source)
        rows = _take(val_path, source, seen_syllables(), _SEEN)
        _write(folder / "seen", rows, source)
        rows = _take(val_path, source, unseen_syllables(), _UNSEEN)
        _write(folder / "unseen", rows, source)
    write_atomically(path, json.dumps(facts).encode())


def make_recombined(train_path, folder, count):
    """Writes the patches of `recombined`, if they are not there.

    Args:
        train_path: folder of training patches, recombined ones among them.
        folder: where their folder goes.
        count: pictures to train with: half print, a quarter drawn and a quarter put
            together.

    Raises:
        ValueError: there are too few.
        PatchError: patches cannot be used.
    """
    folder = Path(folder) / RECOMBINED
    if (folder / "recombined_0.pickle").exists():  # the last to be written
        return
    shares = {"printed": count // 2, "handwritten": count // 4, RECOMBINED: count // 4}
    for source, share in shares.items():
        rows = _take(train_path, source, other_syllables(), share, exactly=True)
        _write(folder, rows, source)


def _kind(path):
    """Returns which of the sources of the comparison a patch belongs to."""
    source = source_of(path)
    if source in (RECOMBINED, MORPHED, INVENTED):
        return source
    return "printed" if source in PRINTED else "handwritten"


def _take(path, kind, syllables, count, exactly=False):
    """Returns (images, labels, families) of pictures taken at random, always the same.

    Raises:
        ValueError: there are none, or, where the number matters, too few.
    """
    paths = [p for p in list_patches(path) if _kind(p) == kind]
    fits = [np.flatnonzero(np.isin(read_patch(p).labels, syllables)) for p in paths]
    found = sum(map(len, fits))
    if not found or (exactly and found < count):
        raise ValueError(
            f"{path} holds {found} {kind} pictures with the syllables of the "
            f"comparison; it needs {count if exactly else 1}. More are made "
            "by crawl_data.py, recombined ones with --recombined_per_family."
        )
    places = np.repeat(np.arange(len(paths)), [len(each) for each in fits])
    rows = np.concatenate(fits)
    chosen = np.random.default_rng(0).permutation(found)[:count]
    parts = []
    for place, one in enumerate(paths):
        own = rows[chosen[places[chosen] == place]]
        patch = read_patch(one)
        parts.append([each[own] for each in patch])
    return _shuffle([np.concatenate(each) for each in zip(*parts, strict=True)])


def _shuffle(arrays):
    order = np.random.default_rng(1).permutation(len(arrays[0]))
    return [each[order] for each in arrays]


def _tenth(rows):
    """Returns the first tenth of the rows, repeated to as many."""
    return np.resize(rows[: max(1, len(rows) // 10)], rows.shape)


def _write(folder, rows, source):
    """Writes patches; the first comes last, and tells that all are there."""
    for start in reversed(range(0, len(rows[0]), _ROWS)):
        number = start // _ROWS
        part = [each[start : start + _ROWS] for each in rows]
        write_patch(folder / f"{source}_{number}.pickle", *part)
