import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import DRAWN, GRID, cells_of

from utils.data import crawling
from utils.data import fonts as fonts_module
from utils.data.crawling import find_drawn, run_jobs
from utils.data.families import split_families
from utils.data.fonts import Face, find_faces
from utils.data.patches import list_patches, read_patch
from utils.data.plans import PLAN_FILE, PlanError, plan_family, plan_jobs
from utils.data.rendering import Placement


@pytest.fixture
def few(monkeypatch):
    """Judges faces on 200 syllables, for speed; in this process only."""
    few = fonts_module.ALL_SYLLABLES[:200]
    monkeypatch.setattr(fonts_module, "ALL_SYLLABLES", few)


@pytest.fixture
def planned(fonts, tmp_path):
    """Returns a function that plans the test faces, as (jobs, faces)."""
    faces, _ = find_faces(fonts)

    def plan(seed=0, count=50, patch_size=20, name="run"):
        drawn = [DRAWN[:30] if face.family == "Pen" else DRAWN for face in faces]
        folders = {"train": tmp_path / name, "val": tmp_path / f"{name}_val"}
        splits = split_families(faces, 0.5, seed)
        jobs = plan_jobs(faces, drawn, splits, folders, count, patch_size, seed)
        return jobs, faces

    return plan


# Planning


def test_family_takes_everything_once_without_a_count():
    drawn = ["가나", "다", "라"]
    plan = plan_family([0, 2], drawn, 0, seed=0)
    assert plan == [(0, "가"), (0, "나"), (2, "라")]
    assert plan_family([1], ["가", ""], 5, seed=0) == []


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 100])
def test_family_repeats_evenly(count):
    plan = plan_family([0, 2], ["가나", "다", "라"], count, seed=0)
    times = Counter(plan)
    assert len(plan) == count and set(times) <= {(0, "가"), (0, "나"), (2, "라")}
    assert max(times.values()) - min([times[k] for k in times], default=0) <= 1
    assert count < 3 or len(times) == 3


def test_choice_depends_on_the_seed():
    drawn = ["".join(DRAWN)]
    plans = [tuple(plan_family([0], drawn, 10, seed)) for seed in (0, 0, 1)]
    assert plans[0] == plans[1] != plans[2]


def test_jobs_cover_the_plan(planned, tmp_path):
    jobs, faces = planned(count=0, patch_size=16)
    rows = [row for job in jobs for row in job.rows]
    expected = {
        (place, s)
        for place, face in enumerate(faces)
        for s in (DRAWN[:30] if face.family == "Pen" else DRAWN)
    }
    assert len(rows) == len(expected) and set(rows) == expected
    for job in jobs:
        source = Path(job.path).name.split("_")[0]
        domains = {faces[place].domain for place, _ in job.rows}
        assert domains == {{"clova": "handwriting", "printed": "printed"}[source]}
    sizes = Counter(len(job.rows) for job in jobs)
    assert max(sizes) == 16 and len(jobs) - sizes[16] <= 4  # one rest a source


@pytest.mark.parametrize("seed", range(5))
def test_no_family_stands_in_both_splits(planned, tmp_path, seed):
    jobs, faces = planned(seed)
    families = {"run": set(), "run_val": set()}
    for job in jobs:
        split = families[Path(job.path).parent.name]
        split |= {faces[place].family for place, _ in job.rows}
    assert families["run"] and families["run_val"]
    assert not families["run"] & families["run_val"]


def test_families_weigh_alike_and_patches_mix_them(planned):
    jobs, faces = planned(count=200, patch_size=50)
    rows = Counter(faces[place].family for job in jobs for place, _ in job.rows)
    assert set(rows.values()) == {200}  # Serif has two faces and weighs no more
    # Printed training patches hold both of their families, in no order.
    found = [[faces[place].family for place, _ in job.rows] for job in jobs]
    two = [families for families in found if len(set(families)) == 2]
    assert len(two) == 8
    for families in two:
        assert 10 < families.count(families[0]) < 40


# Drawing


def run(jobs, faces, workers=1, **options):
    return run_jobs(jobs, faces, 32, workers=workers, quiet=True, **options)


def contents(jobs):
    return {Path(job.path).name: Path(job.path).read_bytes() for job in jobs}


def test_patches_hold_what_was_planned(planned):
    jobs, faces = planned()
    drawn, kept, failed = run(jobs, faces)
    planned_rows = sum(len(job.rows) for job in jobs)
    broken = Counter(
        faces[place].family
        for job in jobs
        for place, syllable in job.rows
        if faces[place].path.endswith("serif.ttf") and syllable in DRAWN[:2]
    )
    assert failed == broken and broken["Serif"] > 0
    assert (drawn, kept) == (planned_rows - broken["Serif"], 0)
    for job in jobs:
        patch = read_patch(job.path)
        rows = [
            (place, s)
            for place, s in job.rows
            if not (faces[place].path.endswith("serif.ttf") and s in DRAWN[:2])
        ]
        assert patch.labels.tolist() == [syllable for _, syllable in rows]
        assert patch.families.tolist() == [faces[place].family for place, _ in rows]
        for image, label in zip(patch.images, patch.labels, strict=True):
            cells = image[4::8, 4::8][:GRID, :GRID] < 128
            np.testing.assert_array_equal(cells, cells_of(label))


def test_run_is_deterministic_and_resumes(planned):
    first, faces = planned(name="a")
    run(first, faces)
    second, _ = planned(name="b")
    run(second, faces)
    assert contents(first) == contents(second)

    before = contents(first)
    Path(first[1].path).unlink()
    drawn, kept, _ = run(first, faces)
    assert contents(first) == before
    assert drawn <= len(first[1].rows)
    assert kept == sum(len(job.rows) for job in first) - len(first[1].rows)

    third, _ = planned(seed=1, name="c")
    run(third, faces)
    assert contents(third) != before


def test_processes_draw_the_same(planned):
    alone, faces = planned(name="a")
    run(alone, faces)
    together, _ = planned(name="b")
    run(together, faces, workers=2)
    assert contents(alone) == contents(together)


@pytest.mark.parametrize("change", ["seed", "patch_size", "faces", "size", "placement"])
def test_patches_of_another_plan_are_not_mixed(planned, change):
    jobs, faces = planned()
    run(jobs, faces)
    Path(jobs[0].path).unlink()
    size, placement = 32, None
    if change in ("seed", "patch_size"):
        jobs, _ = planned(**{change: 15})
    elif change == "faces":
        faces = [Face(**vars(face) | {"family": face.family + "!"}) for face in faces]
    elif change == "size":
        size = 33
    else:
        placement = Placement(1, 1, 20)
    with pytest.raises(PlanError, match="other fonts, options or sources .*delete"):
        run_jobs(jobs, faces, size, placement, workers=1, quiet=True)


@pytest.mark.parametrize("marker", [None, b"no json", b"[]"])
def test_patches_of_unknown_plan_are_not_mixed(planned, marker):
    jobs, faces = planned()
    run(jobs, faces)
    for folder in {Path(job.path).parent for job in jobs}:
        path = folder / PLAN_FILE
        assert len(json.loads(path.read_bytes())["plan"]) == 64
        path.unlink() if marker is None else path.write_bytes(marker)
    with pytest.raises(PlanError, match="holds .* patches of other fonts"):
        run(jobs, faces)


def test_other_sources_in_the_folder_are_left_alone(planned):
    jobs, faces = planned()
    other = Path(jobs[0].path).parent / "handwritten_0.pickle"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"of AI Hub")
    run(jobs, faces)
    assert other.read_bytes() == b"of AI Hub"


def test_patch_of_which_nothing_can_be_drawn(planned, fonts, tmp_path):
    faces = [Face(str(fonts / "printed" / "serif.ttf"), family="Serif")]
    faces += [Face(str(tmp_path / "gone.ttf"), family="Gone")]
    splits, folders = {"Serif": "train", "Gone": "train"}, {"train": tmp_path / "run"}
    jobs = plan_jobs(faces, [DRAWN[:2], DRAWN], splits, folders, 0, 100, 0)
    drawn, kept, failed = run(jobs, faces)
    assert (drawn, kept, failed) == (0, 0, {"Serif": 2, "Gone": 40})
    assert not Path(jobs[0].path).exists()


def test_placement_reaches_the_renderer(planned):
    jobs, faces = planned()
    run(jobs[:1], faces, placement=Placement(0, 0, 16))
    patch = read_patch(jobs[0].path)
    assert (patch.images[:, 18:] == 255).all() and (
        patch.images[:, :, 18:] == 255
    ).all()


def test_pictures_land_in_patches_that_can_be_listed(planned):
    jobs, faces = planned()
    run(jobs, faces)
    folders = {Path(job.path).parent for job in jobs}
    found = {path for folder in folders for path in list_patches(folder)}
    assert found == {Path(job.path) for job in jobs}


# What faces draw


def test_find_drawn_reports_broken_faces(few, fonts, tmp_path):
    faces = [
        Face(str(tmp_path / "gone.ttf")),
        Face(str(fonts / "handwriting" / "pen.ttf")),
        Face(str(fonts / "printed" / "serif.ttf")),
    ]
    drawn, broken = find_drawn(faces, DRAWN[:35], workers=1, quiet=True)
    assert drawn == [(), DRAWN[:30], DRAWN[2:35]]
    assert list(broken) == [str(tmp_path / "gone.ttf")]
    assert "OSError: " in broken[str(tmp_path / "gone.ttf")]


def test_find_drawn_survives_any_font(monkeypatch, fonts):
    def fail(face, syllables):
        raise RuntimeError("odd font")

    monkeypatch.setattr(crawling, "drawn_syllables", fail)
    face = Face(str(fonts / "handwriting" / "pen.ttf"))
    drawn, broken = find_drawn([face], DRAWN, quiet=True)
    assert drawn == [()] and broken == {face.path: "RuntimeError: odd font"}


def test_find_drawn_in_processes(fonts):
    faces = [Face(str(fonts / "handwriting" / f"{n}.ttf")) for n in ("pen", "brush")]
    drawn, broken = find_drawn(faces, DRAWN, workers=2, quiet=True)
    assert drawn == [DRAWN[:30], DRAWN] and broken == {}
