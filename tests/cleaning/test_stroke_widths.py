"""How wide strokes are, among shades with edges, and what else is wide."""

import cv2
import numpy as np
import pytest

from utils.cleaning.ground import remove_ground
from utils.cleaning.strokes import find_strokes, stroke_widths

SHAPE = 300, 900
WIDTH = 6


def text(width=WIDTH, top=40, bottom=280, step=30):
    """Strokes as of text, 1 on ink: upright ones, joined in pairs."""
    ink = np.zeros(SHAPE, np.float32)
    for row in range(top, bottom - 30, 80):
        ink[row : row + 40, 40:860:step] = 1
        ink[row + 20, 40:860] = np.arange(820) // step % 2
    return cv2.dilate(ink, np.ones((width, width)))


def leaves():
    noise = np.random.default_rng(2).random((8, 22)).astype(np.float32)
    wide = cv2.resize(noise, SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur((wide > 0.5).astype(np.float32), (0, 0), 2)


def stripes(period=90):
    rows = np.indices(SHAPE)[0]
    return cv2.GaussianBlur((rows % period < period / 2).astype(np.float32), (0, 0), 2)


SHADES = {"leaves": leaves(), "blinds": stripes(), "wide blinds": stripes(140)}


def photograph(ink, shade, depth=0.45, light=False):
    lit = 1 - depth * shade
    ground, stroke = (60, 215) if light else (225, 45)
    noise = np.random.default_rng(1).normal(0, 2, SHAPE)
    picture = (ground + (stroke - ground) * ink) * (1 if light else lit)
    if light:  # letters of a screen before a scene of two shades
        picture = np.where(ink > 0.5, stroke, ground + 70 * shade)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("shade", SHADES)
def test_strokes_are_known_among_shades(shade, light):
    widths = stroke_widths(photograph(text(), SHADES[shade], light=light))
    assert WIDTH <= widths[light] <= 2 * WIDTH


@pytest.mark.parametrize("shade", SHADES)
def test_shades_below_text_go(shade):
    ink = text()
    picture = photograph(ink, SHADES[shade])
    dark, true = remove_ground(picture, find_strokes(picture)) < 128, ink > 0.5
    assert (dark & true).sum() / (dark | true).sum() > 0.85


def titled(level=45, width=40):
    """Small text below a title, whose strokes are wide and as dark as said."""
    picture = 225 - 180.0 * text(top=190)
    for left in range(60, 800, 160):
        picture[20:160, left : left + width] = level
    return picture.astype(np.uint8)


def test_wide_strokes_as_dark_as_others_are_none_of_shades():
    assert stroke_widths(titled())[0] >= 40
    assert stroke_widths(titled(level=150))[0] <= 2 * WIDTH  # paler ones may be


@pytest.mark.parametrize("thin, thick", [(8, 24), (12, 30)])
def test_thin_and_thick_strokes_of_one_letter_count_as_thick(thin, thick):
    ink = np.zeros(SHAPE, np.float32)
    for left in range(40, 800, 120):
        ink[60:240, left : left + thick] = 1
        ink[60 : 60 + thin, left : left + 100] = 1
    assert stroke_widths(photograph(ink, 0 * ink))[0] >= thick


def test_specks_beside_pale_wide_strokes_are_no_text():
    picture = np.full(SHAPE, 225, np.uint8)
    for left in range(60, 800, 160):
        picture[20:260, left : left + 40] = 150
        cv2.circle(picture, (left + 80, 150), 3, 20, -1)
    assert stroke_widths(picture)[0] >= 40


def test_strokes_of_all_widths_are_no_shades():
    """However pale the wider ones, nothing parts them from the others."""
    picture = np.full(SHAPE, 225, np.uint8)
    for place, width in enumerate((8, 13, 23, 27, 36, 44)):
        left = 30 + 140 * place
        picture[20:280, left : left + width] = 40 + 3.5 * (width - 5)
    assert stroke_widths(picture)[0] > 13
