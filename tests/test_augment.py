import cv2
import numpy as np
import pytest
from conftest import glyph_picture

from utils.data import augment as module
from utils.data.augment import augment, change_width, move_parts, warp
from utils.hangul import ALL_SYLLABLES


@pytest.fixture
def image():
    """Three bars of 96 x 96 pixels, clean."""
    image = np.full((96, 96), 255, np.uint8)
    image[20:30, 15:80] = 0
    image[40:80, 20:28] = 0
    image[45:75, 60:72] = 0
    return image


def generators(count):
    return (np.random.default_rng(seed) for seed in range(count))


def ink(image):
    return (255.0 - image).sum() / 255


def test_result_depends_on_the_generator_alone(image):
    other = glyph_picture(ALL_SYLLABLES[5], 96)
    state = np.random.get_state()[1].copy()
    runs = [[augment(image, rng, other) for rng in generators(20)] for _ in range(2)]
    for first, second in zip(*runs, strict=True):
        np.testing.assert_array_equal(first, second)
    assert len({picture.tobytes() for picture in runs[0]}) == 20
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_picture_given_is_left_alone(image):
    before, other = image.copy(), glyph_picture(ALL_SYLLABLES[5], 96)
    image.flags.writeable = other.flags.writeable = False
    for rng in generators(40):
        result = augment(image, rng, other)
        assert result.dtype == np.uint8 and result.ndim == 2 and result.size
    np.testing.assert_array_equal(image, before)


def test_kinds_come_as_often_as_they_should(image, monkeypatch):
    calls = []
    for name in ("photograph", "scan", "soften", "move_parts", "change_width"):

        def record(picture, rng, *rest, name=name):
            calls.append(name)
            return picture

        monkeypatch.setattr(module, name, record)
    for rng in generators(600):
        augment(image, rng)
    share = {name: calls.count(name) / 600 for name in set(calls)}
    expected = {"photograph": 0.33, "scan": 0.15, "soften": 0.52}
    expected |= {"move_parts": 0.5, "change_width": 0.4}
    assert share == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (3, 2), (40, 160)])
@pytest.mark.parametrize("level", [0, 254, 255])
def test_odd_pictures_come_through(shape, level, rng):
    image = np.full(shape, 255, np.uint8)
    image[shape[0] // 2] = level
    for _ in range(30):
        result = augment(image, rng, image)
        assert result.dtype == np.uint8 and result.ndim == 2 and result.size


def test_parts_move_on_their_own_and_keep_their_ink(image):
    distances = []
    for rng in generators(20):
        moved = move_parts(image, rng)
        assert moved.shape == image.shape and moved.dtype == np.uint8
        assert ink(moved) == pytest.approx(ink(image), rel=0.35)
        count, _, _, centres = cv2.connectedComponentsWithStats(255 - moved)
        if count == 4:
            distances.append(np.linalg.norm(centres[3] - centres[2]))
    assert np.std(distances) > 0.5  # of one rigid move it would be 0


def test_lone_part_and_noise_are_not_taken_apart(rng):
    bar = np.full((50, 50), 255, np.uint8)
    bar[10:40, 20:30] = 0
    dots = np.full((96, 96), 255, np.uint8)
    dots[::3, ::3] = 0  # 1,024 parts: more than a byte counts
    for image in (bar, dots, np.full((9, 9), 255, np.uint8)):
        np.testing.assert_array_equal(move_parts(image, rng), image)


def test_up_to_254_parts_keep_their_ink(rng):
    image = np.full((320, 320), 255, np.uint8)
    for row in range(15):
        for column in range(16):
            image[20 * row + 5 : 20 * row + 15, 20 * column + 5 : 20 * column + 15] = 0
    assert ink(move_parts(image, rng)) > 0.8 * ink(image)


def test_warp_moves_ink_but_loses_little(image):
    padded = np.pad(image, 16, constant_values=255)
    for rng in generators(20):
        bent = warp(padded, rng)
        assert bent.shape == padded.shape
        assert not np.array_equal(bent, padded)
        assert ink(bent) == pytest.approx(ink(padded), rel=0.35)
        assert np.concatenate([bent[0], bent[-1]]).mean() > 200


def test_strokes_change_width_but_do_not_vanish(image):
    changes = [ink(change_width(image, rng)) / ink(image) for rng in generators(60)]
    assert min(changes) > 0.4 and max(changes) < 1.7
    assert sum(c > 1.02 for c in changes) > 20 and sum(c < 0.98 for c in changes) > 10


def test_hair_lines_are_not_thinned_away():
    image = np.full((40, 40), 255, np.uint8)
    image[20, 5:35] = 0
    for rng in generators(30):
        assert (change_width(image, rng) < 128).sum() >= 15
