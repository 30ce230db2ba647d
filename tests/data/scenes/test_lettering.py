import cv2
import numpy as np
import pytest
from conftest import generators, glyph_picture, ink

from utils.data.scenes import lettering, lines
from utils.data.scenes.lettering import hollow, wear
from utils.data.scenes.lines import rule_off
from utils.hangul import ALL_SYLLABLES


@pytest.fixture
def bar():
    """A bar 12 pixels wide and 60 long."""
    image = np.full((100, 60), 255, np.uint8)
    image[20:80, 24:36] = 0
    return image


def test_hollow_strokes_are_rings_about_paper(bar):
    for rng in generators(30):
        ring = hollow(bar, rng)
        assert ring.dtype == np.uint8 and ring.shape == bar.shape
        assert ring[50, 30] == 255  # paper within
        count, _ = cv2.connectedComponents((ring < 128).astype(np.uint8))
        assert count == 2  # one ring, and the ground
        paper = (ring >= 128).astype(np.uint8)
        ground, _ = cv2.connectedComponents(paper, connectivity=4)
        assert ground == 3  # ink, outside, inside
        rows, columns = np.nonzero(ring < 128)
        assert 12 <= np.ptp(columns) + 1 <= 18 and 60 <= np.ptp(rows) + 1 <= 66


def test_thin_strokes_get_room_for_a_hole():
    image = np.full((60, 60), 255, np.uint8)
    image[30, 10:50] = 0
    for rng in generators(10):
        assert (hollow(image, rng)[29:31, 20:40] == 255).any(axis=0).all()


def test_wear_takes_little_and_strews_less(bars):
    kinds = ("_holes", "_dots", "_scratches", "_dust")
    for kind in kinds:
        worn = [getattr(lettering, kind)(bars, rng) for rng in generators(20)]
        shares = [ink(each) / ink(bars) for each in worn]
        assert 0.3 < min(shares) and max(shares) < 1.6, kind
        assert any((each != bars).any() for each in worn), kind


def test_holes_and_scratches_only_take_and_dust_only_adds(bars):
    for rng in generators(10):
        assert (lettering._holes(bars, rng) >= bars).all()
        assert (lettering._dots(bars, rng) >= bars).all()
        assert (lettering._scratches(bars, rng) >= bars).all()
    for rng in generators(10):
        assert ((lettering._dust(bars, rng) < 128) >= (bars < 128)).mean() > 0.995


def test_results_depend_on_the_generator_alone(bars):
    before = bars.copy()
    for change in (hollow, wear):
        first = [change(bars, rng) for rng in generators(12)]
        again = [change(bars, rng) for rng in generators(12)]
        for one, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, other)
        assert len({each.tobytes() for each in first}) > 2
    np.testing.assert_array_equal(bars, before)


def test_lines_stand_clear_of_the_syllable(monkeypatch):
    monkeypatch.setattr(lines, "LINES_PROBABILITY", 1.0)
    image = np.full((120, 120), 255, np.uint8)
    image[40:80, 40:80] = 0
    sides = np.zeros(4, int)
    for rng in generators(200):
        ruled = rule_off(image, (40, 40, 40, 40), rng)
        assert (ruled <= image).all()
        added = (ruled < image) & (image == 255)
        assert not added[40:80, 40:80].any()
        sides += [
            added[:39, 60].any(),
            added[81:, 60].any(),
            added[60, :39].any(),
            added[60, 81:].any(),
        ]
    assert (sides > 40).all() and sides[1] > sides[0]


def test_a_part_of_the_pictures_is_ruled(bars):
    box = cv2.boundingRect((bars < 128).astype(np.uint8))
    ruled = [rule_off(bars, box, rng) for rng in generators(400)]
    count = sum((each != bars).any() for each in ruled)
    assert (
        0.5 * lines.LINES_PROBABILITY * 400
        < count
        < 1.5 * lines.LINES_PROBABILITY * 400
    )
    blank = np.full((20, 20), 255, np.uint8)
    assert rule_off(blank, (0, 0, 0, 0), np.random.default_rng(0)) is blank


def test_a_worn_syllable_keeps_most_of_its_strokes():
    drawn = glyph_picture(ALL_SYLLABLES[1234], 96)
    kept = [(wear(drawn, rng)[drawn < 128] < 128).mean() for rng in generators(60)]
    assert min(kept) > 0.3 and np.mean(kept) > 0.6
