"""Parts are (left, top, width, height, area), as OpenCV has them."""

import numpy as np
import pytest

from utils.cleaning.groups import largest_group
from utils.inference.imaging import prepare

LETTER = [(40, 40, 20, 24, 200), (66, 38, 10, 40, 150), (42, 70, 30, 14, 180)]


def test_what_is_far_away_is_another_thing():
    far = [(140, 50, 8, 16, 60), (140, 4, 12, 6, 40)]
    assert sorted(largest_group([*far, *LETTER])) == sorted(LETTER)
    near = (84, 50, 8, 16, 60)
    assert sorted(largest_group([near, *LETTER])) == sorted([near, *LETTER])


def test_a_part_of_two_strokes_may_be_as_far_as_it_is_large():
    circle, vowel = (10, 30, 20, 20, 120), (44, 10, 12, 60, 200)
    assert len(largest_group([circle, vowel])) == 2


def test_a_long_button_is_no_syllable_however_large():
    button = (10, 150, 120, 30, 3000)
    assert sorted(largest_group([button, *LETTER])) == sorted(LETTER)
    # Where nothing else is there, it is what is looked at.
    assert largest_group([button]) == [button]
    bars = [button, (10, 4, 120, 8, 800)]
    assert largest_group(bars) == bars


def test_a_cross_that_is_one_part_is_smaller_than_a_syllable():
    cross = (130, 50, 24, 24, 90)
    assert sorted(largest_group([cross, *LETTER])) == sorted(LETTER)


def test_several_syllables_stay_together():
    other = [(left + 100, *rest) for left, *rest in LETTER]
    assert len(largest_group([*LETTER, *other])) == 6


@pytest.mark.parametrize("side", ["left", "right", "above", "below"])
def test_a_picture_is_read_without_what_is_far_away(side):
    alone = np.full((400, 400), 255, np.uint8)
    alone[160:170, 160:240] = alone[230:240, 160:240] = 0
    alone[160:240, 230:240] = 0
    picture = alone.copy()
    place = {
        "left": (190, 5),
        "right": (190, 375),
        "above": (5, 190),
        "below": (375, 190),
    }
    top, left = place[side]
    picture[top : top + 20, left : left + 20] = 0
    found = prepare(picture, 64).astype(int)
    assert np.abs(found - prepare(alone, 64)).mean() < 3
