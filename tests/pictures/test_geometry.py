import cv2
import numpy as np
import pytest

from utils.inference.imaging import fit_ink, prepare, prepare_gray, upright
from utils.pictures.geometry import (
    MARGIN,
    Region,
    map_back,
    place_ink,
    region_of,
    widen,
)


def picture(height, width, box):
    """White paper with a black box (top, bottom, left, right) and a white hole."""
    image = np.full((height, width), 255, np.uint8)
    top, bottom, left, right = box
    image[top:bottom, left:right] = 0
    image[(top + bottom) // 2 - 5 : (top + bottom) // 2 + 5, left + 10 : left + 20] = (
        255
    )
    return image


# Reduced, enlarged, as it is, and larger than the preparation reads.
CASES = [
    (300, 400, (60, 200, 100, 310)),
    (40, 30, (5, 35, 4, 26)),
    (120, 150, (20, 100, 30, 120)),
    (1500, 2000, (300, 1200, 500, 900)),
    (2400, 3000, (300, 420, 500, 600)),  # small ink in a large picture
    (500, 620, (300, 360, 40, 120)),
]


@pytest.mark.parametrize(("height", "width", "box"), CASES)
def test_the_square_shows_what_its_region_says(height, width, box):
    image = picture(height, width, box)
    square, region = prepare_gray(upright(image), 64)
    np.testing.assert_array_equal(square, prepare(image, 64))
    top, bottom, left, right = box
    margin = round(64 * MARGIN) / 64
    # The ink's longer side spans the square less its margins, with a pixel to spare
    # for the stroke's edge at the size where ink is found.
    longer = max((right - left), (bottom - top)) / (1 - 2 * margin)
    spare = 4 * max(height, width) / 128
    assert (region.right - region.left) * width == pytest.approx(longer, abs=spare)
    assert (region.bottom - region.top) * height == pytest.approx(longer, abs=spare)
    centre = (region.left + region.right) * width / 2
    assert centre == pytest.approx((left + right) / 2, abs=spare)


@pytest.mark.parametrize(("height", "width", "box"), CASES[:3])
def test_the_square_itself_comes_back_onto_the_picture(height, width, box):
    image = picture(height, width, box)
    square, region = prepare_gray(image, 64)
    back = map_back(255 - square.astype(np.float32), region, image.shape)
    agreement = np.corrcoef(back.ravel(), 255.0 - image.ravel())[0, 1]
    assert agreement > 0.95
    shifted = np.roll(back, max(3, height // 20), axis=1)
    assert np.corrcoef(shifted.ravel(), 255.0 - image.ravel())[0, 1] < agreement - 0.05


def test_region_by_hand():
    # A box of 60 x 60 fills 60 of 64 pixels: two pixels of margin on every side.
    region = region_of((20, 80, 10, 70), (100, 80), 64)
    inner = 64 - 2 * max(1, round(64 * MARGIN))
    edge = (64 - inner) / 2 * 60 / inner
    expected = (
        (10 - edge) / 80,
        (20 - edge) / 100,
        (70 + edge) / 80,
        (80 + edge) / 100,
    )
    np.testing.assert_allclose(region, expected)


def test_a_map_lands_where_its_region_is():
    values = np.zeros((8, 8), np.float32)
    values[0, 0] = 1
    back = map_back(values, Region(0.5, 0.25, 1.0, 0.75), (32, 64))
    row, column = np.unravel_index(back.argmax(), back.shape)
    # The cell is 4 pixels wide and 2 high from (32, 8).
    assert 32 <= column < 36 and 8 <= row < 10
    assert back[:, :28].max() == 0 and back[:6].max() == 0


def test_a_smaller_square_covers_more_about_the_same_middle():
    region = Region(0.2, -0.1, 0.6, 0.7)
    half = widen(region, 0.5)
    np.testing.assert_allclose(half, (0.0, -0.5, 0.8, 1.1), atol=1e-9)
    np.testing.assert_allclose(widen(region, 1), region)


def test_places_follow_the_picture():
    width, height, left, top = place_ink(30, 60, 96)
    assert (width, height) == (88, 44) and (left, top) == (4, 26)
    ink = np.zeros((30, 60), np.uint8)
    box = cv2.boundingRect(255 - fit_ink(ink, 96))
    assert box == (left, top, width, height)
