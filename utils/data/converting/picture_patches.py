"""Picture files with labels -> patches, on all cores, resumable."""

import os

import numpy as np

from utils.bars import progress_bar
from utils.data.converting.picture_files import close_archives
from utils.data.converting.picture_plans import check_plan, prepared_picture
from utils.data.patches import read_patch, write_patch
from utils.data.workers import map_tasks

_MIN_SHARED = 1000  # pictures: fewer take less time than starting processes


def run_jobs(jobs, workers=None, quiet=False):
    """Writes the patches that are not there whole.

    Args:
        jobs: list of `Job`.
        workers: processes; None uses all cores, of few pictures this process alone.
        quiet: show no progress bar.

    Returns:
        List that holds for each job a list with a line on each picture that cannot be
        read or prepared.

    Raises:
        PatchError: a patch of that name is there and holds something else.
        TypeError: `prepare` returns something else than a square picture.
    """
    if not jobs:
        return []
    check_plan(jobs)
    results, total = [], sum(len(job.rows) for job in jobs)
    if workers is None and total < _MIN_SHARED:
        workers = 1
    options = {"total": total, "unit": "picture", "quiet": quiet}
    try:
        with progress_bar(desc="pictures", **options) as bar:
            for job, found in zip(
                jobs, map_tasks(_convert, jobs, workers), strict=True
            ):
                results.append(found)
                bar.update(len(job.rows))
    finally:
        close_archives()
    return results


def _convert(job):
    """Writes one patch if it is not there whole; returns a line on each trouble."""
    # A patch that lacks a picture is made again: the picture may have been repaired.
    if os.path.exists(job.path) and len(read_patch(job.path).labels) == len(job.rows):
        return []
    images, labels, families, troubles = [], [], [], []
    for id, syllable, file in job.rows:
        image, trouble = prepared_picture(file, job.prepare)
        if trouble:
            troubles.append(f"{id} ({trouble})")
        else:
            images.append(image)
            labels.append(syllable)
            families.append(getattr(file, "family", job.family))
    if images:
        write_patch(job.path, np.stack(images), labels, families)
    return troubles
