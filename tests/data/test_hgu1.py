import numpy as np
import pytest

from tests.helpers.hangul_sets import hgu1_picture
from utils.data.hgu1 import Hgu1Error, list_hgu1

START = b"HGU1    "


def write(tmp_path, data):
    path = tmp_path / "b0a1.hgu1"
    path.write_bytes(data)
    return path


def test_pictures_come_in_order_with_their_syllables(tmp_path, rng):
    levels = [rng.integers(0, 256, shape) for shape in [(3, 5), (255, 1), (90, 255)]]
    codes = [b"\xb0\xa1", b"\xc8\xfe", b"\xb0\xa1"]  # first and last of KS X 1001
    data = b"".join(map(hgu1_picture, codes, levels))
    pictures, illegal = list_hgu1(write(tmp_path, START + data))
    assert [syllable for syllable, _ in pictures] == ["가", "힝", "가"]
    for (_, picture), expected in zip(pictures, levels, strict=True):
        assert picture.read().dtype == np.uint8
        np.testing.assert_array_equal(picture.read(), expected)
    assert illegal == []


def test_file_of_no_picture(tmp_path):
    assert list_hgu1(write(tmp_path, START)) == ([], [])


@pytest.mark.parametrize("code", [b"ab", b"\xa4\xa1", b"\xca\xa1", b"\xff\xff"])
def test_codes_that_are_no_syllable_are_named(tmp_path, code):
    good = hgu1_picture(b"\xb0\xa1", np.zeros((2, 2)))
    bad = hgu1_picture(code, np.zeros((2, 2)))
    pictures, illegal = list_hgu1(write(tmp_path, START + bad + good))
    assert [syllable for syllable, _ in pictures] == ["가"]
    assert illegal == ["b0a1.hgu1, byte 8, has another code"]


PICTURE = hgu1_picture(b"\xb0\xa1", np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "does not begin with HGU1"),
        (b"\x89PNG....", "does not begin with HGU1"),
        (START + PICTURE[:-1], "ends in the middle of the picture at byte 8"),
        (START + PICTURE + PICTURE[:4], "ends in the middle of a header"),
        (START + PICTURE[:4] + b"\1\0" + PICTURE[6:], "is of kind 1, 4 x 3; expected"),
        (START + b"\xb0\xa1\0\5\0\0", "is of kind 0, 0 x 5; expected"),
    ],
    ids=["empty", "other", "cut", "header", "floats", "no width"],
)
def test_damaged_files(tmp_path, data, message):
    with pytest.raises(Hgu1Error, match=message):
        list_hgu1(write(tmp_path, data))


def test_file_that_shrank_after_it_was_listed(tmp_path):
    path = write(tmp_path, START + PICTURE)
    ((_, picture),) = list_hgu1(path)[0]
    path.write_bytes(START + PICTURE[:-2])
    with pytest.raises(Hgu1Error, match="ends in the middle of a picture"):
        picture.read()


def test_no_bytes_raise_anything_else(tmp_path, rng):
    whole = START + 3 * PICTURE
    for _ in range(300):
        data = bytearray(whole[: rng.integers(len(whole))])
        for place in rng.integers(0, max(len(data), 1), 3):
            data[place : place + 1] = bytes([rng.integers(256)])
        try:
            for _, picture in list_hgu1(write(tmp_path, bytes(data)))[0]:
                picture.read()
        except Hgu1Error:
            pass
