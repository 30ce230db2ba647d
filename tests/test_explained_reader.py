import io

import numpy as np
import pytest
from PIL import Image

from model import KoOCR, NoInkError
from tests.helpers.drawn_weights import draw_weights
from utils.analysis.maps.explaining import explain
from utils.inference.prior import Prior


@pytest.fixture(scope="module")
def network(tiny_network):
    made = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    return draw_weights(made, seed=1, spread=0.5)


@pytest.fixture(scope="module")
def picture():
    image = np.full((90, 200), 255, np.uint8)
    image[20:26, 120:160] = image[54:60, 120:160] = 0
    image[20:60, 120:126] = 0
    return image


def names(told):
    heads = told.readings.values()
    return [name for name, _ in told.guesses], [(r.name, r.rival) for r in heads]


def shares(told):
    heads = told.readings.values()
    return [share for _, share in told.guesses] + [r.probability for r in heads]


def same(one, other):
    assert names(one) == names(other)
    np.testing.assert_allclose(shares(one), shares(other), atol=1e-5)
    for kind, maps in one.maps.items():
        for name, values in maps.items():
            np.testing.assert_allclose(values, other.maps[kind][name], atol=1e-5)


def test_one_picture_has_one_explanation_and_several_a_list(network, picture):
    (expected,) = explain(network, [picture])
    same(network.explain(picture), expected)
    for several in ([picture, picture], np.stack([picture] * 2), (picture,) * 2):
        first, second = network.explain(several)
        same(first, expected)
        same(second, expected)
    assert network.explain([]) == []


def test_guesses_are_those_of_predict(network, picture):
    how = {"charset": "가나다각낙", "rare": 1.0, "text": 0.4}
    for n in (1, 3):
        found = network.explain(picture, n, **how).guesses
        expected = network.predict(picture, n, scores=True, **how)
        assert [name for name, _ in found] == [name for name, _ in expected]
        np.testing.assert_allclose(
            [share for _, share in found], [share for _, share in expected]
        )
    assert len(network.explain(picture).guesses) == 5
    assert len(network.explain(picture, charset="가나다").guesses) == 3
    same(
        network.explain(picture, rare=0.01, text=0.5),
        explain(network, [picture], prior=Prior(0.01, 0.5))[0],
    )


def test_another_syllable_may_be_the_rival(network, picture):
    told = network.explain(picture)
    wanted = {"initial": "ㄲ", "medial": "ㅞ", "final": "ㄼ"}  # of 꿻
    assert not any(told.readings[name].name == jamo for name, jamo in wanted.items())
    for spelling in ("꿻", "\u1101\u1170\u11b2"):  # whole, and in its jamo
        against = network.explain(picture, against=spelling)
        assert {n: r.rival for n, r in against.readings.items()} == wanted
        assert against.guesses == told.guesses


def test_another_class_of_a_flat_head_may_be_the_rival(tiny_network, picture):
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 32}
    flat = KoOCR(weights=None, split_components=False, charset="가나다라", **options)
    read, _, last = (name for name, _ in flat.explain(picture, 3).guesses)
    told = flat.explain(picture, against=last).readings["syllable"]
    assert (told.name, told.rival) == (read, last)
    with pytest.raises(ValueError, match="no class for 1 syllables"):
        flat.explain(picture, against="힣")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"against": "가나"}, ValueError, "expected one modern Hangul syllable"),
        ({"against": 3}, TypeError, "against=3; expected a syllable"),
        ({"n": 0}, ValueError, "n=0 syllables"),
        ({"n": 3, "charset": "가나"}, ValueError, "from 1 to 2"),
    ],
)
def test_what_cannot_be_explained_is_told(network, picture, options, error, message):
    with pytest.raises(error, match=message):
        network.explain(picture, **options)


def test_pictures_are_a_list_and_show_ink(network, picture):
    with pytest.raises(TypeError, match="explain them in lists"):
        network.explain(iter([picture]))
    with pytest.raises(NoInkError):
        network.explain(np.full((40, 40), 255, np.uint8))


def test_a_notebook_shows_the_figure(network, picture):
    told = network.explain(picture, n=2)
    image = Image.open(io.BytesIO(told._repr_png_()))
    width, height = told.figure().get_size_inches()
    assert image.format == "PNG" and width > height
    assert abs(image.width / image.height - width / height) < 0.02
    assert image.width < 900 and np.ptp(np.asarray(image.convert("L"))) > 100
    (first, share), _ = told.guesses
    assert repr(told).startswith(f"Explanation({first} {share:.3f}, ")
    assert repr(told).endswith("; maps: exact, Grad-CAM, contrast)")
