"""Syllables whose jamo have colours, or tones, of their own."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.tones import in_one_tone

WHITE, BLACK = (250, 250, 250), (10, 10, 10)
NAVY, YELLOW, PINK, SKY = (
    (20, 30, 120),
    (250, 205, 40),
    (255, 150, 170),
    (110, 190, 250),
)


def syllable(colours, paper=WHITE):
    """간, its initial, medial and final in a colour each."""
    image = np.full((150, 150, 3), paper, np.uint8)
    initial, medial, final = colours
    for ends in ((30, 35), (72, 35)), ((72, 35), (60, 75)):
        cv2.line(image, *ends, initial, 9)
    for ends in ((98, 25), (98, 85)), ((98, 52), (122, 52)):
        cv2.line(image, *ends, medial, 9)
    for ends in ((45, 95), (45, 122)), ((45, 122), (112, 122)):
        cv2.line(image, *ends, final, 9)
    return image


PLAIN = syllable([NAVY] * 3)
COLOURED = {
    "yellow final": syllable([NAVY, NAVY, YELLOW]),
    "each its own": syllable([PINK, NAVY, SKY]),
    "greys": cv2.cvtColor(
        syllable([(30,) * 3, (150,) * 3, (90,) * 3]), cv2.COLOR_RGB2GRAY
    ),
    "on black": syllable([YELLOW, SKY, (60, 60, 160)], BLACK),
    "on colour": syllable([NAVY, (240, 240, 240), NAVY], (190, 215, 120)),
}


@pytest.mark.parametrize("kind", COLOURED)
def test_syllables_look_as_if_they_had_one_colour(kind):
    assert likeness(COLOURED[kind], PLAIN) > 0.97


def test_pictures_of_several_colours_differ_where_they_are_not_evened(monkeypatch):
    monkeypatch.setattr(
        "utils.inference.imaging.in_one_tone", lambda gray, read_colours: gray
    )
    assert likeness(COLOURED["yellow final"], PLAIN) < 0.8


def untouched(colours):
    """Tells whether a picture's grey levels come back as they were."""
    gray = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    return in_one_tone(gray, lambda: colours) is gray


def test_one_colour_is_left_as_it_is():
    assert untouched(PLAIN) and untouched(syllable([YELLOW] * 3))


def test_shadows_and_highlights_and_grounds_are_no_strokes():
    shadow = np.minimum(np.roll(PLAIN, (4, 4), (0, 1)) // 2 + 100, PLAIN)
    highlight = PLAIN.copy()
    highlight[80:140, 10:140] = np.minimum(highlight[80:140, 10:140], YELLOW)
    stripes = PLAIN.copy()
    stripes[::15] = stripes[1::15] = np.minimum(stripes[::15], SKY)
    dots = PLAIN.copy()
    for row in range(5, 150, 12):
        for column in range(5, 150, 12):
            cv2.circle(dots, (column, row), 3, SKY, -1)
    pictures = shadow, highlight, stripes, np.minimum(dots, PLAIN)
    assert all(map(untouched, pictures))


@pytest.mark.parametrize("width", [1, 2, 3])
def test_thin_pale_lines_are_no_strokes(width):
    underlined, crossed = PLAIN.copy(), PLAIN.copy()
    cv2.line(underlined, (30, 138), (125, 138), SKY, width)
    cv2.line(crossed, (10, 80), (140, 80), (160,) * 3, width)
    cv2.line(crossed, (78, 8), (78, 142), (160,) * 3, width)
    pictures = np.minimum(underlined, PLAIN), np.minimum(crossed, PLAIN)
    assert all(map(untouched, pictures))


def test_photographs_are_not_looked_at():
    noise = np.random.default_rng(0).normal(0, 12, PLAIN.shape)
    dimmed = 0.8 * COLOURED["yellow final"] + noise
    photograph = np.clip(dimmed, 0, 255).astype(np.uint8)
    gray = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY)
    assert in_one_tone(gray, pytest.fail) is gray
