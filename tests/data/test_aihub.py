import functools
import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.aihub_set import SYLLABLES, make_set, note, png
from utils.data.aihub import convert_aihub
from utils.data.aihub_files import AIHubError
from utils.data.patches import PatchError, read_patch, write_patch


def prepare(image, side=4):
    """A picture of one grey level -> a square of it; white counts as no ink."""
    value = image.convert("L").getpixel((0, 0))
    if value == 255:
        raise ValueError("no ink")
    return np.full((side, side), value, np.uint8)


def convert(tmp_path, root, source="handwritten", function=prepare, **options):
    options = {"pickle_size": 10, "workers": 1, "quiet": True} | options
    folders = (tmp_path / "train", tmp_path / "val")
    return convert_aihub(root, *folders, source, function, **options)


def rows_of(*paths):
    """Returns the (grey level, label) of every row of patches, in order."""
    rows = []
    for path in paths:
        patch = read_patch(path)
        rows += zip(patch.images[:, 0, 0].tolist(), patch.labels.tolist(), strict=True)
    return rows


@pytest.mark.parametrize("zipped", [False, True], ids=["folders", "zip"])
@pytest.mark.parametrize("source", ["handwritten", "printed"])
def test_every_picture_comes_once_with_its_label(tmp_path, zipped, source):
    root = make_set(tmp_path / "hub", zipped=zipped, source=source)
    before = sorted(path for path in root.rglob("*"))
    summary = convert(tmp_path, root, source, val_ratio=0.25)
    assert (summary.train, summary.val) == (18, 6)
    assert [Path(path).name for path in summary.patches] == [
        f"{source}_0.pickle",
        f"{source}_1.pickle",
        f"{source}_0.pickle",
    ]
    assert [len(read_patch(path).labels) for path in summary.patches] == [10, 8, 6]
    assert sorted(rows_of(*summary.patches)) == list(enumerate(SYLLABLES))
    assert sorted(path for path in root.rglob("*")) == before
    assert set(read_patch(summary.patches[0]).families) == {f"AI Hub {source}"}


def test_split_follows_from_seed_and_id_alone(tmp_path):
    root = make_set(tmp_path / "hub")
    first = rows_of(*convert(tmp_path / "a", root, val_ratio=0.25).patches)
    again = rows_of(*convert(tmp_path / "b", root, val_ratio=0.25).patches)
    other = rows_of(*convert(tmp_path / "c", root, val_ratio=0.25, seed=1).patches)
    assert first == again != other

    def place(i):
        return hashlib.sha256(f"0/handwritten/{i:08}".encode()).digest()

    expected = sorted(range(24), key=place)
    assert [value for value, _ in first] == expected[6:] + expected[:6]


def test_processes_make_the_same_patches(tmp_path):
    root = make_set(tmp_path / "hub", zipped=True)
    here = convert(tmp_path / "a", root)
    there = convert(tmp_path / "b", root, workers=2)
    assert rows_of(*here.patches) == rows_of(*there.patches)


def test_numbers_start_where_asked(tmp_path):
    summary = convert(
        tmp_path, make_set(tmp_path / "hub"), first_index=7, val_first_index=3
    )
    names = [Path(path).name for path in summary.patches]
    assert names == [f"handwritten_{n}.pickle" for n in (7, 8, 9, 3)]


def test_ratio_zero_and_one(tmp_path):
    root = make_set(tmp_path / "hub")
    assert convert(tmp_path / "a", root, val_ratio=0)[1:3] == (24, 0)
    assert convert(tmp_path / "b", root, val_ratio=1)[1:3] == (0, 24)


def test_folder_goes_before_archive(tmp_path):
    root = make_set(tmp_path / "hub", zipped=True)
    (root / "1_syllable").mkdir()
    (root / "1_syllable" / "00000000.png").write_bytes(png(200))
    summary = convert(tmp_path, root)
    assert (200, SYLLABLES[0]) in rows_of(*summary.patches)


def test_trouble_is_counted_and_named(tmp_path):
    extra = [note("00000000", "나"), note("00000099", "각"), note("00000098", "가나")]
    extra += [note("00000097", "ㄱ"), note("00000096", None)]
    root = make_set(tmp_path / "hub", extra=extra)
    (root / "1_syllable" / "00000002.png").unlink()
    (root / "2_syllable" / "00000001.png").write_bytes(png(1)[:40])
    (root / "2_syllable" / "00000003.png").write_bytes(png(255))
    summary = convert(tmp_path, root, val_ratio=0)
    assert summary.train == 21 and summary.missing == ["00000002", "00000099"]
    assert [line[:8] for line in sorted(summary.unreadable)] == ["00000001", "00000003"]
    assert "ValueError: no ink" in sorted(summary.unreadable)[1]
    assert summary.illegal == [
        "00000000 is labelled again, as 나",
        "00000098 is labelled '가나'",
        "00000097 is labelled 'ㄱ'",
        "00000096 is labelled None",
    ]
    text = str(summary)
    assert "21 training and 0 validation pictures in 3 patches" in text
    assert "2 missing: 00000002, 00000099; 2 unreadable: " in text
    assert sorted(value for value, _ in rows_of(*summary.patches)) == sorted(
        set(range(24)) - {1, 2, 3}
    )


def test_patches_that_are_there_are_kept(tmp_path):
    root = make_set(tmp_path / "hub")
    first = convert(tmp_path, root)
    Path(first.patches[1]).unlink()
    times = [Path(path).stat().st_mtime_ns for path in first.patches[::2]]
    content = rows_of(*convert(tmp_path, root).patches)
    assert [Path(p).stat().st_mtime_ns for p in first.patches[::2]] == times
    assert content == rows_of(*convert(tmp_path / "new", root).patches)


def test_patch_that_lacked_a_picture_is_made_again(tmp_path):
    root = make_set(tmp_path / "hub")
    broken = root / "2_syllable" / "00000005.png"
    broken.write_bytes(b"")
    assert len(convert(tmp_path, root).unreadable) == 1
    assert len(convert(tmp_path, root).unreadable) == 1
    broken.write_bytes(png(5))
    summary = convert(tmp_path, root)
    assert summary.unreadable == []
    assert sorted(rows_of(*summary.patches)) == list(enumerate(SYLLABLES))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"pickle_size": 12},
        {"function": functools.partial(prepare, side=5)},
    ],
    ids=["seed", "size", "preparation"],
)
def test_patches_of_another_run_are_not_overwritten(tmp_path, change):
    root = make_set(tmp_path / "hub")
    before = rows_of(*convert(tmp_path, root).patches)
    with pytest.raises(PatchError, match="is there already, of other pictures"):
        convert(tmp_path, root, **change)
    assert rows_of(*convert(tmp_path, root).patches) == before


@pytest.mark.parametrize("record", [b"\xff\xfe\0", b"", b"{}", b'{"marks": {}}'])
def test_patches_beside_a_damaged_record_are_not_overwritten(tmp_path, record):
    root = make_set(tmp_path / "hub")
    convert(tmp_path, root)
    (tmp_path / "train" / ".handwritten.plan.json").write_bytes(record)
    with pytest.raises(PatchError, match="is there already.*; delete handwritten"):
        convert(tmp_path, root)


def test_illegal_options(tmp_path):
    root = make_set(tmp_path / "hub")
    with pytest.raises(ValueError, match="val_ratio=1.5; expected a fraction"):
        convert(tmp_path, root, val_ratio=1.5)
    with pytest.raises(ValueError, match="pickle_size=0; expected 1 or more"):
        convert(tmp_path, root, pickle_size=0)
    with pytest.raises(AIHubError, match="'drawn' is no source; choose from: handwr"):
        convert(tmp_path, root, "drawn")


def test_preparation_that_makes_no_square(tmp_path):
    root = make_set(tmp_path / "hub")
    with pytest.raises(TypeError, match=r"prepare returned float64 of shape \(2, 3\)"):
        convert(tmp_path, root, function=lambda image: np.zeros((2, 3)))


def test_patches_from_elsewhere_are_not_overwritten(tmp_path):
    root = make_set(tmp_path / "hub")
    theirs = np.zeros((2, 4, 4), np.uint8)
    write_patch(tmp_path / "val" / "handwritten_0.pickle", theirs, list("가나"))
    with pytest.raises(PatchError, match="val/handwritten_0.pickle is there already"):
        convert(tmp_path, root)
    assert len(read_patch(tmp_path / "val" / "handwritten_0.pickle").labels) == 2
