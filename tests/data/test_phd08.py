import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.hangul_sets import SYLLABLES, bitmap_text, make_phd08
from utils.data.converting.conversion import write_troubles
from utils.data.patches import PRINTED, read_patch
from utils.data.phd08 import SOURCE, PHD08Error, convert_phd08, list_bitmaps

# The first lines of a file of the set, shortened to four rows.
SAMPLE = "S_0_0_0_0_1\n4 7\n0000111\n1110111\n0010111\n0010110\n\n"


def prepare(image):
    """A bitmap -> a square that tells its ink and its height."""
    return np.full((4, 4), 16 * (image == 0).sum(axis=0).max() + len(image), np.uint8)


def convert(tmp_path, **options):
    options = {"workers": 1, "quiet": True, "pickle_size": 10} | options
    folders = (tmp_path / "phd08", tmp_path / "data", tmp_path / "val_data")
    return convert_phd08(*folders, prepare, **options)


def test_bitmaps_are_ink_on_paper(tmp_path, rng):
    bits = rng.integers(0, 2, (9, 5))
    path = tmp_path / "가.txt"
    path.write_text(SAMPLE + bitmap_text("H2_2_2_2_2_2", bits), newline="\r\n")
    (first, picture), (second, other) = list_bitmaps(path)
    assert (first, second) == ("S_0_0_0_0_1", "H2_2_2_2_2_2")
    assert picture.read()[1].tolist() == [0, 0, 0, 255, 0, 0, 0]
    np.testing.assert_array_equal(other.read(), np.where(bits, 0, 255))
    assert other.read().dtype == np.uint8


def test_every_picture_comes_once(tmp_path):
    root = make_phd08(tmp_path / "phd08" / "deep")
    apart = unicodedata.normalize("NFD", "가")  # as macOS spells file names
    (root / "가.txt").rename(root / f"{apart}.txt")
    (root / "readme.txt").write_text("PHD08")
    summary = convert(tmp_path, val_ratio=0.25)
    assert summary[1:3] == (18, 6) and SOURCE in PRINTED
    assert summary.illegal == ["readme.txt names no syllable"]
    assert Path(summary.patches[0]).name == "phd08_0.pickle"
    rows = []
    for path in summary.patches:
        patch = read_patch(path)
        rows += zip(patch.labels.tolist(), patch.images[:, 0, 0].tolist(), strict=True)
    assert sorted(rows) == sorted(
        (syllable, 16 * (number + 1) + 4 + i)
        for number, syllable in enumerate(SYLLABLES)
        for i in range(6)
    )


def test_fewer_pictures_are_spread_evenly(tmp_path):
    make_phd08(tmp_path / "phd08")
    summary = convert(tmp_path, images_per_syllable=2, val_ratio=0)
    levels = read_patch(summary.patches[0]).images[:, 0, 0]
    assert sorted(set(levels % 16 - 4)) == [0, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("S_0\n4\n", "after S_0 came '4'; expected height and width"),
        ("S_0\n4 x\n", "after S_0 came '4 x'; expected height and width"),
        ("S_0", "after S_0 came ''; expected height and width"),
        ("S_0\n99999 4\n", "came '99999 4'; expected height and width"),
        ("S_0\n4 1001\n", "S_0 is 4 x 1001 pixels; expected 1 to 1000 a side"),
        ("S_0\n0 4\n", "S_0 is 0 x 4 pixels"),
        ("S_0\n3 2\n01\n10\n\n", "ends in the middle of S_0"),
        ("S_0\n3 2\n01\n10\n", "ends in the middle of S_0"),
        ("S_0\n1 2\n01" + "1" * 3000, "after 11111111"),
    ],
)
def test_files_that_are_built_otherwise(tmp_path, text, message):
    (tmp_path / "가.txt").write_text(text)
    with pytest.raises(PHD08Error, match=message):
        list_bitmaps(tmp_path / "가.txt")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("01\n012\n", "expected rows of 2 digits"),
        ("01\n02\n", "expected nothing but 0 and 1"),
    ],
    ids=["long", "digit"],
)
def test_rows_that_are_no_bitmap_are_named(tmp_path, rows, message):
    make_phd08(tmp_path / "phd08")
    path = tmp_path / "phd08" / "갉.txt"
    path.write_text("S_0\n2 2\n" + rows)
    with pytest.raises(PHD08Error, match=message):
        list_bitmaps(path)[0][1].read()
    summary = convert(tmp_path)
    assert "PHD08Error" in summary.unreadable[0] and message in str(summary)


def test_a_name_that_is_no_text_ends_nothing(tmp_path):
    root = make_phd08(tmp_path / "phd08")
    strange = os.path.join(os.fsencode(root), "가나".encode("cp949") + b".txt")
    try:
        with open(strange, "wb") as file:
            file.write(b"PHD08")
    except OSError:
        pytest.skip("this file system takes text alone")
    summary = convert(tmp_path)
    path = write_troubles(tmp_path, "phd08", summary)
    assert path.name == "skipped_phd08.txt"
    assert path.read_text(encoding="utf-8").endswith(".txt names no syllable")
    assert write_troubles(tmp_path, "phd08", summary._replace(illegal=[])) is None


def test_folder_without_the_set(tmp_path):
    (tmp_path / "phd08").mkdir()
    with pytest.raises(PHD08Error, match="holds no text file that a syllable names"):
        convert(tmp_path)
