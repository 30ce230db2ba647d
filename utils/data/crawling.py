"""Fonts -> patches, on all cores, seeded, resumable.

What is drawn is planned first (`plans`). A patch is then a unit of work that depends
on nothing else, so that a run that was killed goes on with the patches that are not
there.
"""

from collections import Counter
from functools import lru_cache
from pathlib import Path

from utils.bars import progress_bar
from utils.data.fonts import GLYPH_ERRORS, drawn_syllables
from utils.data.patches import write_patch
from utils.data.plans import check_plan
from utils.data.rendering import Renderer
from utils.data.workers import map_tasks


def find_drawn(faces, syllables, workers=None, quiet=False):
    """Finds what every face really draws.

    Args:
        faces: list of `Face`.
        syllables: the charset.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        (drawn, broken): a list of tuples of syllables, one for each face, and a dict
        path -> reason of the faces whose glyphs cannot be read.
    """
    drawn, broken = [], {}
    results = map_tasks(_try_drawn, [(f, syllables) for f in faces], workers)
    bar = progress_bar(results, "faces", len(faces), unit="face", quiet=quiet)
    for face, (found, reason) in zip(faces, bar, strict=True):
        drawn.append(found)
        if reason:
            broken[face.path] = reason
    return drawn, broken


def run_jobs(jobs, faces, image_size, placement=None, workers=None, quiet=False):
    """Draws the patches that are not there yet.

    Args:
        jobs: list of `plans.Job`, all of the plan.
        faces: list of `Face`, of which the jobs' rows give the places.
        image_size: side of the pictures in pixels.
        placement: as for `rendering.Renderer`.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        (drawn, kept, failed): pictures drawn now, pictures planned for the patches that
        were there, and a `Counter` of family -> glyphs that could not be drawn.

    Raises:
        PlanError: a folder holds patches of another plan.
    """
    settings = (image_size, placement)
    todo = [job for job in jobs if not Path(job.path).exists()]
    check_plan(jobs, faces, settings)
    kept = sum(len(job.rows) for job in jobs) - sum(len(job.rows) for job in todo)
    total, failed = sum(len(job.rows) for job in todo), Counter()
    tasks = [(job, faces, *settings) for job in todo]
    with progress_bar(total=total, desc="pictures", unit="picture", quiet=quiet) as bar:
        for size, failures in map_tasks(_draw_patch, tasks, workers):
            failed.update(failures)
            bar.update(size)
    return total - sum(failed.values()), kept, failed


def _try_drawn(task):
    face, syllables = task
    try:
        return drawn_syllables(face, syllables), None
    except Exception as error:  # one bad font must not end a run over hundreds
        return (), f"{type(error).__name__}: {error}"


# Some systems let a process open no more than 256 files.
@lru_cache(maxsize=200)
def _renderer(face, image_size, placement):
    return Renderer(face, image_size, placement)


def _draw_patch(task):
    """Draws and writes one patch; returns its rows and the failures by family."""
    job, faces, *settings = task
    images, failed = {}, Counter()
    # Face by face, for there may be more of them than can be held open.
    for row, (place, syllable) in sorted(enumerate(job.rows), key=lambda x: x[1][0]):
        image = _try_draw(faces[place], syllable, settings)
        if image is None:
            failed[faces[place].family] += 1
        else:
            images[row] = image
    if images:
        rows = sorted(images)
        labels = [job.rows[row][1] for row in rows]
        families = [faces[job.rows[row][0]].family for row in rows]
        write_patch(job.path, [images[row] for row in rows], labels, families)
    return len(job.rows), failed


def _try_draw(face, syllable, settings):
    """Returns the picture; None if the glyph has no ink or cannot be read."""
    try:
        return _renderer(face, *settings).draw(syllable)
    except GLYPH_ERRORS:
        return None
