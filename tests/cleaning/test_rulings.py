"""Lines of ruled paper through a picture of one syllable."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.finding import find_ink
from utils.cleaning.ink import ink_of
from utils.cleaning.rulings import without_rulings
from utils.cleaning.straight import line_between, rows_at_border

INK, PAPER = 60, 225


def syllable(height=140, width=140, left=0, top=0):
    """고, a hundred pixels high, on paper."""
    image = np.full((height, width), PAPER, np.uint8)
    for x0, y0, x1, y1 in ((35, 25, 95, 25), (95, 25, 88, 62), (65, 62, 65, 100)):
        ends = (left + x0, top + y0), (left + x1, top + y1)
        cv2.line(image, *ends, INK, 8, cv2.LINE_AA)
    cv2.line(image, (left + 22, top + 104), (left + 112, top + 104), INK, 8)
    return image


def ruled(image, rows, level, thick=2, rise=0):
    """Draws lines through a picture, where it is lighter than they are."""
    lines = np.full_like(image, 255)
    for row in rows:
        ends = (-1, row), (image.shape[1], row + rise)
        cv2.line(lines, *ends, level, thick, cv2.LINE_AA)
    return np.minimum(image, lines)


CLEAN = syllable()
RULED = {
    "one, pale": ruled(CLEAN, [85], 160),
    "two, dark": ruled(CLEAN, [10, 85], INK),
    "sloping": ruled(CLEAN, [5, 80], 120, rise=6),
    "one, dark, thin": ruled(CLEAN, [80], INK),
    "as thick as strokes": ruled(CLEAN, [8, 72, 130], 150, thick=5),
    "along a stroke": ruled(CLEAN, [25, 125], 150),
}


@pytest.mark.parametrize("kind", RULED)
def test_syllables_look_as_if_nothing_were_ruled(kind):
    lines = RULED[kind]
    assert likeness(lines, CLEAN) > 0.985
    turned = cv2.rotate(lines, cv2.ROTATE_90_CLOCKWISE)
    assert likeness(turned, cv2.rotate(CLEAN, cv2.ROTATE_90_CLOCKWISE)) > 0.985


@pytest.mark.parametrize("size", [500, 900])
def test_a_small_syllable_on_a_page_of_lines_is_looked_at_closer(size):
    clean = syllable(size, size, size // 2, size // 3)
    lines = ruled(clean, range(34, size, 90), 130, thick=2, rise=8)
    assert likeness(lines, clean) > 0.9  # not looked at equally closely
    top, bottom, left, right = find_ink(lines)[0]
    assert max(bottom - top, right - left) < 0.75 * size


@pytest.mark.parametrize("first, rise", [(-10, 14), (-8, 18), (40, 18)])
def test_lines_that_leave_through_another_border_go_with_the_others(first, rise):
    clean = syllable(300, 300, 80, 60)
    rows = [*range(first, 250, 100), 290]
    assert max(rows) + rise > 300 or min(rows) < 0
    assert likeness(ruled(clean, rows, 100, rise=rise), clean) > 0.97


def bars(*rows, thick=9):
    """Dark bars from border to border, a ring between them: 으, 프 without margins."""
    clean = np.full((120, 110), 255, np.uint8)
    cv2.ellipse(clean, (55, 42), (28, 26), 0, 0, 360, 0, 9)
    for row in rows:
        clean[row : row + thick] = 0
    return clean


@pytest.mark.parametrize("rows", [(100,), (8, 100), (111,), (0, 111)])
def test_bars_of_letters_in_tight_crops_stay(rows):
    ink = ink_of(bars(*rows))
    assert without_rulings(ink) is ink
    turned = ink_of(np.ascontiguousarray(bars(*rows).T))
    assert without_rulings(turned) is turned


def test_a_bar_with_a_thicker_end_stays_however_thin():
    clean = bars(100, thick=3)
    assert without_rulings(ink_of(clean)) is not ink_of(clean)
    assert (without_rulings(ink_of(clean)).clean[100:103] == 255).all()
    clean[96:106, 100:] = 0  # as printed bars end
    ink = ink_of(clean)
    assert without_rulings(ink) is ink


def test_lines_alone_are_left_to_be_read():
    clean = np.full((100, 100), 255, np.uint8)
    clean[30:33] = clean[70:73] = 0
    ink = ink_of(clean)
    assert without_rulings(ink) is ink


def test_a_line_is_measured():
    dark = np.zeros((100, 120), np.uint8)
    dark[40:44] = 200
    dark[:, 50:60] = 255  # what crosses it
    assert rows_at_border(dark) == rows_at_border(dark[:, ::-1]) == [41.5]
    line = line_between(dark, 41.5, 41.5)
    assert (line.width, line.dark, line.rise, line.even) == (4, 200, 0, True)
    assert line.mass == pytest.approx(4 * 200 / 255)
    assert line_between(dark, 41.5, 48) is None
    dark[40:44, 70:90] = 0
    assert line_between(dark, 41.5, 41.5) is None


def test_specks_in_a_row_are_no_line():
    dark = np.zeros((100, 120), np.uint8)
    for row in range(3):
        dark[40 + row, row::3] = 255
    assert line_between(dark, 41, 41) is None


def test_any_lines_are_taken_or_left(rng):
    for _ in range(200):
        clean = np.full(rng.integers(12, 60, 2), 255, np.uint8)
        for _ in range(rng.integers(1, 9)):
            row = int(rng.integers(len(clean)))
            ends = (0, row), (clean.shape[1], row + int(rng.integers(-4, 5)))
            cv2.line(clean, *ends, int(rng.integers(240)), int(rng.integers(1, 5)))
        clean[rng.random(clean.shape) < 0.1] = 200
        clean[:, rng.random(clean.shape[1]) < 0.1] = 255
        clean[0, 0] = 0
        left = without_rulings(ink_of(clean)).clean
        assert left.shape == clean.shape and (left >= clean).all()


@pytest.mark.parametrize("width", [1, 2, 11])
def test_narrow_pictures_have_no_lines(width):
    assert rows_at_border(np.full((100, width), 255, np.uint8)) == []
