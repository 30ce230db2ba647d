import pickle
import warnings

import numpy as np
import pytest

from tests.inference.test_reader import BLANK, FakeReader, picture
from utils.inference.width import SeveralSyllablesWarning, ink_widths, warn_of_width


def box(height, width, side=60):
    """A square with a box of ink in its middle."""
    square = np.full((side, side), 255, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = 0
    return square


def word(parts):
    """A picture of some upright boxes side by side."""
    image = np.full((60, 50 * parts + 20), 255, np.uint8)
    for part in range(parts):
        image[10:50, 50 * part + 15 : 50 * part + 45] = 0
    return image


@pytest.mark.parametrize(("height", "width"), [(50, 50), (10, 50), (50, 7), (1, 60)])
def test_a_width_is_that_of_the_box(height, width):
    assert ink_widths(box(height, width)[None]) == pytest.approx(width / height)


def test_widths_span_the_parts_and_light_ink():
    square = np.full((60, 60), 255, np.uint8)
    square[20:30, 5:9] = square[22:25, 50:55] = 0
    square[35, 30] = 254
    assert ink_widths(np.stack([square, box(30, 30)])).tolist() == [50 / 16, 1]


def test_pictures_wider_or_higher_than_a_syllable_are_told_by_place():
    sides = (20, 46), (20, 44), (54, 20), (56, 20), (10, 50)
    with pytest.warns(SeveralSyllablesWarning) as told:
        warn_of_width(np.stack([box(*each) for each in sides]), [3, 5, 6, 7, 9])
    assert [each.message.place for each in told] == [3, 7, 9]
    assert str(told[2].message).startswith("Picture 9, counted from 0: its ink is 5.0")
    assert "2.8 times as high" in str(told[1].message)
    assert ["--vertical" in str(each.message) for each in told] == [False, True, False]


def test_a_warning_reaches_other_processes_as_it_is():
    warning = SeveralSyllablesWarning(3.0, 7)
    same = pickle.loads(pickle.dumps(warning))
    assert (str(same), same.place, same.what) == (str(warning), 7, warning.what)


def test_words_are_read_with_a_warning():
    reader = FakeReader()
    with pytest.warns(SeveralSyllablesWarning, match="^A picture: its ink is"):
        assert len(reader.predict(word(5))) == 1
    some = [picture(0), None, BLANK, picture(1), word(5)]
    with pytest.warns(SeveralSyllablesWarning) as told:
        answers = list(reader.predict_stream(some, return_errors=True, batch_size=3))
    assert [each.message.place for each in told] == [4] and len(answers) == 5


def test_syllables_are_read_without():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FakeReader().predict([picture(seed) for seed in range(20)] + [word(1)])
