"""Pages are drawn letter by letter, so that their direction is known."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from model import KoOCR
from utils.analysis.typeface import bundled_path
from utils.lines.direction import DIRECTIONS, are_columns

TEXT = "나는학교에가서친구들과책을읽고집으로돌아와밥먹고잤다"
SIDE = 40


def draw(vertical, texts, lead=1.7, pitch=1.1, tilt=0.0):
    """Draws texts, one a line or column; `lead` and `pitch` in letters."""
    font = ImageFont.truetype(bundled_path(), SIDE)
    longest = max(map(len, texts))
    size = int((longest + 2) * pitch * SIDE), int((len(texts) + 1) * lead * SIDE)
    image = Image.new("L", size[::-1] if vertical else size, 255)
    pen = ImageDraw.Draw(image)
    for line, text in enumerate(texts):
        for place, letter in enumerate(text):
            along, across = (place + 0.5) * pitch * SIDE, (line + 0.4) * lead * SIDE
            across = image.width - across - SIDE if vertical else across
            pen.text((across, along) if vertical else (along, across), letter, 0, font)
    turned = image.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return np.asarray(turned)


def cut(count, length):
    return [TEXT[3 * n : 3 * n + length] for n in range(count)]


@pytest.mark.parametrize("vertical", [False, True], ids=["lines", "columns"])
@pytest.mark.parametrize(
    ("count", "length"), [(1, 2), (1, 7), (2, 2), (2, 6), (4, 3), (4, 11), (8, 4)]
)
@pytest.mark.parametrize("tilt", [0.0, 3.0])
def test_letters_stand_near_in_their_line(vertical, count, length, tilt):
    picture = draw(vertical, cut(count, length), tilt=tilt)
    assert are_columns(picture) == vertical


@pytest.mark.parametrize("vertical", [False, True], ids=["lines", "columns"])
def test_letters_that_touch_the_next_are_one_line(vertical):
    # Without gaps between letters, and lines of many lengths.
    texts = [TEXT[:9], TEXT[5:8], TEXT[9:16], TEXT[2:12]]
    assert are_columns(draw(vertical, texts, pitch=0.92)) == vertical


def test_what_may_be_both_is_taken_for_lines():
    assert not are_columns(draw(False, cut(4, 4), lead=1.5, pitch=1.5))
    assert not are_columns(draw(True, cut(4, 4), lead=1.5, pitch=1.5))
    assert not are_columns(draw(True, ["글"]))
    assert not are_columns(np.full((50, 50), 255, np.uint8))
    # Words below each other are no columns, however near their letters are.
    assert not are_columns(draw(False, ["나는", "학교", "에서"], pitch=0.95))


@pytest.mark.parametrize(
    ("lefts", "wide", "tops", "high"),
    [((40,), 36, (40, 75), 26), ((40, 150), 80, (40, 72, 109), 30)],
    ids=["two parts", "two letters of three"],
)
def test_parts_of_letters_are_no_lines(lefts, wide, tops, high):
    picture = np.full((220, 300), 255, np.uint8)
    for left in lefts:
        for top in tops:
            picture[top : top + high, left : left + wide] = 0
    assert not are_columns(picture)


def test_a_picture_tells_its_direction_unless_it_is_told():
    reader = KoOCR("compact", engine="onnx")
    texts = ["나는학교에가서", "책을읽고집으로"]
    for vertical in (False, True):
        picture = draw(vertical, texts)
        found = [line.text.replace(" ", "") for line in reader.predict_lines(picture)]
        assert found == texts
        known = reader.predict_lines(picture, vertical=vertical)
        assert [line.text.replace(" ", "") for line in known] == texts
        wrong = reader.predict_lines(picture, vertical=not vertical)
        assert [line.text.replace(" ", "") for line in wrong] != texts


def test_a_box_of_a_column_lies_in_the_picture():
    picture = draw(True, ["나는학교", "책을읽고"])
    first, second = KoOCR("compact", engine="onnx").predict_lines(picture)
    left, top, right, bottom = first.box
    assert left > second.box[2] and bottom - top > 3 * (right - left)
    ink = np.argwhere(picture < 128)
    assert abs(right - ink[:, 1].max()) < 4 and abs(top - ink[:, 0].min()) < 4


def test_the_shell_has_words_for_directions():
    assert DIRECTIONS == {"auto": None, "true": True, "false": False}
