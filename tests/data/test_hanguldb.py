from pathlib import Path

import numpy as np
import pytest

from tests.helpers.hangul_sets import SYLLABLES, cut_zip, hgu1_file, make_hanguldb
from utils.data.hanguldb import convert_hanguldb
from utils.data.hgu1 import Hgu1Error
from utils.data.patches import read_patch


def prepare(image):
    """A picture of one grey level -> a square of it."""
    return np.full((4, 4), image[0, 0], np.uint8)


def convert(tmp_path, source="pe92", **options):
    options = {"workers": 1, "quiet": True, "pickle_size": 20} | options
    folders = (tmp_path / "db", tmp_path / "data", tmp_path / "val_data")
    return convert_hanguldb(*folders, source, prepare, **options)


def rows_of(paths):
    rows = []
    for path in paths:
        patch = read_patch(path)
        rows += zip(patch.labels.tolist(), patch.images[:, 0, 0].tolist(), strict=True)
    return rows


def expected(count, first):
    return sorted(
        (syllable, first + 10 * number + i)
        for number, syllable in enumerate(SYLLABLES)
        for i in range(count)
    )


def test_official_split_is_kept(tmp_path):
    make_hanguldb(tmp_path / "db")
    summary = convert(tmp_path)
    assert str(summary).startswith("PE92: 36 training and 8 validation pictures in 3 p")
    names = [Path(p).relative_to(tmp_path).as_posix() for p in summary.patches]
    assert names == [
        "data/pe92_0.pickle",
        "data/pe92_1.pickle",
        "val_data/pe92_0.pickle",
    ]
    assert sorted(rows_of(summary.patches[:2])) == expected(9, 0)
    assert sorted(rows_of(summary.patches[2:])) == expected(2, 100)
    assert set(read_patch(summary.patches[0]).families) == {"PE92"}
    assert rows_of(summary.patches) == rows_of(convert(tmp_path).patches)


def test_parts_and_other_sets_beside(tmp_path):
    paths = make_hanguldb(tmp_path / "db", "HanDB")
    cut_zip(paths[0], [40, 300])
    make_hanguldb(tmp_path / "db", "SERI95", train=3)
    make_hanguldb(tmp_path / "db", "PE92", train=1)
    assert convert(tmp_path, "handb")[1:3] == (36, 8)
    assert convert(tmp_path, "seri95a")[1:3] == (12, 8)


def test_files_that_lie_unpacked(tmp_path):
    for half, count in (("Train", 4), ("Test", 2)):
        folder = tmp_path / "db" / f"SERI_{half}"
        folder.mkdir(parents=True)
        (folder / "b0a2.hgu1").write_bytes(hgu1_file(1, count))
    assert convert(tmp_path, "seri95a")[1:3] == (4, 2)


def test_mislabelled_tails_are_dropped(tmp_path):
    make_hanguldb(tmp_path / "db")
    summary = convert(tmp_path, drop_last=1)
    assert sorted(rows_of(summary.patches[:2])) == expected(8, 0)
    assert sorted(rows_of(summary.patches[2:])) == expected(1, 100)


def test_fewer_pictures_are_spread_evenly(tmp_path):
    make_hanguldb(tmp_path / "db")
    rows = rows_of(convert(tmp_path, images_per_syllable=3).patches[:1])
    assert sorted(level for syllable, level in rows if syllable == "가") == [0, 3, 6]


def test_what_lacks_is_named(tmp_path):
    train, _ = make_hanguldb(tmp_path / "db")
    with pytest.raises(Hgu1Error, match="'pe95' is no set; choose from: pe92, seri95a"):
        convert(tmp_path, "pe95")
    with pytest.raises(Hgu1Error, match="holds no training files of HanDB; put the ar"):
        convert(tmp_path, "handb")
    train.with_name("PE92_test.zip").unlink()
    with pytest.raises(Hgu1Error, match="holds no testing files of PE92"):
        convert(tmp_path)
