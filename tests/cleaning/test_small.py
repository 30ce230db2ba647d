"""Small writing in a large picture on which light is uneven."""

import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN
from tests.helpers.squares import likeness
from utils.cleaning.cuts import cut
from utils.cleaning.finding import find_ink_at_work_size
from utils.cleaning.ink import ink_of
from utils.cleaning.paper import remove_paper
from utils.cleaning.small import small_ink
from utils.cleaning.work_size import at_work_size, is_lost

SIDE = 1000
INK = (255 - PLAIN[60:148, 62:142]) / 255.0  # the syllable alone: 88 x 80


def light(seed, low=110, high=225, side=SIDE):
    """Soft shades, as of a lamp and of what stands around: `float32`."""
    grey = np.random.default_rng(seed).uniform(low, high, (4, 4)).astype(np.float32)
    return cv2.resize(grey, (side, side), interpolation=cv2.INTER_CUBIC)


def written(ground, strength=0.8, at=(300, 520), scale=1.0, ink=INK):
    """The syllable on a ground, which shows through as much as it is weak: `uint8`."""
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    whole = np.zeros(ground.shape)
    whole[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]] = ink
    noise = np.random.default_rng(1).normal(0, 2, ground.shape)
    return np.clip(ground * (1 - strength * whole) + noise, 0, 255).astype(np.uint8)


EVEN = written(np.full((SIDE, SIDE), 200.0))
PICTURES = {
    "pen": written(light(3)),
    "pencil": written(light(3), 0.4),
    "at the side": written(light(5), at=(80, 900)),
    "smaller": written(light(3, side=1600), scale=0.75),
    "chalk on a board": 255 - written(255 - light(6, 30, 90)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_read_closely(name):
    assert likeness(PICTURES[name], EVEN) > 0.95


@pytest.mark.parametrize("name", PICTURES)
def test_shades_were_taken_for_ink(name, monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.small_ink", lambda *_: None)
    assert likeness(PICTURES[name], EVEN) < 0.5


def found(picture):
    small = at_work_size(picture)
    return small_ink(picture, small, ink_of(remove_paper(small)))


@pytest.mark.parametrize("name", ["pen", "chalk on a board"])
def test_its_box_is_where_it_was_written(name):
    ink = found(PICTURES[name])
    scale = SIDE / 160
    corners = np.array(ink.box) * scale
    assert is_lost(ink) and ink.clean.shape == (160, 160)
    assert np.abs(corners - [300, 388, 520, 600]).max() < 3 * scale


def test_strokes_may_be_thick():
    thick = cv2.dilate(INK, np.ones((9, 9)))
    ink = found(written(light(3), ink=thick, scale=1.6))
    assert is_lost(ink) and (cut(ink.clean, ink.box) < 128).mean() > 0.4


def large(sigma=8, strength=0.35):
    """A syllable that fills the picture, out of focus."""
    ink = cv2.resize(INK.astype(np.float32), (600, 660))
    whole = np.zeros((SIDE, SIDE), np.float32)
    whole[170:830, 200:800] = cv2.GaussianBlur(ink, (0, 0), sigma)
    return light(3, 150, 225) * (1 - strength * whole)


def with_speck(picture):
    """A black speck beside what is written."""
    return cv2.circle(picture.astype(np.float32), (80, 120), 8, 10, -1).astype(np.uint8)


def on_gravel():
    """The syllable on a ground with dark spots all over."""
    picture = written(light(3))
    for row in range(40, SIDE, 100):
        for column in range(40, SIDE, 100):
            cv2.circle(picture, (column, row), 8, 50, -1)
    return picture


OTHERS = {
    "a speck beside a large syllable": with_speck(large(12, 0.2)),
    "a caption below a sharp one": written(large(1), at=(900, 500)),
    "a large syllable": large().astype(np.uint8),
    "one thing among many": on_gravel(),
    "nothing but shades": light(3).astype(np.uint8),
    "shades in a small picture": written(light(3, side=300), at=(60, 200), scale=0.3),
    "a syllable on even light": EVEN,
    "a sharp square": np.pad(
        np.full((600, 600), 60, np.uint8), 200, constant_values=200
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_else_is_small_writing(name):
    assert found(OTHERS[name]) is None


def test_a_speck_does_not_hide_a_large_syllable():
    clear = large(1, 0.8).astype(np.uint8)
    assert likeness(with_speck(large()), clear) > 0.8


def test_ink_on_even_light_is_found_as_before():
    ink, before = find_ink_at_work_size(EVEN), ink_of(remove_paper(at_work_size(EVEN)))
    assert ink.box == before.box and (ink.clean == before.clean).all()
