import cv2
import numpy as np
import pytest
from conftest import generators, glyph_picture

from utils.data import augment as module
from utils.data.augment import augment
from utils.hangul import ALL_SYLLABLES


def test_result_depends_on_the_generator_alone(bars):
    other = glyph_picture(ALL_SYLLABLES[5], 96)
    state = np.random.get_state()[1].copy()
    runs = [[augment(bars, rng, other) for rng in generators(20)] for _ in range(2)]
    for first, second in zip(*runs, strict=True):
        np.testing.assert_array_equal(first, second)
    assert len({picture.tobytes() for picture in runs[0]}) == 20
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_picture_given_is_left_alone(bars):
    before, other = bars.copy(), glyph_picture(ALL_SYLLABLES[5], 96)
    bars.flags.writeable = other.flags.writeable = False
    for rng in generators(40):
        result = augment(bars, rng, other)
        assert result.dtype == np.uint8 and result.ndim == 2 and result.size
    np.testing.assert_array_equal(bars, before)


def test_kinds_come_as_often_as_they_should(bars, monkeypatch):
    calls = []
    names = ("photograph", "scan", "soften", "move_parts", "change_width")
    for name in (*names, "join_parts", "vary_width"):

        def record(picture, rng, *rest, name=name):
            calls.append(name)
            return picture

        monkeypatch.setattr(module, name, record)
    for rng in generators(600):
        augment(bars, rng)
    share = {name: calls.count(name) / 600 for name in set(calls)}
    expected = {"photograph": 0.33, "scan": 0.15, "soften": 0.52}
    expected |= {"move_parts": 0.5, "change_width": 0.4}
    expected |= {"join_parts": 0.12, "vary_width": 0.2}
    assert share == pytest.approx(expected, abs=0.06)


def test_kinds_that_are_left_out_do_not_come(bars, monkeypatch):
    calls = []
    names = ("photograph", "scan", "move_parts", "change_width", "join_parts")
    for name in (*names, "vary_width"):

        def record(picture, rng, *rest, name=name):
            calls.append(name)
            return picture

        monkeypatch.setattr(module, name, record)
    for rng in generators(100):
        augment(bars, rng, kinds=("whole",))
    assert not calls
    for rng in generators(100):
        augment(bars, rng, kinds=("hands",))
    assert set(calls) == {"move_parts", "join_parts"}


def test_without_any_kind_the_ink_keeps_its_place(bars):
    # Some blur, noise and loss of resolution, inside a wider margin.
    margin = max(bars.shape) // 6
    padded = np.pad(bars, margin, constant_values=255)
    for rng in generators(10):
        result = augment(bars, rng, kinds=())
        whole = cv2.resize(result, padded.shape[::-1])
        assert np.corrcoef(whole.ravel(), padded.ravel())[0, 1] > 0.8


def test_distortions_are_read_and_unknown_ones_told():
    assert module.read_distortions("pen, whole") == ("pen", "whole")
    with pytest.raises(ValueError, match="'ink' is none; choose from: whole, hands"):
        module.read_distortions("whole,ink")


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (3, 2), (40, 160)])
@pytest.mark.parametrize("level", [0, 254, 255])
def test_odd_pictures_come_through(shape, level, rng):
    image = np.full(shape, 255, np.uint8)
    image[shape[0] // 2] = level
    for _ in range(30):
        result = augment(image, rng, image)
        assert result.dtype == np.uint8 and result.ndim == 2 and result.size
