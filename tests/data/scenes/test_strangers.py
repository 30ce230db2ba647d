import numpy as np
import pytest
from conftest import DRAWN, build_font

from utils.data.families import FontError
from utils.data.scenes.strangers import KINDS, draw_strangers
from utils.inference.imaging import NoInkError, prepare


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Two faces: one of syllables and Latin letters, one of digits, jamo and hanja."""
    folder = tmp_path_factory.mktemp("letters")
    build_font(folder / "a.ttf", "A", [*DRAWN[:9], *"ABcd"], (), ())
    build_font(folder / "b.ttf", "B", [*"0189ㄱㅏ一語"], (), ["ㄴ", "ㅁ"])
    return folder


def test_every_kind_is_drawn_as_often_as_asked(letters):
    drawn = draw_strangers(letters, 12)
    assert tuple(drawn) == KINDS
    counts = {kind: len(pictures) for kind, pictures in drawn.items()}
    assert counts.pop("jamo") < 12  # two of the four have no ink, and are left out
    assert set(counts.values()) == {12}
    for pictures in drawn.values():
        for picture in pictures:
            assert picture.dtype == np.uint8 and picture.ndim == 2


def test_letters_have_ink_and_blank_pictures_none(letters):
    drawn = draw_strangers(letters, 12)
    for picture in drawn.pop("blank"):
        with pytest.raises(NoInkError):
            prepare(picture, 32)
    for pictures in drawn.values():
        assert all(prepare(picture, 32).min() < 128 for picture in pictures)


def test_several_syllables_stand_side_by_side(letters):
    for picture in draw_strangers(letters, 12)["several"]:
        columns = np.nonzero((picture < 128).any(axis=0))[0]
        rows = np.nonzero((picture < 128).any(axis=1))[0]
        assert np.ptp(columns) > 1.7 * np.ptp(rows)


def test_the_same_seed_draws_the_same(letters):
    first, second = draw_strangers(letters, 4, seed=1), draw_strangers(letters, 4, 1)
    other = draw_strangers(letters, 4, seed=2)
    for kind in KINDS:
        for ours, theirs in zip(first[kind], second[kind], strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert (first["noise"][0] != other["noise"][0]).any()


def test_kinds_that_no_face_draws_are_empty(fonts):
    drawn = draw_strangers(fonts, 3)  # faces of syllables alone, one of them broken
    empty = {kind for kind, pictures in drawn.items() if not pictures}
    assert empty == {"latin", "digit", "hanja", "jamo"}


def test_a_folder_without_fonts_is_an_error(tmp_path):
    with pytest.raises(FontError, match="holds no font"):
        draw_strangers(tmp_path, 3)
