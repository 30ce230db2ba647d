"""Anybody's pictures with a table of labels -> training and validation patches."""

from typing import NamedTuple

from utils.data.converting.conversion import (
    check_ratio,
    convert_rows,
    shuffle_rows,
    split_rows,
    thin,
)
from utils.data.converting.picture_files import PictureFile
from utils.data.converting.tables import read_labels

SOURCE = "pictures"


class GroupedFile(NamedTuple):
    """Where a picture lies, and whose it is.

    file: where it lies.
    family: its group: the writer or family that the table names.
    """

    file: PictureFile
    family: str

    def read(self):
        """Returns the PIL image, as `PictureFile.read`."""
        return self.file.read()

    def mark(self):
        """Returns what changes with the picture, as `PictureFile.mark`."""
        return self.file.mark()


def convert_labelled(
    dataset_path,
    pickle_path,
    val_path,
    prepare,
    *,
    val_ratio=0.1,
    images_per_syllable=0,
    pickle_size=5000,
    seed=0,
    workers=None,
    quiet=False,
    source=SOURCE,
):
    """Converts pictures with a `labels.tsv` to patches `<source>_<number>.pickle`.

    No group stands in both splits where there are several: a network is then
    validated on writers that it has not seen.

    Args:
        dataset_path: folder or .zip of the pictures, see `tables`.
        pickle_path: folder for the training patches.
        val_path: folder for the validation patches.
        prepare: as for `conversion.convert_rows`.
        val_ratio: fraction of the pictures for validation, 0-1: of whole groups no
            more, but one at least; of all pictures alike where all are of one group.
        images_per_syllable: pictures of each at most, taken evenly; 0 takes all.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        seed: of split and order.
        workers: as for `picture_patches.run_jobs`.
        quiet: show no progress bar.
        source: prefix of the patches' names: several sets with one each lie in one
            folder.

    Returns:
        A `conversion.Summary`, whose name tells how the pictures were split.

    Raises:
        SourceError: the table is missing or not in order.
        PatchError: a patch of that name is there and holds something else.
        ValueError: an option is out of range.
        OSError: a folder or a file cannot be read.
    """
    sets, locate = read_labels(dataset_path)
    rows = [
        (f"{name}/{row['path']}", row["label"], _file(row, locate))
        for name, listed in sets.items()
        for row in listed
    ]
    rows = _thin_syllables(rows, images_per_syllable)
    splits, how = split_groups(rows, SOURCE, val_ratio, seed)
    return convert_rows(
        f"{dataset_path}, {how}",
        splits,
        (pickle_path, val_path),
        source,
        prepare,
        pickle_size=pickle_size,
        workers=workers,
        quiet=quiet,
    )


def split_groups(rows, name, val_ratio, seed):
    """Splits rows by group; by picture, where there is only one.

    Where none is small enough the smallest is for validation: pictures of hands that
    were learnt tell little of others.

    Args:
        rows: list of (id, syllable, `GroupedFile`).
        name: with the seed, what the choice and the order follow from.
        val_ratio: fraction of the rows for validation, 0-1: at most, where a group
            is as small.
        seed: of split and order.

    Returns:
        ((training rows, validation rows), how they were split in words).

    Raises:
        ValueError: `val_ratio` is out of range.
    """
    check_ratio(val_ratio)
    counts = {}
    for _, _, file in rows:
        counts[file.family] = counts.get(file.family, 0) + 1
    chosen, room = set(), val_ratio * len(rows)
    for (group,) in shuffle_rows([(group,) for group in counts], name, seed):
        if counts[group] <= room:
            chosen.add(group)
            room -= counts[group]
    if not chosen and len(counts) > 1 and val_ratio:  # better too many than none
        chosen = {min(counts, key=lambda group: (counts[group], group))}
    if not chosen:
        return split_rows(rows, name, val_ratio, seed), "split by picture"
    rows = shuffle_rows(rows, name, seed)
    train = [row for row in rows if row[2].family not in chosen]
    val = [row for row in rows if row[2].family in chosen]
    return (train, val), f"{len(chosen)} of {len(counts)} groups for validation"


def _file(row, locate):
    return GroupedFile(locate(row["path"]), row["group"])


def _thin_syllables(rows, count):
    """Returns the rows with no more than `count` of each syllable; 0 keeps all."""
    by_syllable = {}
    for row in rows:
        by_syllable.setdefault(row[1], []).append(row)
    return [row for some in by_syllable.values() for row in thin(some, count)]
