import cv2
import numpy as np
import pytest

from utils.data.scenes import neighbours
from utils.data.scenes.camera import crop, photograph, scan, soften
from utils.data.scenes.neighbours import intrude


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
    assert 22 <= min(sides) < 34 and max(sides) > 60
    bilevel = [len(np.unique(scan(image, rng))) == 2 for rng in generators(60)]
    assert 15 < sum(bilevel) < 45


def test_soften_stays_close(image):
    for rng in generators(40):
        picture = cv2.resize(soften(image, rng), (128, 128)).astype(float)
        assert np.abs(picture - image).mean() < 16


def test_a_neighbour_comes_near_and_hardly_over(image):
    box, other = (24, 24, 80, 80), np.zeros((50, 90), np.uint8)
    near = over = 0
    for rng in generators(200):
        added = intrude(image, box, other, rng) < image
        assert not added[30:98, 30:98].any()  # but at its edge, the syllable's place
        over += added[24:104, 24:104].any()
        around = added.copy()
        around[24:104, 24:104] = False
        near += around[8:120, 8:120].any()
    assert near > 150 and 20 < over < 100
    blank = np.full_like(image, 255)
    for pair in ((blank, (0, 0, 0, 0), other), (image, box, blank)):
        assert intrude(*pair, np.random.default_rng(0)) is pair[0]


@pytest.mark.parametrize("simulate", [photograph, scan])
def test_a_third_or_more_show_neighbours(simulate, image, monkeypatch):
    calls = []
    monkeypatch.setattr(neighbours, "intrude", lambda *given: calls.append(1) or image)
    counts = []
    for rng in generators(200):
        calls.clear()
        simulate(image, rng, 255 - image)
        counts.append(len(calls))
    assert 60 < sum(count > 0 for count in counts) < 100 and max(counts) == 2
    calls.clear()
    simulate(image, np.random.default_rng(2))
    assert not calls  # nobody is there


def test_crop_leaves_margins_of_at_most_a_quarter_and_seldom_cuts(image):
    cut = 0
    for rng in generators(200):
        height, width = crop(image, rng).shape
        for side in (height, width):
            assert 80 - 2 * 6 <= side <= 80 + 2 * 0.22 * 80 + 1  # of strokes 8 wide
            cut += side < 80
    assert 4 <= cut <= 60


def test_crop_of_nothing_and_of_a_hair():
    blank = np.full((50, 60), 255, np.uint8)
    assert crop(blank, np.random.default_rng(0)) is blank
    hair = np.full((300, 300), 255, np.uint8)
    hair[150, 20:280] = 0
    rng = np.random.default_rng(0)
    for _ in range(3000):
        assert crop(hair, rng).size


def test_thin_strokes_survive_a_bilevel_scan():
    hairs = np.full((128, 128), 255, np.uint8)
    hairs[24:104:16, 24:104] = 0  # a pixel wide: grey when reduced
    scans = [scan(hairs, rng) for rng in generators(100)]
    shares = [(each < 128).mean() for each in scans if len(np.unique(each)) == 2]
    assert len(shares) > 30 and min(shares) > 0.03
