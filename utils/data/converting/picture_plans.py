"""Which picture file comes into which patch: planned, and recorded beside them."""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from utils.data.atomic import write_atomically
from utils.data.fetching.download_checks import one_line
from utils.data.patches import PatchError, source_of
from utils.json_text import read_object


class Job(NamedTuple):
    """One patch.

    path: of the patch.
    rows: (id, syllable, file) of each picture; `file.read()` gives it.
    family: where they come from, as far as a file has no `family` of its own.
    prepare: function of what `read` gives -> `uint8` (side, side).
    """

    path: str
    rows: tuple
    family: str
    prepare: object


def plan_jobs(rows, folder, first_index, pickle_size, source, family, prepare):
    """Cuts rows into one job a patch, `<source>_<number>.pickle`.

    Args:
        rows: list of (id, syllable, file), such as a `PictureFile`.
        folder: path of the folder of the patches.
        first_index: number of the first patch.
        pickle_size: rows a patch; the last may hold fewer.
        source: prefix of the patches' names.
        family: where the pictures come from, as the patches say it.
        prepare: function of what `read` gives -> `uint8` (side, side).

    Returns:
        List of `Job`.
    """
    jobs = []
    for number, start in enumerate(range(0, len(rows), pickle_size), first_index):
        path = Path(folder) / f"{source}_{number}.pickle"
        part = tuple(rows[start : start + pickle_size])
        jobs.append(Job(str(path), part, family, prepare))
    return jobs


def prepared_picture(file, prepare):
    """Reads and prepares a picture.

    Args:
        file: what has a `read`.
        prepare: function of what that gives -> `uint8` (side, side).

    Returns:
        (image, None), or (None, what is wrong with the picture).

    Raises:
        TypeError: `prepare` returns something else than a square picture.
    """
    try:
        image = prepare(file.read())
    except TypeError:
        raise
    except Exception as error:  # Pillow raises nearly anything on damaged bytes
        return None, f"{type(error).__name__}: {one_line(error)}"
    shape, dtype = np.shape(image), getattr(image, "dtype", None)
    if len(shape) != 2 or shape[0] != shape[1] or dtype != np.uint8:
        raise TypeError(
            f"prepare returned {dtype} of shape {shape}; expected uint8 (side, side)."
        )
    return image, None


def check_plan(jobs):
    """Records the plan beside the patches, or compares it with the recorded.

    Patches whose pictures have changed since go: they are made anew.

    Args:
        jobs: list of `Job`, all of the plan.

    Raises:
        PatchError: patches of another plan are there.
    """
    digest = _plan_digest(jobs, _sample(jobs))
    for folder in sorted({Path(job.path).parent for job in jobs}):
        marker = folder / f".{source_of(jobs[0].path)}.plan.json"
        ours = [job for job in jobs if Path(job.path).parent == folder]
        there = [job.path for job in ours if os.path.exists(job.path)]
        known = _read_plan(marker)
        if there and known.get("plan") not in (digest, _plan_of_before(jobs, known)):
            raise PatchError(
                f"{there[0]} is there already, of other pictures or options; "
                f"delete {source_of(there[0])}_*.pickle in {folder} to convert them "
                "anew, or choose another folder."
            )
        marks = {Path(job.path).name: _mark(job) for job in ours}
        for path in there:
            name = Path(path).name
            if known.get("marks", marks).get(name, marks[name]) != marks[name]:
                os.unlink(path)
        facts = {"plan": digest, "marks": marks}
        write_atomically(marker, json.dumps(facts).encode())


class _Sample:
    """A picture that another preparation or size would change."""

    @staticmethod
    def read():
        """Returns it: a PIL image."""
        image = np.full((40, 40), 230, np.uint8)
        image[8:30, 10:14] = image[18:22, 6:32] = 20
        return Image.fromarray(image)


def _plan_digest(jobs, prepared):
    """Returns the digest of a plan and of a prepared picture, in hexadecimal."""
    plan = [(Path(job.path).name, [row[:2] for row in job.rows]) for job in jobs]
    digest = hashlib.sha256(repr((np.shape(prepared), plan)).encode())
    digest.update(prepared.tobytes() if prepared is not None else b"")
    return digest.hexdigest()


def _sample(jobs):
    """Returns a prepared picture that another preparation or size would change.

    The same one for all files that tell their changes by themselves; of those in a
    file of their set's own the first that can be read.
    """
    if hasattr(jobs[0].rows[0][2], "mark"):
        return prepared_picture(_Sample, jobs[0].prepare)[0]
    return _first(jobs)


def _first(jobs):
    """Returns the first picture that can be prepared, or None."""
    rows = (row for job in jobs for row in job.rows)
    prepared = (prepared_picture(row[2], jobs[0].prepare)[0] for row in rows)
    return next((each for each in prepared if each is not None), None)


def _plan_of_before(jobs, known):
    """Returns the digest that a plan without marks had, of its first picture, or ''."""
    return "" if "marks" in known else _plan_digest(jobs, _first(jobs))


def _read_plan(marker):
    """Returns what is recorded of a plan: a dict, empty where that is damaged."""
    try:
        known = read_object(marker.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known.get("marks", {}), dict) else {}


def _mark(job):
    """Returns what changes with the files and families of a patch, in hexadecimal."""
    facts = [(getattr(row[2], "family", ""), _file_mark(row[2])) for row in job.rows]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _file_mark(file):
    """Returns a file's own mark; nothing of one that has none, or is not there."""
    try:
        return file.mark()
    except Exception:  # what is wrong with it is told when it is read
        return ()
