"""What stands beside a syllable goes; jamo that look a little like it stay."""

import cv2
import numpy as np
import pytest

from utils.cleaning import finding
from utils.cleaning.companions import without_companions
from utils.cleaning.finding import find_ink_at_work_size
from utils.inference.imaging import prepare

SIZE = 64
BEGIN, END, TOP, FOOT = 75, 130, 32, 90  # of the syllable


def stroke(image, *points, width=6):
    cv2.polylines(image, [np.array(points, np.int32)], False, 0, width, cv2.LINE_AA)
    return image


def dot(image, x, y, radius=4):
    return cv2.circle(image, (x, y), radius, 0, -1, cv2.LINE_AA)


def syllable():
    """A syllable like 가."""
    image = np.full((120, 220), 255, np.uint8)
    stroke(image, (BEGIN, 40), (100, 40), (85, 80))
    stroke(image, (115, TOP), (115, FOOT))
    return stroke(image, (115, 60), (END, 60))


def exclamation(image, x=150):
    return dot(stroke(image, (x, TOP), (x, 72)), x, FOOT - 3)


def question(image, x=156):
    bow = [(x - 10, 42), (x - 6, 34), (x + 4, 34), (x + 8, 44), (x, 56), (x, 70)]
    return dot(stroke(image, *bow), x, FOOT - 3)


def ring(image, across=18, high=18, number=12, gap=0):
    """A number in a ring that lets paper through where it has a gap, in degrees."""
    image = np.pad(image, ((0, 0), (40, 0)), constant_values=255)
    turns = (0, gap / 2, 360 - gap / 2)
    cv2.ellipse(image, (60, 61), (across, high), *turns, 0, 3, cv2.LINE_AA)
    return stroke(image, (60, 61 - number // 2), (60, 61 + number // 2), width=3)


def quotes(image, behind=(146, 156), high=14, top=TOP - 4):
    for x in (50, 60, *behind):
        stroke(image, (x, top), (x, top + high), width=4)
    return image


def wider(image):
    return np.pad(image, ((0, 0), (40, 0)), constant_values=255)


def bullet(image, across=18, high=18, gap=0, shift=0):
    """An empty ring far before what stands there."""
    image = wider(image)
    turns = (0, gap / 2, 360 - gap / 2)
    centre = (66 + shift, 61)
    return cv2.ellipse(image, centre, (across, high), *turns, 0, 3, cv2.LINE_AA)


def vowel():
    """Two uprights, as of ㅐ: no letter of its own."""
    image = np.full((120, 220), 255, np.uint8)
    stroke(image, (100, TOP), (100, FOOT))
    return stroke(stroke(image, (120, TOP), (120, FOOT)), (100, 60), (120, 60))


def twice(mark):
    return lambda image: mark(mark(image), 172)


BESIDE = {
    "!": exclamation,
    "?": question,
    "!!": twice(exclamation),
    "?!": lambda image: exclamation(question(image), 180),
    "(1)": ring,
    "as high": lambda image: ring(image, 28, 28),
    "quotes": quotes,
    "quote": lambda image: stroke(
        stroke(image, (60, 28), (60, 42), width=4), (146, 28), (146, 42), width=4
    ),
    "both": lambda image: ring(exclamation(image)),
    "an empty ring far before it": bullet,
    "an empty box": lambda image: cv2.rectangle(image, (14, 44), (48, 78), 0, 3),
    "a disc": lambda image: cv2.circle(wider(image), (66, 61), 14, 0, -1, cv2.LINE_AA),
    "a small one": lambda image: bullet(image, 15, 15, shift=3),
}


@pytest.mark.parametrize("name", list(BESIDE))
@pytest.mark.parametrize("upside", [False, True], ids=["dark", "light"])
def test_what_stands_beside_a_syllable_goes(name, upside):
    image = BESIDE[name](syllable())
    seen = prepare(255 - image if upside else image, SIZE).astype(int)
    assert np.abs(seen - prepare(syllable(), SIZE)).mean() < 6


@pytest.mark.parametrize("name", list(BESIDE))
def test_it_is_this_that_is_looked_for(monkeypatch, name):
    monkeypatch.setattr(finding, "without_companions", lambda ink: ink)
    seen = prepare(BESIDE[name](syllable()), SIZE).astype(int)
    assert np.abs(seen - prepare(syllable(), SIZE)).mean() > 10


def upright(image, top=TOP, foot=72):
    return stroke(image, (150, top), (150, foot))


OTHERS = {
    "an upright": lambda image: upright(image, foot=FOOT),
    "higher than the letter": lambda image: dot(upright(image, 8), 150, FOOT - 3),
    "lower": lambda image: dot(upright(image, 70, 78), 150, 87, 2),
    "two dots, as of ㅑ": lambda image: dot(dot(image, 145, 50), 145, 70),
    "as near as the vowel of a letter with gaps": lambda image: exclamation(
        image, END + 10
    ),
    "not above its dot": lambda image: dot(upright(image), 162, FOOT - 3),
    "with a small ring below": lambda image: cv2.circle(
        upright(image, foot=70), (150, FOOT - 4), 5, 0, 1, cv2.LINE_AA
    ),
    "with a large dot below": lambda image: dot(upright(image, 24, 58), 150, 79, 12),
    "not at its foot": lambda image: dot(upright(image, 20, 48), 150, 62),
    "a short one high above a dot": lambda image: dot(
        upright(image, foot=44), 150, FOOT - 3
    ),
    "as wide as high": lambda image: dot(
        stroke(image, (140, TOP), (200, TOP), (170, 70)), 170, FOOT - 3
    ),
    "an empty ring": lambda image: cv2.circle(image, (40, 61), 18, 0, 3, cv2.LINE_AA),
    "a ring with a large stroke in it": lambda image: ring(image, 36, 36, 52),
    "a ring far higher than the letter": lambda image: ring(image, 48, 48),
    "an open ring": lambda image: ring(image, gap=80),
    "a flat ring": lambda image: ring(image, 26, 16),
    "quotes on one side alone": lambda image: quotes(image, behind=()),
    "low quotes": lambda image: quotes(image, top=46, high=6),
    "unlike each other": lambda image: stroke(
        stroke(image, (60, 28), (60, 46), width=4), (146, 28), (146, 36), width=4
    ),
    "long ones": lambda image: stroke(
        stroke(image, (60, 28), (60, 60), width=1), (146, 28), (146, 60), width=1
    ),
    "thick ones": lambda image: stroke(
        stroke(image, (56, 32), (56, 38), width=14), (152, 32), (152, 38), width=14
    ),
}


BULLETS = {
    "nearer": {"shift": 14},
    "open": {"gap": 80},
    "flat": {"across": 22, "high": 14},
    "higher than the letter": {"across": 42, "high": 42, "shift": -20},
}


@pytest.mark.parametrize("name", list(BULLETS))
def test_other_rings_before_a_letter_stay(name):
    ink = find_ink_at_work_size(bullet(syllable(), **BULLETS[name]))
    assert without_companions(ink) is ink


def test_strokes_before_a_letter_are_no_bullet():
    """As ㅅ, far before: thicker than the letter's, but no disc."""
    image = stroke(wider(syllable()), (52, 80), (66, 44), (80, 80), width=9)
    ink = find_ink_at_work_size(image)
    assert without_companions(ink) is ink


def test_a_ring_before_a_vowel_is_its_initial():
    ink = find_ink_at_work_size(bullet(vowel(), shift=20))
    assert without_companions(ink) is ink
    far = find_ink_at_work_size(bullet(np.pad(vowel(), ((0, 0), (30, 0)), "edge")))
    assert without_companions(far) is far


@pytest.mark.parametrize("name", list(OTHERS))
def test_other_parts_stay(name):
    ink = find_ink_at_work_size(OTHERS[name](syllable()))
    assert without_companions(ink) is ink
