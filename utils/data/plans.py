"""What is drawn into which patch, planned before anything is, and recorded.

A plan is a list of (face, syllable) for every split and domain, shuffled and cut into
patches. Its digest lies beside the patches, so that a run that goes on is of one plan.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.data.atomic import write_atomically
from utils.data.patches import PatchError, list_patches
from utils.json_text import read_object

SOURCES = {"handwriting": "clova", "printed": "printed"}  # domain -> patch prefix
PLAN_FILE = ".crawl.json"


class PlanError(ValueError):
    """The folder holds patches of another plan."""


class Job(NamedTuple):
    """One patch to be drawn: its path and its (place in the faces, syllable) rows."""

    path: str
    rows: tuple


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


def check_plan(jobs, faces, settings):
    """Records the plan's digest beside the patches, or compares with the recorded.

    Args:
        jobs: list of `Job`, all of the plan.
        faces: list of `Face`.
        settings: what else the pictures depend on, whatever has a `repr` of its own.

    Raises:
        PlanError: a folder holds patches of another plan.
    """
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
    # What is damaged plans nothing; `check_plan` says so where it matters.
    named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return [Path(folder) / name for name in names] if named else []


def _read_plan(marker):
    """Returns what is recorded of a plan, a dict; empty if nothing is."""
    try:
        return read_object(marker.read_bytes())
    except (OSError, ValueError):
        return {}


def first_index(folder, source):
    """Returns the number of a published source's first patch: after those of the fonts.

    Kept in the folder, so that a run that goes on numbers its patches as before. Fonts'
    patches that are planned count as if they were there.

    Args:
        folder: of the patches.
        source: `handwritten` or `printed`.

    Raises:
        ValueError: what is kept there is damaged.
    """
    marker = Path(folder) / f".aihub_{source}.json"
    if marker.is_file():
        text = marker.read_bytes().strip()
        if not text.isdigit():
            raise ValueError(f"{marker} holds no number; delete it, and run again.")
        return int(text)
    try:
        paths = list_patches(folder, [source])
    except PatchError:
        paths = []
    paths += [path for path in planned_patches(folder) if path.name.startswith(source)]
    index = max((int(path.stem.rpartition("_")[2]) + 1 for path in paths), default=0)
    write_atomically(marker, json.dumps(index).encode())
    return index
