import cv2
import numpy as np
import pytest

from utils.data.camera import crop, photograph, scan, soften


@pytest.fixture
def image():
    """A cross of 80 x 80 pixels in a picture of 128 x 128."""
    image = np.full((128, 128), 255, np.uint8)
    image[60:68, 24:104] = 0
    image[24:104, 60:68] = 0
    return image


def generators(count):
    return (np.random.default_rng(seed) for seed in range(count))


@pytest.mark.parametrize("simulate", [photograph, scan, soften])
def test_results_are_pictures_of_their_generator(simulate, image):
    before = image.copy()
    for rng, again in zip(generators(40), generators(40), strict=True):
        picture = simulate(image, rng)
        assert picture.dtype == np.uint8 and picture.ndim == 2
        assert 20 <= max(picture.shape) <= 128
        np.testing.assert_array_equal(picture, simulate(image, again))
    np.testing.assert_array_equal(image, before)


def test_a_tenth_of_the_photographs_is_light_on_dark(image):
    inverted = 0
    for rng in generators(300):
        picture = cv2.resize(photograph(image, rng), (32, 32)).astype(float)
        stroke, ground = picture[15:17, 10:22].mean(), np.median(picture)
        inverted += stroke > ground
    assert 15 <= inverted <= 50


def test_photographs_have_paper_and_scans_low_resolution(image):
    papers = [np.median(photograph(image, rng)) for rng in generators(60)]
    assert min(papers) < 120 and np.mean(papers) < 230  # a clean render: 255
    sides = [max(scan(image, rng).shape) for rng in generators(60)]
    assert 20 <= min(sides) < 30 and max(sides) > 60
    bilevel = [len(np.unique(scan(image, rng))) == 2 for rng in generators(60)]
    assert 15 < sum(bilevel) < 45


def test_soften_stays_close(image):
    for rng in generators(40):
        picture = cv2.resize(soften(image, rng), (128, 128)).astype(float)
        assert np.abs(picture - image).mean() < 16


def test_neighbour_pushes_in_at_the_border_only(image):
    blank, black = np.full_like(image, 255), np.zeros_like(image)
    touched = 0
    for rng in generators(60):
        state = rng.bit_generator.state
        if rng.random() >= 0.3:
            continue
        rng.bit_generator.state = state
        # Without strokes of its own, what is dark in the picture is the neighbour's.
        picture = photograph(blank, rng, black).astype(float)
        height, width = picture.shape
        middle = picture[height // 4 : -height // 4, width // 4 : -width // 4]
        edges = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
        contrast = [abs(np.median(edge) - np.median(middle)) for edge in edges]
        touched += max(contrast) > 25
    assert touched >= 10


def test_crop_leaves_margins_of_at_most_a_quarter(image):
    for rng in generators(60):
        height, width = crop(image, rng).shape
        assert 78 <= height <= 80 + 2 * 0.22 * 80 + 1
        assert 78 <= width <= 80 + 2 * 0.22 * 80 + 1


def test_crop_of_nothing_and_of_a_hair():
    blank = np.full((50, 60), 255, np.uint8)
    assert crop(blank, np.random.default_rng(0)) is blank
    hair = np.full((300, 300), 255, np.uint8)
    hair[150, 20:280] = 0
    rng = np.random.default_rng(0)
    for _ in range(3000):
        assert crop(hair, rng).size
