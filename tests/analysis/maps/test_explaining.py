import numpy as np
import pytest

from model import KoOCR
from tests.helpers.drawn_weights import draw_weights
from utils.analysis import gradcam
from utils.analysis.maps.explaining import explain
from utils.analysis.maps.explanation_figure import explanation_figure
from utils.hangul import COMPONENTS
from utils.inference.prior import EVEN_PRIOR, Prior


@pytest.fixture(scope="module")
def network(tiny_network):
    made = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    return draw_weights(made, seed=1, spread=0.5)


def draw(height=90, width=200, left=120):
    """A small syllable on the right of a wide picture."""
    image = np.full((height, width), 255, np.uint8)
    image[20:26, left : left + 40] = 0
    image[20:60, left : left + 6] = 0
    image[54:60, left : left + 40] = 0
    return image


@pytest.fixture(scope="module")
def explanations(network):
    return explain(network, [draw(), draw(120, 100, 30)], top_n=3)


def test_answers_are_those_of_predict(network, explanations):
    expected = network.predict([draw(), draw(120, 100, 30)], n=3)
    found = [[syllable for syllable, _ in each.guesses] for each in explanations]
    assert found == expected
    for each in explanations:
        read = [each.readings[name].name for name in COMPONENTS]
        split = [COMPONENTS[name][i] for name, i in jamo_of(each.guesses[0][0])]
        assert read == split
        np.testing.assert_array_equal(each.square.shape, (32, 32))


def test_one_picture_is_to_be_in_a_list(network):
    with pytest.raises(ValueError, match="come as a list or an array of several"):
        explain(network, "picture.png")


def test_jamo_are_those_of_the_details(network, explanations):
    pictures = [draw(), draw(120, 100, 30)]
    among = {"charset": "가나다각낙"}
    seldom = {"rare": 0.01, "text": 0.5}
    for how, found in (
        ({}, explanations),
        (among | seldom, explain(network, pictures, prior=Prior(**seldom), **among)),
    ):
        for each, told in zip(
            found, network.predict(pictures, detail=True, **how), strict=True
        ):
            assert each.guesses[0] == told.syllables[0]
            for (name, jamo), code in zip(
                COMPONENTS.items(), jamo_of(told.syllables[0][0]), strict=True
            ):
                reading = each.readings[name]
                assert reading.name == jamo[code[1]]
                if reading.name == getattr(told, name).jamo:
                    expected = getattr(told, name)[1:]
                    ours = reading.probability, reading.rival, reading.rival_probability
                    assert ours == (
                        pytest.approx(expected[0]),
                        expected[1],
                        pytest.approx(expected[2]),
                    )


def test_what_was_answered_is_explained(network):
    told = [[("한", 0.5), ("힌", 0.25)], [("글", 0.75)]]
    pictures = [draw(), draw(120, 100, 30)]
    for each, answer in zip(
        explain(network, pictures, answers=told), told, strict=True
    ):
        assert each.guesses == answer
        read = [each.readings[name].name for name in COMPONENTS]
        assert read == [COMPONENTS[name][i] for name, i in jamo_of(answer[0][0])]


def jamo_of(syllable):
    code = ord(syllable) - 0xAC00
    return zip(COMPONENTS, (code // 588, code // 28 % 21, code % 28), strict=True)


def test_maps_lie_over_the_picture_where_its_ink_is(network, explanations):
    wide = explanations[0]
    assert set(wide.maps) == {"exact", "Grad-CAM", "contrast"}
    for kind in wide.maps:
        assert list(wide.maps[kind]) == list(COMPONENTS)
        for values in wide.maps[kind].values():
            assert values.shape == (90, 200)
            assert not values[:, :100].any()  # the square does not reach there
    assert np.abs(wide.maps["exact"]["initial"][20:60, 120:160]).max() > 0


def test_the_map_is_that_of_the_square(network):
    (each,) = explain(
        network, [draw(120, 100, 30)], prior=EVEN_PRIOR
    )  # each head's own best
    coarse = gradcam.exact_cams(network.model, each.square[None])["medial"][0]
    over = each.maps["exact"]["medial"]
    rows = ((np.arange(8) + 0.5) / 8 * (each.region.bottom - each.region.top)) * 120
    columns = ((np.arange(8) + 0.5) / 8 * (each.region.right - each.region.left)) * 100
    rows = np.floor(rows + each.region.top * 120).astype(int)
    columns = np.floor(columns + each.region.left * 100).astype(int)
    inside = (rows >= 0) & (rows < 120)
    picked = over[np.ix_(rows[inside], columns)]
    assert coarse.shape == (8, 8)
    # Between the centres of cells the map is interpolated; at them it is the map.
    np.testing.assert_allclose(picked, coarse[inside], atol=0.35 * np.abs(coarse).max())
    assert np.corrcoef(picked.ravel(), coarse[inside].ravel())[0, 1] > 0.9


def test_contrast_is_with_the_rival_asked_for(network):
    plain = explain(network, [draw()])[0]
    read = COMPONENTS["initial"].index(plain.readings["initial"].name)
    for rival in ((read + 3) % 19, (read + 9) % 19):
        (each,) = explain(network, [draw()], rivals={"initial": [rival]})
        assert each.readings["initial"].rival == COMPONENTS["initial"][rival]
        assert each.readings["medial"] == plain.readings["medial"]
    # The class read is no rival of itself.
    (same,) = explain(network, [draw()], rivals={"initial": [read]})
    assert same.readings["initial"] == plain.readings["initial"]


def test_a_flat_head_has_one_map(tiny_network):
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 32}
    flat = KoOCR(weights=None, split_components=False, charset="가나다", **options)
    (each,) = explain(flat, [draw()], top_n=2)
    assert list(each.readings) == ["syllable"]
    assert {each.readings["syllable"].name, each.readings["syllable"].rival} == {
        syllable for syllable, _ in each.guesses
    }


def test_no_pictures_need_no_network():
    assert explain(None, []) == []


def test_the_figure_says_what_was_read(explanations):
    figure = explanation_figure(explanations[0])
    titles = [axes.get_title() for axes in figure.axes]
    reading = explanations[0].readings["medial"]
    assert f"why {reading.name} and not {reading.rival}" in titles
    assert f"exact map: medial {reading.name} {reading.probability:.2f}" in titles
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [text.split()[0] for text in texts] == [
        s for s, _ in explanations[0].guesses
    ]
