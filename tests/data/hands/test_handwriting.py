import cv2
import numpy as np
import pytest
from conftest import generators, glyph_picture, ink

from utils.data.hands import handwriting
from utils.data.hands.handwriting import move_parts, warp
from utils.hangul import ALL_SYLLABLES


def test_parts_move_on_their_own_and_keep_their_ink(bars):
    distances = []
    for rng in generators(20):
        moved = move_parts(bars, rng)
        assert moved.shape == bars.shape and moved.dtype == np.uint8
        assert ink(moved) == pytest.approx(ink(bars), rel=0.35)
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


def test_warp_moves_ink_but_loses_little(bars):
    padded = np.pad(bars, 16, constant_values=255)
    for rng in generators(20):
        bent = warp(padded, rng)
        assert bent.shape == padded.shape
        assert not np.array_equal(bent, padded)
        assert ink(bent) == pytest.approx(ink(padded), rel=0.5)
        assert np.concatenate([bent[0], bent[-1]]).mean() > 200


def bent_alone(image, seed, monkeypatch, moved):
    """Warps with nothing but blocks moving, or with nothing at all."""
    monkeypatch.setattr(handwriting, "BLOCKS_PROBABILITY", float(moved))
    monkeypatch.setattr(handwriting, "_slant_matrix", lambda rng: np.eye(2, dtype="f"))
    monkeypatch.setattr(
        handwriting, "_uneven", lambda side, rng: np.arange(side, dtype="f") - side / 2
    )
    still = np.zeros((2, *image.shape), np.float32)
    monkeypatch.setattr(handwriting, "_bend", lambda *sizes: still)
    return warp(image, np.random.default_rng(seed))


def test_warp_that_changes_nothing_changes_nothing(bars, monkeypatch):
    same = bent_alone(bars, 0, monkeypatch, moved=False)
    np.testing.assert_array_equal(same, bars)


def test_blocks_move_against_each_other_though_they_touch(monkeypatch):
    image = np.full((128, 128), 255, np.uint8)
    image[24:60, 24:50] = image[24:60, 76:100] = image[70:104, 30:98] = 0
    image[38:46, 50:76] = image[38:70, 58:66] = 0  # bridges: one part
    spread = []
    for seed in range(30):
        moved = 255 - bent_alone(image, seed, monkeypatch, moved=True)
        assert cv2.connectedComponents((moved > 100).astype(np.uint8))[0] == 2
        columns = np.arange(128)
        upper, lower = moved[:58].sum(0), moved[75:].sum(0)
        spread.append(columns @ upper / upper.sum() - columns @ lower / lower.sum())
    assert np.std(spread) > 2  # pixels; of one rigid move it would be 0


def test_blocks_leave_little_and_nothing_alone(monkeypatch):
    dot = np.full((40, 40), 255, np.uint8)
    dot[18:23, 18:23] = 0
    for image in (dot, np.full((40, 40), 255, np.uint8)):
        np.testing.assert_array_equal(bent_alone(image, 1, monkeypatch, True), image)


def test_every_syllable_keeps_its_ink_when_blocks_move(monkeypatch):
    for seed, syllable in enumerate(ALL_SYLLABLES[::500]):
        image = np.pad(glyph_picture(syllable, 96), 16, constant_values=255)
        moved = bent_alone(image, seed, monkeypatch, moved=True)
        assert ink(moved) == pytest.approx(ink(image), rel=0.4)
