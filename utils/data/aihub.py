"""AI Hub's "한국어 글자체 이미지" -> patches, on all cores, resumable.

The set has no writer ids, so training and validation are split by picture: the same
hands stand in both, and figures on these validation patches flatter. Differs from the
script of 2021 in that no picture is deleted and the last, smaller patch is written.
"""

import hashlib
from typing import NamedTuple

from utils.data.aihub_files import find_source
from utils.data.picture_patches import plan_jobs, run_jobs

_NUM_NAMED = 5  # of each kind of trouble, in the summary's text


class AIHubSummary(NamedTuple):
    """What came of one half of the set.

    source: `handwritten` or `printed`.
    train, val: pictures in the patches of each split.
    patches: paths of all patches, training first.
    missing: ids without a picture.
    unreadable: a line on each picture that cannot be read or prepared.
    illegal: a line on each label that is not one modern syllable.
    """

    source: str
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
            f"AI Hub {self.source}: {self.train:,} training and {self.val:,} "
            f"validation pictures in {len(self.patches)} patches"
        )
        for name in ("missing", "unreadable", "illegal"):
            troubles = getattr(self, name)
            if troubles:
                more = ", ..." if len(troubles) > _NUM_NAMED else ""
                text += f"; {len(troubles):,} {name}: "
                text += ", ".join(troubles[:_NUM_NAMED]) + more
        return text


def convert_aihub(
    aihub_path,
    pickle_path,
    val_path,
    source,
    prepare,
    *,
    val_ratio=0.1,
    pickle_size=5000,
    first_index=0,
    val_first_index=0,
    seed=0,
    workers=None,
    quiet=False,
):
    """Converts one half of the set to patches `<source>_<number>.pickle`.

    Which picture goes where follows from its id and the seed alone. Patches that are
    there from a run that was stopped are kept; a picture that cannot be read leaves its
    patch the shorter.

    Args:
        aihub_path: folder with the label file and the pictures, unpacked or in .zip.
        pickle_path: folder of the training patches.
        val_path: folder of the validation patches.
        source: `handwritten` or `printed`.
        prepare: function PIL image -> `uint8` (side, side), dark ink on white, that
            raises ValueError where it finds no ink; with several workers one that can
            be pickled.
        val_ratio: fraction of the pictures for validation, 0-1.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        first_index: number of the first training patch.
        val_first_index: number of the first validation patch.
        seed: of split and order.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        An `AIHubSummary`.

    Raises:
        AIHubError: labels or pictures are absent or damaged.
        PatchError: a patch of that name is there and holds something else.
        ValueError: `val_ratio` or `pickle_size` is out of range.
    """
    if not 0 <= val_ratio <= 1:
        raise ValueError(f"val_ratio={val_ratio!r}; expected a fraction from 0 to 1.")
    if pickle_size < 1:
        raise ValueError(f"pickle_size={pickle_size!r}; expected 1 or more.")
    rows, missing, illegal = find_source(aihub_path, source)
    rows.sort(key=lambda row: _digest(f"{seed}/{source}/{row[0]}"))
    num_val = round(val_ratio * len(rows))
    fixed = (pickle_size, source, f"AI Hub {source}", prepare)
    train = plan_jobs(rows[num_val:], pickle_path, first_index, *fixed)
    val = plan_jobs(rows[:num_val], val_path, val_first_index, *fixed)
    troubles = run_jobs(train + val, workers, quiet)
    sizes = [
        len(job.rows) - len(found)
        for job, found in zip(train + val, troubles, strict=True)
    ]
    return AIHubSummary(
        source,
        sum(sizes[: len(train)]),
        sum(sizes[len(train) :]),
        [job.path for job, size in zip(train + val, sizes, strict=True) if size],
        missing,
        [line for found in troubles for line in found],
        illegal,
    )


def _digest(text):
    return hashlib.sha256(text.encode()).digest()
