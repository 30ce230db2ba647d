"""Ink on two shades: what shadows with edges do, and what only looks like them."""

import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN, same
from utils.cleaning.shades import without_shades

INK = (255 - PLAIN) / 255.0
ROWS, COLUMNS = np.indices(PLAIN.shape)


def leaves():
    """Patches of shadow, no larger than the syllable, with edges."""
    noise = np.random.default_rng(5).random((7, 7)).astype(np.float32)
    wide = cv2.resize(noise, PLAIN.shape, interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur((wide > 0.5).astype(np.float32), (0, 0), 2)


def fingers():
    shade = np.zeros(PLAIN.shape, np.float32)
    for tip in (40, 100, 160):
        cv2.line(shade, (100, 230), (tip, 70), 1, 26)
    return cv2.GaussianBlur(shade, (0, 0), 2)


def bars():
    return cv2.GaussianBlur((ROWS % 80 < 45).astype(np.float32), (0, 0), 1.5)


SHADES = {
    "leaves": leaves(),
    "fingers": fingers(),
    "window bars": bars(),
    "blinds": cv2.GaussianBlur((ROWS % 44 < 24).astype(np.float32), (0, 0), 1.5),
    "half a wall": (COLUMNS > 107).astype(np.float32),
}


def crossed(shade, depth=0.45, light=False, softness=0.0):
    """The syllable on a ground of two shades, grain on it: `uint8`."""
    shade = cv2.GaussianBlur(shade, (0, 0), softness) if softness else shade
    lit = 1 - depth * shade
    if light:  # letters on a wall, whose two colours do not change theirs
        picture = 255 - 225 * lit * (1 - INK)
    else:
        picture = (225 - 165 * INK) * lit
    noise = np.random.default_rng(1).normal(0, 2, PLAIN.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shade", SHADES)
@pytest.mark.parametrize("light", [False, True])
def test_ink_on_two_shades_is_seen_alone(shade, light):
    same(crossed(SHADES[shade], light=light), 9)


@pytest.mark.parametrize("shade", ["leaves", "fingers", "window bars"])
def test_their_edges_were_taken_for_ink(shade, monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.without_shades", lambda *_: None)
    with pytest.raises(AssertionError):
        same(crossed(SHADES[shade]), 12)


@pytest.mark.parametrize("shade", SHADES)
def test_the_ground_becomes_white_and_ink_black(shade):
    picture = crossed(SHADES[shade])
    bare = without_shades(picture, picture)
    far = cv2.dilate(INK, np.ones((7, 7))) == 0
    assert bare.dtype == np.uint8 and bare.shape == picture.shape
    assert np.quantile(bare[far], 0.02) > 200 and np.quantile(bare[INK == 1], 0.9) < 85


def test_the_whole_picture_is_cleaned_by_what_its_copy_shows():
    picture = cv2.resize(crossed(SHADES["leaves"]), None, fx=3, fy=3)
    bare = without_shades(picture, cv2.resize(picture, (160, 160)))
    assert bare.shape == picture.shape == (600, 600)
    assert bare[5:30, 5:595].min() > 200


def dashed_cell():
    """Thick grey writing in a cell whose cross and frame are black and thin."""
    image = np.rint(235 - 115 * cv2.dilate(INK, np.ones((5, 5)))).astype(np.uint8)
    image[100:102, ::2], image[::2, 100:102] = 20, 20
    cv2.rectangle(image, (2, 2), (197, 197), 20, 2)
    return image


def on_thick_rulings():
    """Grey lines as thick as strokes, which leave the picture on both sides."""
    image = np.where(ROWS % 40 < 6, 150, 225) * (1 - INK) + 30 * INK
    return image.astype(np.uint8)


def on_boards():
    """Boards of many greys, the darkest nearly as dark as the ink."""
    boards = np.array([107, 190, 218, 96, 191, 67, 87])[ROWS // 30]
    return np.clip(boards * (1 - INK) + 37 * INK, 0, 255).astype(np.uint8)


def shine(middle, softness):
    """An ellipse of light, with soft edges: `float32`, 0-1."""
    lit = np.zeros(PLAIN.shape, np.float32)
    cv2.ellipse(lit, middle, (50, 30), 30, 0, 360, 1, -1)
    return cv2.GaussianBlur(lit, (0, 0), softness)


def gloss(middle, softness):
    """A lamp on letters: it makes them lighter, to their ground's grey."""
    light = 120 * shine(middle, softness)
    return np.clip(170 - 130 * INK + light, 0, 255).astype(np.uint8)


def steps():
    """Light that falls off by steps."""
    light = np.floor(np.linspace(100, 225, 200) / 51) * 51 + 20
    return np.clip(light + (20 - light) * INK, 0, 255).astype(np.uint8)


NO_SHADES = {
    "one shade": crossed(np.zeros(PLAIN.shape)),
    "a soft shadow": crossed(SHADES["half a wall"], softness=12),
    "a shadow nearly as dark as ink": crossed(SHADES["half a wall"], depth=0.72),
    "a shadow beside the ink": crossed((COLUMNS > 160).astype(float)),
    "ink of two greys": np.where(ROWS > 95, PLAIN, np.maximum(PLAIN, 120)),
    "a cell": dashed_cell(),
    "thick rulings": on_thick_rulings(),
    "boards": on_boards(),
    "gloss": gloss((130, 120), 8),
    "gloss with an edge": gloss((80, 40), 2),
    "steps": steps(),
    "nothing": np.full((160, 160), 200, np.uint8),
}


@pytest.mark.parametrize("picture", NO_SHADES)
def test_what_are_no_two_shades_stays(picture):
    assert without_shades(NO_SHADES[picture], NO_SHADES[picture]) is None
