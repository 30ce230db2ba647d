"""Syllables cut out without margins: both ink and paper have some of the border."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.polarity import is_light_in_crop, is_light_on_dark

STROKES = {
    "개": [(10, 20, 45, 20), (45, 20, 22, 90), (68, 10, 68, 95), (92, 5, 92, 100)]
    + [(68, 50, 92, 50)],
    "므": [(20, 15, 80, 15), (20, 15, 20, 55), (80, 15, 80, 55), (20, 55, 80, 55)]
    + [(3, 90, 97, 90)],
    "서": [(35, 10, 5, 90), (30, 35, 60, 90), (62, 45, 92, 45), (92, 5, 92, 100)],
}
KINDS = [(name, width) for name in STROKES for width in (6, 12, 19)]


def draw(name, width):
    """A syllable of strokes of a width, dark on white, with a margin of 60 pixels."""
    image = np.full((220, 220), 255, np.uint8)
    for x0, y0, x1, y1 in STROKES[name]:
        cv2.line(image, (60 + x0, 60 + y0), (60 + x1, 60 + y1), 0, width, cv2.LINE_AA)
    return image


def cropped(image, by=0):
    """Cuts at the outermost ink, or some pixels farther in."""
    rows, columns = (np.flatnonzero((image < 128).any(axis=a)) for a in (1, 0))
    return image[rows[0] + by : rows[-1] + 1 - by, columns[0] + by : columns[-1] + 1]


def photographed(image, rng):
    """Grey ink on grey paper, out of focus and noisy."""
    grey = cv2.GaussianBlur(80 + image * (130 / 255), (0, 0), 1)
    return np.clip(grey + rng.normal(0, 3, grey.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name, width", KINDS)
def test_crops_are_seen_as_with_margins(name, width, rng):
    whole = draw(name, width)
    tight = cropped(whole)
    for picture in (tight, photographed(tight, rng)):
        assert likeness(picture, whole) > 0.85
        assert not is_light_in_crop(picture) and not is_light_on_dark(picture)
    assert not is_light_on_dark(cropped(whole, by=2))


@pytest.mark.parametrize("name, width", [kind for kind in KINDS if kind[0] != "므"])
def test_light_crops_are_seen_as_with_margins(name, width, rng):
    whole = draw(name, width)
    light = 240 - photographed(cropped(whole), rng)
    assert is_light_in_crop(light) and is_light_on_dark(light)
    assert likeness(light, whole) > 0.85


def test_most_of_these_are_known_as_crops():
    known = [is_light_in_crop(cropped(draw(*kind))) is False for kind in KINDS]
    assert sum(known) > 0.8 * len(known)


@pytest.mark.parametrize("name, width", KINDS)
def test_what_has_margins_is_no_crop(name, width):
    assert is_light_in_crop(draw(name, width)) is None


def test_more_than_two_parts_are_no_crop():
    tight = cropped(draw("개", 12))
    shaded = tight * np.linspace(0.2, 1, tight.shape[1])
    assert is_light_in_crop(shaded.astype(np.uint8)) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_pictures_of_few_pixels_are_no_crop(size, rng):
    picture = rng.integers(0, 256, size).astype(np.uint8)
    assert is_light_in_crop(picture) in (True, False, None)
    assert is_light_in_crop(np.zeros(size, np.uint8)) is None


def test_a_border_that_tells_of_no_slope_is_looked_at_all_the_same():
    levels = np.array([250, 37, 200, 76], np.uint8)
    rng = np.random.default_rng(284)
    strip = rng.choice(levels, (1000, 1), p=[0.85, 0.05, 0.05, 0.05])
    small = cv2.resize(strip, (1, 160), interpolation=cv2.INTER_AREA)
    assert is_light_on_dark(small) in (True, False)
