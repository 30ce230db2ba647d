"""Pictures of a published set -> its training and validation patches, and a summary."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from utils.data.atomic import write_atomically
from utils.data.converting.picture_patches import run_jobs
from utils.data.converting.picture_plans import plan_jobs

_NUM_NAMED = 5  # of each kind of trouble, in the summary's text


class Summary(NamedTuple):
    """What came of a set, or of one half of it.

    name: of the set.
    train, val: pictures in the patches of each split.
    patches: paths of all patches, training first.
    missing: ids without a picture.
    unreadable: a line on each picture that cannot be read or prepared.
    illegal: a line on each label that is not one modern syllable.
    """

    name: str
    train: int
    val: int
    patches: list
    missing: list
    unreadable: list
    illegal: list

    @property
    def troubles(self):
        """A line on each picture or label that was left out."""
        lines = [f"{id} has no picture" for id in self.missing]
        return [*lines, *self.unreadable, *self.illegal]

    def __str__(self):
        text = (
            f"{self.name}: {self.train:,} training and {self.val:,} "
            f"validation pictures in {len(self.patches)} patches"
        )
        for name in ("missing", "unreadable", "illegal"):
            troubles = getattr(self, name)
            if troubles:
                more = ", ..." if len(troubles) > _NUM_NAMED else ""
                text += f"; {len(troubles):,} {name}: "
                text += ", ".join(troubles[:_NUM_NAMED]) + more
        return text


def write_troubles(folder, name, summary):
    """Writes `skipped_<name>.txt`, a line on each picture or label that was left out.

    Args:
        folder: of the training patches.
        name: of the set.
        summary: the `Summary`; without troubles nothing is written, and what an
            earlier run wrote goes.

    Returns:
        Path of the file, or None.
    """
    path = Path(folder) / f"skipped_{name}.txt"
    if not summary.troubles:
        path.unlink(missing_ok=True)
        return None
    # Names of files need be no text: those of CP949, say, that were not converted.
    text = "\n".join(summary.troubles)
    write_atomically(path, text.encode(errors="backslashreplace"))
    return path


def thin(rows, count):
    """Returns `count` of the rows, evenly spaced; all where 0 or not as many.

    Args:
        rows: sequence.
        count: how many, 0 or more.
    """
    if not count or count >= len(rows):
        return rows
    return [rows[i * len(rows) // count] for i in range(count)]


def shuffle_rows(rows, name, seed):
    """Returns rows in an order that follows from their ids, a name and a seed alone.

    Args:
        rows: sequence of tuples, an id first.
        name: text, by which sets differ in order.
        seed: integer.

    Returns:
        List of all of them.
    """

    def place(row):
        return hashlib.sha256(f"{seed}/{name}/{row[0]}".encode()).digest()

    return sorted(rows, key=place)


def check_ratio(val_ratio):
    """Raises ValueError where `val_ratio` is no fraction from 0 to 1."""
    if not 0 <= val_ratio <= 1:
        raise ValueError(f"val_ratio={val_ratio!r}; expected a fraction from 0 to 1.")


def split_rows(rows, name, val_ratio, seed):
    """Splits rows by picture.

    Args:
        rows: list of (id, syllable, file).
        name: with the seed, what the order follows from.
        val_ratio: fraction of the rows for validation, 0-1.
        seed: of split and order.

    Returns:
        (training rows, validation rows), in their order.

    Raises:
        ValueError: `val_ratio` is out of range.
    """
    check_ratio(val_ratio)
    rows = shuffle_rows(rows, name, seed)
    num_val = round(val_ratio * len(rows))
    return rows[num_val:], rows[:num_val]


def convert_rows(
    name, splits, folders, source, prepare, *, first=(0, 0), pickle_size, **how
):
    """Writes the patches of a set.

    Args:
        name: of the set, as patches and summary say it.
        splits: (training rows, validation rows), lists of (id, syllable, file).
        folders: of the patches of each.
        source: prefix of the patches' names.
        prepare: function of what `file.read()` gives -> `uint8` (side, side), dark ink
            on white, that raises ValueError where it finds no ink; with several workers
            one that can be pickled.
        first: number of the first patch of each split.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        **how: `workers` and `quiet`, as for `picture_patches.run_jobs`.

    Returns:
        A `Summary` without missing and illegal ones.

    Raises:
        PatchError: a patch of that name is there and holds something else.
        ValueError: `pickle_size` is out of range.
    """
    if pickle_size < 1:
        raise ValueError(f"pickle_size={pickle_size!r}; expected 1 or more.")
    fixed = (pickle_size, source, name, prepare)
    train, val = (
        plan_jobs(rows, folder, index, *fixed)
        for rows, folder, index in zip(splits, folders, first, strict=True)
    )
    jobs = train + val
    troubles = run_jobs(jobs, **how)
    sizes = [
        len(job.rows) - len(lines) for job, lines in zip(jobs, troubles, strict=True)
    ]
    return Summary(
        name,
        sum(sizes[: len(train)]),
        sum(sizes[len(train) :]),
        [job.path for job, size in zip(jobs, sizes, strict=True) if size],
        [],
        [line for lines in troubles for line in lines],
        [],
    )
