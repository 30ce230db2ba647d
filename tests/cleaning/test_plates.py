import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN, RECTANGLE, on_plate, same
from utils.cleaning.ink import ink_of
from utils.cleaning.plates import on_solid

DIAMOND = np.array([(102, 14), (192, 104), (102, 194), (12, 104)])


@pytest.mark.parametrize("shape", [70, RECTANGLE, DIAMOND], ids=["disc", "box", "card"])
@pytest.mark.parametrize(
    "plate, ink",
    [((230, 170, 40), 20), ((90, 120, 200), 10), ((60, 60, 60), 110)],
    ids=["yellow", "blue", "dark, lighter strokes"],
)
def test_strokes_on_a_plate_that_is_dark_next_to_white_are_seen(shape, plate, ink):
    same(on_plate(shape, plate, (ink,) * 3, 255), 12)


def solid(shade):
    """A black disc in a clean picture, and the grey levels that it was found in."""
    clean = np.full((120, 120), 255, np.uint8)
    cv2.circle(clean, (60, 60), 45, 0, -1)
    gray = np.where(clean, 255, 90).astype(np.uint8)
    cv2.line(gray, (45, 60), (75, 60), 90 - shade, 6)
    return ink_of(clean), gray


@pytest.mark.parametrize("scale", [1, 2.5])
def test_the_plate_is_given_less_its_edge(scale):
    ink, gray = solid(60)
    found = on_solid(ink, cv2.resize(gray, None, fx=scale, fy=scale))
    rows, columns = np.indices(found.shape) - 60
    assert found[np.hypot(rows, columns) < 38].all()
    assert not found[np.hypot(rows, columns) > 45].any()


def test_a_plate_without_strokes_is_none():
    ink, gray = solid(5)
    assert on_solid(ink, gray) is None


@pytest.mark.parametrize("width", [8, 16, 24])
def test_uneven_strokes_are_no_plate(width):
    """However bold, a syllable is no plate, nor is a bar beside strokes."""
    clean = np.full((120, 120), 255, np.uint8)
    cv2.rectangle(clean, (20, 20), (100, 100), 0, width)
    gray = np.maximum(clean, np.linspace(0, 110, 120).astype(np.uint8))
    assert on_solid(ink_of(clean), gray) is None


def test_a_solid_part_that_is_a_small_one_is_no_plate():
    clean = PLAIN.copy()
    cv2.circle(clean, (170, 60), 20, 0, -1)
    gray = np.maximum(clean, 80)
    gray[55:65, 160:180] = 0
    assert on_solid(ink_of(clean), gray) is None


@pytest.mark.parametrize("side", [1, 2, 5, 7, 9])
def test_the_smallest_parts_are_no_plates(side):
    clean = np.full((20, 20), 255, np.uint8)
    clean[5 : 5 + side, 5 : 5 + side] = 0
    gray = np.indices(clean.shape).sum(0).astype(np.uint8) * 6
    assert on_solid(ink_of(clean), gray) is None or side >= 7


def test_a_blot_among_strokes_is_no_plate():
    clean = np.full((120, 120), 255, np.uint8)
    cv2.rectangle(clean, (10, 10), (110, 110), 0, 12)
    for radius in (16, 40):  # what is left of the ring alone, and of a disc in it
        picture = cv2.circle(clean.copy(), (20, 100), radius, 0, -1)
        gray = np.maximum(picture, 90)
        gray[96:104, 10:30] = 0
        assert on_solid(ink_of(picture), gray) is None
