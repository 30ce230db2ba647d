import cv2
import numpy as np
from conftest import generators, ink

from utils.data.hands.pen import change_width, join_parts, vary_width


def test_strokes_change_width_but_do_not_vanish(bars):
    changes = [ink(change_width(bars, rng)) / ink(bars) for rng in generators(60)]
    assert min(changes) > 0.4 and max(changes) < 1.7
    assert sum(c > 1.02 for c in changes) > 20 and sum(c < 0.98 for c in changes) > 10


def test_hair_lines_are_not_thinned_away():
    image = np.full((40, 40), 255, np.uint8)
    image[20, 5:35] = 0
    for rng in generators(30):
        assert (change_width(image, rng) < 128).sum() >= 15


def test_width_varies_along_a_stroke_that_stays_whole():
    image = np.full((60, 120), 255, np.uint8)
    image[26:34, 10:110] = 0
    widths = []
    for rng in generators(20):
        varied = vary_width(image, rng)
        assert varied.shape == image.shape and varied.dtype == np.uint8
        assert cv2.connectedComponents((varied < 128).astype(np.uint8))[0] == 2
        widths.append(np.ptp((255.0 - varied)[:, 20:100].sum(0) / 255))
    assert np.median(widths) > 0.5  # pixels; of an even stroke it would be 0


def test_hair_lines_survive_uneven_ink():
    image = np.full((40, 40), 255, np.uint8)
    image[20, 5:35] = 0
    for rng in generators(30):
        assert (vary_width(image, rng) < 128).sum() >= 15


def test_neighbours_are_joined_and_keep_their_ink():
    bars = np.full((60, 60), 255, np.uint8)
    for left in (10, 22, 34):
        bars[10:50, left : left + 8] = 0
    joined = 0
    for rng in generators(20):
        result = join_parts(bars, rng)
        assert (result <= bars).all()  # ink is only added
        assert ink(result) < 1.4 * ink(bars)
        count = cv2.connectedComponents((result < 128).astype(np.uint8))[0]
        joined += count == 3  # the ground, and two parts of the three
    assert joined >= 15


def test_far_and_lone_parts_stay_apart(rng):
    lone = np.full((50, 50), 255, np.uint8)
    lone[10:40, 20:30] = 0
    far = np.full((96, 96), 255, np.uint8)
    far[5:20, 5:20] = far[80:90, 80:90] = 0
    dots = np.full((96, 96), 255, np.uint8)
    dots[::3, ::3] = 0
    ring = np.full((96, 96), 255, np.uint8)  # 으: a bridge would make it 오
    cv2.circle(ring, (48, 30), 15, 0, 6)
    ring[62:68, 10:86] = 0
    for image in (lone, far, dots, ring, np.full((9, 9), 255, np.uint8)):
        np.testing.assert_array_equal(join_parts(image, rng), image)
