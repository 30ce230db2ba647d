"""Specks go where they are many; ticks, pieces of strokes and letters of dots stay."""

import cv2
import numpy as np
import pytest

from utils.cleaning.dust import without_dust
from utils.cleaning.ink import ink_of, stroke_width
from utils.inference.imaging import prepare

STROKES = [((50, 40), (110, 40)), ((80, 55), (80, 120)), ((40, 120), (120, 120))]
FREE = [(20 + 30 * i, y) for i in range(5) for y in (14, 146)]  # away from strokes


def letter(width=8):
    """A letter of three bars, dark on white."""
    image = np.full((160, 160), 255, np.uint8)
    for start, end in STROKES:
        cv2.line(image, start, end, 0, width)
    return image


def dot(image, places, radius=2):
    image = image.copy()
    for place in places:
        cv2.circle(image, place, radius, 0, -1)
    return image


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_many_specks_go_and_the_letter_stays_as_it_was(radius):
    clear = without_dust(ink_of(dot(letter(), FREE, radius)))
    np.testing.assert_array_equal(clear.clean, letter())
    assert clear.box == ink_of(letter()).box
    assert len(clear.parts) == len(ink_of(letter()).parts)


def test_soft_edges_of_specks_go_too():
    soft = cv2.GaussianBlur(dot(letter(), FREE), (3, 3), 0)
    clear = without_dust(ink_of(soft)).clean
    np.testing.assert_array_equal(clear, cv2.GaussianBlur(letter(), (3, 3), 0))


def test_specks_that_touch_a_stroke_leave_it_whole():
    near = [(55 + 8 * i, 46) for i in range(7)] + [
        (20, 20),
        (140, 140),
    ]  # 1 below a bar
    clear = without_dust(ink_of(dot(letter(), near, 1))).clean
    assert not clear[letter() < 128].any()


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (dot(letter(), FREE[:7]), "few: a tick may be among them"),
        (dot(letter(), FREE, 6), "wider than the strokes"),
        (dot(np.full((160, 160), 255, np.uint8), FREE), "nothing but dots"),
        (dot(letter(3), FREE, 4), "wider than the strokes"),
    ],
)
def test_what_may_be_the_letter_stays(image, why):
    ink = ink_of(image)
    assert without_dust(ink) is ink, why


def test_letters_of_dots_stay():
    bars = [np.linspace(*ends, 9).astype(int).tolist() for ends in STROKES]
    dotted = dot(np.full((160, 160), 255, np.uint8), sum(bars, []), 3)
    cv2.line(dotted, *STROKES[0], 0, 8)  # one bar is whole
    ink = ink_of(dotted)
    assert len(ink.parts) > 10 and without_dust(ink) is ink


def test_a_dusty_scan_is_prepared_as_a_clean_one():
    scan = np.where(dot(letter(), FREE) < 128, 40, 230).astype(np.uint8)
    clean = np.where(letter() < 128, 40, 230).astype(np.uint8)
    np.testing.assert_array_equal(prepare(scan, 64), prepare(clean, 64))


@pytest.mark.parametrize("width", [6, 12, 20])
def test_stroke_width_is_that_of_a_long_bar(width):
    bar = np.zeros((60, 400), np.uint8)
    bar[20 : 20 + width, 10:390] = 1
    assert stroke_width(bar) == pytest.approx(width, abs=2)
    assert stroke_width(np.zeros((9, 9), np.uint8)) == 0
