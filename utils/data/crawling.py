"""Fonts -> patches, on all cores, seeded, resumable.

What is drawn is planned first: a list of (face, syllable) for every split and domain,
shuffled and cut into patches. A patch is then a unit of work that depends on nothing
else, so that a run that was killed goes on with the patches that are not there.
"""

import hashlib
import json
import os
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from utils.data.fonts import GLYPH_ERRORS, drawn_syllables
from utils.data.patches import write_atomically, write_patch
from utils.data.rendering import Renderer
from utils.data.workers import worker_pool
from utils.json_text import read_object

SOURCES = {"handwriting": "clova", "printed": "printed"}  # domain -> patch prefix
PLAN_FILE = ".crawl.json"


class PlanError(ValueError):
    """The folder holds patches of another plan."""


class Job(NamedTuple):
    """One patch to be drawn: its path and its (place in the faces, syllable) rows."""

    path: str
    rows: tuple


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
    results = _run(_try_drawn, [(f, syllables) for f in faces], workers)
    bar = tqdm(results, "faces", len(faces), unit="face", disable=quiet)
    for face, (found, reason) in zip(faces, bar, strict=True):
        drawn.append(found)
        if reason:
            broken[face.path] = reason
    return drawn, broken


def plan_family(members, drawn, count, seed):
    """Chooses what to draw of one family.

    Args:
        members: places of the family's faces in `drawn`.
        drawn: what every face draws.
        count: pictures of the family; 0 takes everything once. A family that draws
            fewer than `count` repeats, for augmentation makes the repeats differ; each
            of its pictures comes equally often, give or take one.
        seed: of the choice.

    Returns:
        List of (place, syllable).
    """
    everything = [(place, s) for place in members for s in drawn[place]]
    if not count or not everything:
        return everything
    rng = np.random.default_rng(seed)
    rounds, rest = divmod(count, len(everything))
    chosen = rng.permutation(len(everything))[:rest]
    return everything * rounds + [everything[i] for i in chosen]


def plan_jobs(faces, drawn, splits, folders, count, patch_size, seed):
    """Plans every patch.

    Args:
        faces: list of `Face`.
        drawn: what every face draws.
        splits: family -> split.
        folders: split -> folder of its patches.
        count: pictures a family; 0 takes everything once.
        patch_size: pictures a patch; the last of a source may hold fewer.
        seed: of choice and order.

    Returns:
        List of `Job`.
    """
    rows = {}
    families = sorted({(f.domain, f.family) for f in faces})
    for domain, family in families:
        key = (domain, family)
        members = [i for i, f in enumerate(faces) if (f.domain, f.family) == key]
        chosen = plan_family(members, drawn, count, [seed, *family.encode()])
        rows.setdefault((splits[family], SOURCES[domain]), []).extend(chosen)
    jobs = []
    for (split, source), listed in sorted(rows.items()):
        rng = np.random.default_rng([seed, *f"{split}/{source}".encode()])
        listed = [listed[i] for i in rng.permutation(len(listed))]
        for number, start in enumerate(range(0, len(listed), patch_size)):
            path = Path(folders[split]) / f"{source}_{number}.pickle"
            jobs.append(Job(str(path), tuple(listed[start : start + patch_size])))
    return jobs


def run_jobs(jobs, faces, image_size, placement=None, workers=None, quiet=False):
    """Draws the patches that are not there yet.

    Returns:
        (drawn, kept, failed): pictures drawn now, pictures of patches that were there,
        and a `Counter` of family -> glyphs that could not be drawn.

    Raises:
        PlanError: a folder holds patches of another plan.
    """
    settings = (image_size, placement)
    todo = [job for job in jobs if not Path(job.path).exists()]
    _check_plan(jobs, faces, settings)
    kept = sum(len(job.rows) for job in jobs) - sum(len(job.rows) for job in todo)
    total, failed = sum(len(job.rows) for job in todo), Counter()
    tasks = [(job, faces, *settings) for job in todo]
    with tqdm(total=total, desc="pictures", unit="picture", disable=quiet) as bar:
        for size, failures in _run(_draw_patch, tasks, workers):
            failed.update(failures)
            bar.update(size)
    return total - sum(failed.values()), kept, failed


def _check_plan(jobs, faces, settings):
    """Records the plan's digest beside the patches, or compares with the recorded."""
    names = [(Path(f.path).name, f.index, f.family) for f in faces]
    digest = hashlib.sha256(repr((names, settings)).encode())
    for job in jobs:
        digest.update(repr((Path(job.path).name, job.rows)).encode())
    digest = digest.hexdigest()
    for folder in sorted({Path(job.path).parent for job in jobs}):
        marker = folder / PLAN_FILE
        ours = [job.path for job in jobs if Path(job.path).parent == folder]
        there = [path for path in ours if Path(path).exists()]
        if there and _read_plan(marker).get("plan") != digest:
            raise PlanError(
                f"{folder} holds {len(there)} patches of other fonts, options or "
                f"sources (such as {Path(there[0]).name}); choose another folder, or "
                "delete them if they are not needed."
            )
        facts = {"plan": digest, "patches": sorted(Path(path).name for path in ours)}
        write_atomically(marker, json.dumps(facts).encode())


def planned_patches(folder):
    """Returns the paths of a folder's patches by its plan, drawn already or not."""
    names = _read_plan(Path(folder) / PLAN_FILE).get("patches", ())
    # What is damaged plans nothing; `_check_plan` says so where it matters.
    named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return [Path(folder) / name for name in names] if named else []


def _read_plan(marker):
    """Returns what is recorded of a plan, a dict; empty if nothing is."""
    try:
        return read_object(marker.read_bytes())
    except (OSError, ValueError):
        return {}


def _run(function, tasks, workers):
    """Maps over tasks in order: in processes, or in this one where that is enough."""
    workers = min(workers or os.cpu_count() or 1, len(tasks))
    if workers <= 1:
        yield from map(function, tasks)
        return
    with worker_pool(workers) as pool:
        yield from pool.map(function, tasks)


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
