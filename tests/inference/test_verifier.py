"""How probable it is that pictures show what they should: against all products."""

import unicodedata

import numpy as np
import pytest

from tests.helpers.weighing import weight
from tests.inference.test_reader import BLANK, FakeReader, picture
from utils.hangul import ALL_SYLLABLES, COMPONENTS, split_syllables


@pytest.fixture
def reader():
    return FakeReader()


def expected(reader, image, syllable, rare=0.3, text=0.1):
    """The weighed product of the heads over the sum of all 11,172, one by one."""
    heads = reader.probabilities(reader.prepare(image)[None])
    jamo = split_syllables(ALL_SYLLABLES)
    products = np.prod([heads[n][0, jamo[n]] for n in COMPONENTS], axis=0)
    products = products * [weight(s, rare, text) for s in ALL_SYLLABLES]
    return products[ALL_SYLLABLES.index(syllable)] / products.sum()


@pytest.mark.parametrize("syllable", ["가", "뷁", "힣"])
@pytest.mark.parametrize(("rare", "text"), [(0.3, 0.1), (1, 0)])
def test_it_is_the_share_of_all_syllables(reader, syllable, rare, text):
    found = reader.verify(picture(3), syllable, rare=rare, text=text)
    assert found == pytest.approx(
        expected(reader, picture(3), syllable, rare, text), rel=1e-9
    )


def test_each_of_several_is_compared_with_its_own(reader):
    images = [picture(level) for level in (1, 4, 7)] * 120  # more than a batch
    wanted = [ALL_SYLLABLES[place % 500] for place in range(360)]
    found = reader.verify(images, wanted)
    assert found.shape == (360,) and found.dtype == np.float64
    alone = [reader.verify(*pair) for pair in zip(images, wanted, strict=True)]
    np.testing.assert_allclose(found, alone, rtol=1e-9)
    np.testing.assert_allclose(
        reader.verify(images[:3], "".join(wanted[:3])), alone[:3]
    )
    same = reader.verify(np.stack(images[:3]), "가")
    np.testing.assert_allclose(same, [reader.verify(i, "가") for i in images[:3]])


def test_decomposed_syllables_and_arrays_are_syllables(reader):
    expected = reader.verify(picture(3), "한")
    for same in (unicodedata.normalize("NFD", "한"), ["한"], np.array("한")):
        assert reader.verify(picture(3), same) == expected
    apart = [unicodedata.normalize("NFD", each) for each in "한글"]
    np.testing.assert_array_equal(
        reader.verify([picture(3)] * 2, apart), reader.verify([picture(3)] * 2, "한글")
    )


def test_series_of_other_libraries_are_syllables(reader):
    class Series:
        """As pandas has them: an array on request, and no sequence."""

        def __array__(self, dtype=None, copy=None):
            return np.array(["가", "나"], object)

    found = reader.verify([picture(1)] * 2, Series())
    np.testing.assert_array_equal(found, reader.verify([picture(1)] * 2, "가나"))


def test_what_has_no_ink_shows_none(reader):
    assert reader.verify(BLANK, "가") == 0
    found = reader.verify([picture(1), BLANK], "가나")
    assert found[0] > 0 and found[1] == 0
    assert reader.verify([BLANK, BLANK], "가").tolist() == [0, 0]
    assert reader.verify([], "가").shape == (0,)


@pytest.mark.parametrize(
    ("images", "syllable", "kind", "message"),
    [
        (picture(1), "가나", ValueError, "2 syllables for 1 pictures; hand over one"),
        ([picture(1)] * 3, ["가", "나"], ValueError, "2 syllables for 3 pictures"),
        (picture(1), "a", ValueError, "Entry 0 is 'a'"),
        ([], "a", ValueError, "Entry 0 is 'a'"),
        (picture(1), b"a", TypeError, "syllable=b'a'; expected a syllable"),
        (picture(1), None, TypeError, "syllable=None; expected a syllable"),
        ([picture(1), "none.png"], "가", ValueError, "^Picture 1, .*no such file"),
        ("none.png", "가", ValueError, "^none.png: there is no such file"),
        (iter([picture(1)]), "가", TypeError, "got list_iterator; make it a list"),
    ],
)
def test_what_cannot_be_compared_is_told(reader, images, syllable, kind, message):
    with pytest.raises(kind, match=message):
        reader.verify(images, syllable)


def test_a_network_of_few_syllables_says_what_it_lacks(reader):
    reader.syllables = ("가", "나")
    heads = {"syllable": np.array([[0.2, 0.8]])}
    reader.probabilities = lambda images: heads
    assert reader.verify(picture(1), "나", rare=1, text=0) == pytest.approx(0.8)
    with pytest.raises(ValueError, match=r"no class for 1 syllables.*\(힣\)"):
        reader.verify(picture(1), "힣")
