"""A set of HangulDB, as it is published -> patches.

https://github.com/callee2006/HangulDB has PE92, SERI95a and HanDB as .zip archives,
some in several parts, each split into a training and a test set (a tenth of every
syllable's pictures). The writers are not told apart: the same hands stand in both.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from utils.bars import progress_bar
from utils.data.converting.conversion import convert_rows, shuffle_rows, thin
from utils.data.fetching.archives import unpack
from utils.data.hgu1 import SUFFIX, Hgu1Error, list_hgu1

SPLITS = ("train", "test")


class HangulDB(NamedTuple):
    """One set: its name in the papers, and what marks it in names of files."""

    name: str
    mark: str


SETS = {
    "pe92": HangulDB("PE92", "pe92"),
    "seri95a": HangulDB("SERI95a", "seri"),
    "handb": HangulDB("HanDB", "handb"),
}


def convert_hanguldb(
    dataset_path,
    pickle_path,
    val_path,
    source,
    prepare,
    *,
    drop_last=0,
    images_per_syllable=0,
    pickle_size=5000,
    seed=0,
    workers=None,
    quiet=False,
):
    """Converts a set to patches `<source>_<number>.pickle`, keeping its own split.

    Archives are unpacked beside themselves first. Patches that are there from a run
    that was stopped are kept.

    Args:
        dataset_path: folder with the archives, or what they hold, somewhere below it;
            their names, or those of folders, tell set and split: `PE92_train.zip`.
        pickle_path: folder for the patches of the training set.
        val_path: folder for those of the test set.
        source: `pe92`, `seri95a` or `handb`.
        prepare: as for `conversion.convert_rows`.
        drop_last: pictures to leave out at the end of each file, where most of PE92's
            wrong labels are, by its owner's word. Figures are then no longer those of
            the whole test set.
        images_per_syllable: pictures of each file at most, taken evenly; 0 takes all.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        seed: of the order.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        A `conversion.Summary`; its `val` are the official test pictures.

    Raises:
        Hgu1Error: no such set; one of its halves is absent, or a file is damaged.
        DownloadError: an archive is damaged or is refused.
        PatchError: a patch of that name is there and holds something else.
        OSError: a folder or a file cannot be read.
    """
    if source not in SETS:
        raise Hgu1Error(f"{source!r} is no set; choose from: {', '.join(SETS)}.")
    root, chosen = Path(dataset_path), SETS[source]
    for archive in sorted(root.rglob("*.zip")):
        if _half(archive.relative_to(root), chosen):
            unpack(archive, archive.with_suffix(""), quiet=quiet)
    files = defaultdict(list)
    for path in sorted(root.rglob(f"*{SUFFIX}")):
        files[_half(path.relative_to(root), chosen)].append(path)
    splits, illegal = [], []
    for half in SPLITS:
        if not files[half]:
            raise Hgu1Error(
                f"{root} holds no {half}ing files of {chosen.name}; put the archives "
                "of https://github.com/callee2006/HangulDB there, all parts of them, "
                f"named as there: with {chosen.mark} and {half} in the name."
            )
        rows, lines = _rows(files[half], half, drop_last, images_per_syllable, quiet)
        splits.append(shuffle_rows(rows, source, seed))
        illegal += lines
    summary = convert_rows(
        chosen.name,
        splits,
        (pickle_path, val_path),
        source,
        prepare,
        pickle_size=pickle_size,
        workers=workers,
        quiet=quiet,
    )
    return summary._replace(illegal=illegal)


def _half(path, chosen):
    """Returns which half of the set a path belongs to; None of another set."""
    text = path.as_posix().lower()
    if chosen.mark not in text:
        return None
    found = re.findall("train|test", text)
    return found[-1] if found else None


def _rows(paths, half, drop_last, most, quiet):
    """Returns (rows, lines on illegal codes) of files."""
    rows, illegal = [], []
    for path in progress_bar(paths, f"{half} files", unit="file", quiet=quiet):
        pictures, lines = list_hgu1(path)
        illegal += lines
        pictures = pictures[: max(0, len(pictures) - drop_last)]
        for number, (syllable, picture) in thin(list(enumerate(pictures)), most):
            rows.append((f"{half}/{path.stem}/{number}", syllable, picture))
    return rows, illegal
