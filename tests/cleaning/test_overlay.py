"""Letters laid over a picture, with a rim or without: they alone are left."""

import cv2
import numpy as np
import pytest

from tests.cleaning.test_ground import (
    EDGES,
    agreement,
    line,
    photograph,
    shadow,
    syllable,
)
from utils.cleaning.ground import remove_ground
from utils.cleaning.overlay import Overlay, find_overlay
from utils.cleaning.strokes import find_strokes
from utils.inference.imaging import prepare


def scenery(shape, rng, low, high):
    """Smooth bright and dark parts, some as wide as letters."""
    rough = rng.uniform(0, 1, (max(2, shape[0] // 30), max(2, shape[1] // 30)))
    smooth = cv2.resize(rough, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return low + (high - low) * np.clip(smooth, 0, 1)


def laid(ink, rng, rim, level=245.0, ground=(30, 205)):
    """White letters over scenery, with a black rim of `rim` pixels."""
    picture = scenery(ink.shape, rng, *ground)
    around = cv2.dilate(ink, np.ones((2 * rim + 1,) * 2))
    picture = picture * (1 - around) if rim else picture
    picture += (level - picture) * ink + rng.normal(0, 2, ink.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ink", [syllable(), line()], ids=["syllable", "line"])
def test_letters_with_a_rim_are_left_alone(rng, ink, dark):
    picture = laid(ink, rng, 3)
    picture = 255 - picture if dark else picture
    strokes = find_strokes(picture)
    assert strokes.light != dark
    assert strokes.overlay.has_rim
    assert agreement(remove_ground(picture, strokes), ink) > 0.9
    assert find_overlay(picture, bool(dark), 6)[0] != dark  # whatever it seems to be


def test_a_subtitle_is_prepared_as_the_letter_on_black(rng):
    ink = syllable()
    shown = laid(ink, rng, 3), (255 * ink).astype(np.uint8)
    squares = [prepare(picture, 64).ravel() for picture in shown]
    assert np.corrcoef(squares)[0, 1] > 0.95


def test_white_letters_on_a_dark_picture_are_all_as_dark(rng):
    ink = line()
    picture = laid(ink, rng, 0, ground=(20, 150))
    strokes = find_strokes(picture)
    assert strokes.light and not strokes.overlay.has_rim
    clean = remove_ground(picture, strokes)
    assert agreement(clean, ink) > 0.9
    without = remove_ground(picture, strokes._replace(overlay=None))
    core = cv2.erode(ink, np.ones((3, 3))) > 0.99
    assert np.quantile(clean[core], 0.95) < 16 < 64 < np.quantile(without[core], 0.95)


@pytest.mark.parametrize("light_on_dark", [False, True])
@pytest.mark.parametrize("edge", EDGES)
def test_strokes_on_paper_and_boards_have_no_rim(rng, light_on_dark, edge):
    ink = line()
    even = np.ones_like(ink)
    for light in (even, shadow(ink.shape, *edge)):
        picture = photograph(ink, light_on_dark, light, rng)
        overlay = find_strokes(picture).overlay
        assert overlay is None or (light_on_dark and not overlay.has_rim)
        # Nothing that lies in the shadow is lost.
        assert agreement(remove_ground(picture, find_strokes(picture)), ink) > 0.9


def test_letters_are_between_their_levels_by_how_much_they_cover():
    levels = np.array([[0, 100, 165, 230, 255]], np.uint8)
    found = Overlay(ground=100, ink=230, width=3, has_rim=True).letters(levels)
    assert found.tolist() == [[255, 255, 127, 0, 0]]


def test_a_flat_picture_has_nothing_laid_over_it():
    flat = np.full((40, 60), 128, np.uint8)
    assert find_overlay(flat, True, 5) == (True, None)
