"""Brackets about a syllable go; jamo that stand outermost, and bars, stay."""

import cv2
import numpy as np
import pytest

from utils.cleaning import finding
from utils.cleaning.brackets import without_brackets
from utils.cleaning.finding import find_ink_at_work_size
from utils.inference.imaging import prepare
from utils.pictures.geometry import turn

SIZE = 64


def paper():
    return np.full((120, 200), 255, np.uint8)


def stroke(image, *points):
    cv2.polylines(image, [np.array(points, np.int32)], False, 0, 6, cv2.LINE_AA)
    return image


def syllable():
    """A syllable like 가."""
    image = stroke(paper(), (75, 40), (100, 40), (85, 80))
    stroke(image, (115, 32), (115, 90))
    return stroke(image, (115, 60), (130, 60))


def arc(x, deep, top=25, bottom=98):
    turns = np.linspace(-1, 1, 15)
    y = top + (turns + 1) / 2 * (bottom - top)
    return np.stack([x + deep * turns**2, y], 1).round()


ROUND = arc(50, 12), arc(155, -12)
SQUARE = [
    [(60, 25), (48, 25), (48, 98), (60, 98)],
    [(145, 25), (157, 25), (157, 98), (145, 98)],
]
REACHING = [  # over the syllable, and below it
    [(76, 22), (62, 22), (62, 101), (76, 101)],
    [(129, 22), (143, 22), (143, 101), (129, 101)],
]


ANGLES = [
    [(60, 40), (44, 61), (60, 82)],
    [(145, 40), (161, 61), (145, 82)],
]
DOUBLE = [
    *([(x + 14, 30), (x, 61), (x + 14, 92)] for x in (30, 48)),
    *([(x - 14, 30), (x, 61), (x - 14, 92)] for x in (157, 175)),
]


@pytest.mark.parametrize("pair", [ROUND, SQUARE, REACHING, ANGLES, DOUBLE])
@pytest.mark.parametrize("upside", [False, True], ids=["dark", "light"])
def test_what_stands_in_brackets_looks_as_without(pair, upside):
    image = syllable()
    for each in pair:
        stroke(image, *each)
    seen = prepare(255 - image if upside else image, SIZE)
    assert np.abs(seen.astype(int) - prepare(syllable(), SIZE)).mean() < 4


@pytest.mark.parametrize("degrees", [-6, -3, 3, 6])
@pytest.mark.parametrize("pair", [ROUND, SQUARE])
def test_brackets_on_paper_that_is_not_level(pair, degrees):
    image = syllable()
    for each in pair:
        stroke(image, *each)
    seen = prepare(turn(image, degrees, 255)[0], SIZE).astype(int)
    plain = prepare(turn(syllable(), degrees, 255)[0], SIZE)
    assert np.abs(seen - plain).mean() < 4


@pytest.mark.parametrize("at", [(20, 60), (100, 8), (190, 110)])
def test_brackets_beside_a_speck(at):
    image = stroke(stroke(syllable(), *ROUND[0]), *ROUND[1])
    image[at[1] : at[1] + 2, at[0] : at[0] + 2] = 0
    seen = prepare(image, SIZE).astype(int)
    assert np.abs(seen - prepare(syllable(), SIZE)).mean() < 4


@pytest.mark.parametrize("pair", [ROUND, SQUARE, REACHING, ANGLES])
def test_it_is_brackets_that_are_looked_for(monkeypatch, pair):
    image = stroke(stroke(syllable(), *pair[0]), *pair[1])
    monkeypatch.setattr(finding, "without_brackets", lambda ink: ink)
    seen = prepare(image, SIZE).astype(int)
    assert np.abs(seen - prepare(syllable(), SIZE)).mean() > 20


BARS = [(50, 25), (50, 98)], [(155, 25), (155, 98)]
TURNED = arc(50, -12), arc(155, 12)  # as )가(
SAME = arc(50, 12), arc(155, 12)
LOW = arc(50, 9, 40, 82), arc(155, -9, 40, 82)
APART = arc(50, 12, 10, 60), arc(155, -12, 60, 110)  # one above the other
FLAT = [(66, 46), (28, 60), (66, 74)], [(140, 46), (178, 60), (140, 74)]
SLIGHT = arc(50, 1), arc(155, -1)
LOW_ANGLES = [(60, 53), (53, 60), (60, 67)], [(145, 53), (152, 60), (145, 67)]
TWO_HEIGHTS = arc(50, 12), arc(155, -12, 25, 65)
# As 닫 would be without its final: ㄷ, something, and ㅏ with its tick in the middle.
JAMO = [(62, 25), (48, 25), (48, 98), (62, 98)], [(150, 25), (150, 98)]


@pytest.mark.parametrize(
    "pair",
    [BARS, TURNED, SAME, LOW, TWO_HEIGHTS, APART, LOW_ANGLES, FLAT, SLIGHT, JAMO],
)
def test_other_strokes_beside_a_syllable_stay(pair):
    image = stroke(stroke(syllable(), *pair[0]), *pair[1])
    if pair is JAMO:
        stroke(image, (150, 60), (165, 60))
    ink = find_ink_at_work_size(image)
    assert without_brackets(ink) is ink


@pytest.mark.parametrize("pair", [ROUND, SQUARE])
def test_brackets_alone_are_ink(pair):
    image = stroke(stroke(paper(), *pair[0]), *pair[1])
    ink = find_ink_at_work_size(image)
    assert without_brackets(ink) is ink
    one = find_ink_at_work_size(stroke(paper(), *pair[0]))
    assert without_brackets(one) is one


def test_a_round_bracket_behind_a_syllable_goes():
    image = stroke(syllable(), *ROUND[1])  # as in 가)
    seen = prepare(image, SIZE).astype(int)
    assert np.abs(seen - prepare(syllable(), SIZE)).mean() < 4


OPENS = ROUND[0]
LOWER = arc(155, -12, 40, 85)  # than the syllable
HIGHER = arc(170, -20, 4, 116)
STRAIGHT = arc(155, -6)  # as a vowel may be in haste
DEEP = arc(185, -45)
HOOKED = [(145, 25), (155, 33), (155, 98)]  # at one end alone


@pytest.mark.parametrize("one", [OPENS, LOWER, HIGHER, STRAIGHT, HOOKED, DEEP])
def test_other_strokes_that_nothing_mirrors_stay(one):
    ink = find_ink_at_work_size(stroke(syllable(), *one))
    assert without_brackets(ink) is ink


def test_a_bracket_behind_an_upright_alone_stays():
    image = stroke(stroke(paper(), (115, 32), (115, 90)), *ROUND[1])
    ink = find_ink_at_work_size(image)
    assert without_brackets(ink) is ink


def numbered(image, pair, digits=((25, 45), (25, 75))):
    """A picture with a number in brackets before what stands there."""
    wider = np.pad(image, ((0, 0), (60, 0)), constant_values=255)
    for each in (*pair, digits):
        stroke(wider, *each)
    return wider


NUMBER = arc(6, 8, 30, 92), arc(44, -8, 30, 92)
NUMBERED = {
    "round": (NUMBER, ((25, 45), (25, 75))),
    "of two figures": (NUMBER, ((20, 50), (20, 72), (30, 72), (30, 50), (20, 50))),
    "square": (
        [
            [(14, 32), (6, 32), (6, 90), (14, 90)],
            [(36, 32), (44, 32), (44, 90), (36, 90)],
        ],
        ((25, 45), (25, 75)),
    ),
}


NUMBERED["closed alone"] = NUMBER[1:], ((25, 45), (25, 75))
NUMBERED["a syllable before it"] = NUMBER[1:], ((10, 40), (24, 40), (12, 80))


@pytest.mark.parametrize("kind", list(NUMBERED))
def test_a_number_in_brackets_before_a_syllable_goes(kind):
    seen = prepare(numbered(syllable(), *NUMBERED[kind]), SIZE)
    assert np.abs(seen.astype(int) - prepare(syllable(), SIZE)).mean() < 10


def narrow():
    """An upright, and nothing else: no letter of its own."""
    return stroke(paper(), (100, 32), (100, 90))


@pytest.mark.parametrize(
    "image",
    [
        numbered(narrow(), NUMBER),
        numbered(syllable(), (arc(6, -8, 30, 92), arc(44, 8, 30, 92))),
        numbered(syllable(), (arc(6, 8, 10, 112), arc(44, -8, 10, 112))),
        numbered(syllable(), (arc(6, 8, 50, 72), arc(44, -8, 50, 72))),
        numbered(narrow(), NUMBER[1:]),
        numbered(syllable(), (arc(122, -8, 30, 92),), ((25, 45), (25, 75))),
        numbered(syllable(), (arc(44, -2, 30, 92),)),
        numbered(syllable(), (arc(44, -8, 50, 72),)),
        numbered(syllable(), (arc(44, -14, 2, 118),)),
        numbered(syllable(), (arc(44, -8, 30, 92),), ((25, 45), (52, 75))),
    ],
    ids=["before an upright", "bent outward", "too high", "too low"]
    + [f"alone: {why}" for why in "upright near straight low high under".split()],
)
def test_what_is_no_number_in_brackets_stays(image):
    ink = find_ink_at_work_size(image)
    assert without_brackets(ink) is ink
