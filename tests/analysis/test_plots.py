import importlib.util
import io

import matplotlib
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ft2font import FT2Font
from PIL import Image

from utils.analysis import plots, typeface
from utils.analysis.confusion_figure import confusion_figure
from utils.analysis.plots import (
    heat_map_grid,
    sample_grid,
    save_figure,
)
from utils.hangul import COMPONENTS

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 16, 16), np.uint8)


def texts_of(figure):
    return [axes.get_title() for axes in figure.axes]


def pixels_of(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=50)
    return np.asarray(Image.open(buffer).convert("L"))


@pytest.fixture
def no_known_font(monkeypatch):
    """Makes matplotlib know DejaVu Sans alone, which has no Hangul."""
    known = font_manager.fontManager.ttflist
    plain = [font for font in known if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", plain)
    typeface._hangul_family.cache_clear()
    yield
    typeface._hangul_family.cache_clear()


def test_font_has_every_jamo():
    path = font_manager.findfont(typeface.hangul_font(8).get_family()[0])
    glyphs = FT2Font(path).get_charmap()
    for classes in COMPONENTS.values():
        missing = {jamo for jamo in classes if ord(jamo) not in glyphs} - {"∅"}
        assert not missing
    assert typeface.draws_hangul(path)


def test_latin_font_does_not_pass_for_hangul(tmp_path):
    assert not typeface.draws_hangul(font_manager.findfont("DejaVu Sans"))
    assert not typeface.draws_hangul(tmp_path / "gone.ttf")


def test_font_of_last_resort_does_not_pass(monkeypatch):
    class LastResort:
        def __init__(self, path):
            pass

        def get_charmap(self):
            return dict.fromkeys(range(0x10000), 7)  # all letters, one box

    monkeypatch.setattr(typeface, "FT2Font", LastResort)
    assert not typeface.draws_hangul("any.ttf")


def test_package_brings_a_font_where_the_machine_has_none(no_known_font):
    # Not importorskip: the package's import changes matplotlib's settings.
    if importlib.util.find_spec("koreanize_matplotlib") is None:
        pytest.skip("koreanize-matplotlib is not installed")
    assert typeface.hangul_font(8).get_family() == ["NanumGothic", "DejaVu Sans"]


def test_no_font_at_all_is_an_error_with_a_hint(no_known_font, monkeypatch):
    monkeypatch.setattr(typeface.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install koreanize-matplotlib"):
        sample_grid(IMAGES, ["가"] * 5)


def test_saved_figure_is_a_picture_and_whole(tmp_path):
    save_figure(tmp_path / "new" / "a.png", sample_grid(IMAGES, list("가나다라마")))
    with Image.open(tmp_path / "new" / "a.png") as image:
        assert image.format == "PNG" and image.width > image.height
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.png"]


def test_letter_without_a_glyph_is_an_error_and_no_box(tmp_path):
    figure = sample_grid(IMAGES[:1], ["\U00013000"])  # an Egyptian hieroglyph
    with pytest.raises(ValueError, match="a.png: a letter cannot be drawn .*Glyph"):
        save_figure(tmp_path / "a.png", figure)
    assert list(tmp_path.iterdir()) == []


def test_different_syllables_look_different():
    blank = np.full((1, 16, 16), 255, np.uint8)
    drawn = [pixels_of(sample_grid(blank, [text])) for text in ("가", "뷁", "")]
    assert (drawn[0] != drawn[1]).any() and (drawn[0] != drawn[2]).any()


def test_sample_grid_shows_every_picture_under_its_title():
    figure = sample_grid(IMAGES, list("가나다라마"), columns=2)
    (axes,) = figure.axes
    places = []
    for shown, text, image in zip(axes.images, axes.texts, IMAGES, strict=True):
        np.testing.assert_array_equal(shown.get_array(), image)
        left, right, bottom, top = shown.get_extent()
        assert bottom - top == pytest.approx(right - left)  # as the picture is
        x, y = text.get_position()
        assert x == pytest.approx((left + right) / 2) and 0 < top - y < 0.1
        places.append((round(top), round(left)))
    assert [text.get_text() for text in axes.texts] == list("가나다라마")
    assert len(set(places)) == 5 and places == sorted(places)  # in reading order
    assert {left for _, left in places} == {0, 1}  # two columns


def test_pictures_of_a_grid_keep_their_aspect():
    (axes,) = sample_grid([np.zeros((10, 40)), np.zeros((60, 30))], "가나").axes
    shares = []
    for shown in axes.images:
        left, right, bottom, top = shown.get_extent()
        shares.append((right - left) / (bottom - top))
    assert shares == pytest.approx([4, 0.5])


def test_a_long_title_has_room_above_two_pictures():
    figure = sample_grid(IMAGES[:4], ["boxed at the border", ""] * 2, 4, span=2)
    renderer, width = FigureCanvasAgg(figure).get_renderer(), figure.bbox.width
    first, _, second, _ = (
        text.get_window_extent(renderer) for text in figure.axes[0].texts
    )
    assert 0 < first.x0 < first.x1 < second.x0 < second.x1 < width
    assert first.x0 + first.x1 == pytest.approx(width / 2, abs=2)


@pytest.mark.parametrize("images, titles", [(IMAGES, ["가"]), ([], [])])
def test_sample_grid_needs_as_many_titles(images, titles):
    message = f"{len(titles)} titles came for {len(images)} pictures"
    with pytest.raises(ValueError, match=message):
        sample_grid(images, titles)


@pytest.mark.parametrize("name", ["$5 a_b_c$", "a$b", r"\$1$", "$x^2$"])
def test_names_of_others_are_no_formulas(name):
    caption = [{"picture": name, "up": name}]
    figures = [
        sample_grid(IMAGES[:1], [name]),
        heat_map_grid(IMAGES[:1], {"up": np.ones((1, 16, 16))}, caption),
        confusion_figure(np.eye(2), "ㄱㄴ", name),
    ]
    for figure in figures:
        figure.set_layout_engine("none")  # which would move everything a little
        shown = pixels_of(figure)
        for axes in figure.axes:
            axes.title.set_text(name)
            axes.title.set_parse_math(False)
        np.testing.assert_array_equal(pixels_of(figure), shown)


def test_heat_maps_stand_beside_their_picture():
    rng = np.random.default_rng(1)
    maps = {"up": rng.random((5, 16, 16)), "both": rng.normal(size=(5, 16, 16))}
    captions = [{"picture": "가", "up": f"u{i}", "both": f"b{i}"} for i in range(5)]
    figure = heat_map_grid(IMAGES, maps, captions, signed=["both"])
    assert texts_of(figure)[3:6] == ["가", "u1", "b1"]
    _, up, both = figure.axes[3:6]
    np.testing.assert_array_equal(up.images[1].get_array(), maps["up"][1])
    assert up.images[1].get_clim() == (0, maps["up"].max())
    top = np.abs(maps["both"]).max()
    assert both.images[1].get_clim() == (-top, top)  # white is zero
    np.testing.assert_array_equal(both.images[0].get_array(), IMAGES[1])


def test_heat_maps_must_be_as_many_as_pictures():
    with pytest.raises(ValueError, match="differ in number"):
        heat_map_grid(IMAGES, {"a": np.zeros((4, 16, 16))}, [{}] * 5)
    with pytest.raises(ValueError, match="differ in number"):
        heat_map_grid([], {"a": []}, [])


def test_drawing_leaves_settings_alone(no_known_font, tmp_path):
    before = dict(matplotlib.rcParams)
    save_figure(tmp_path / "a.png", sample_grid(IMAGES, list("가나다라마")))
    assert dict(matplotlib.rcParams) == before


def test_a_part_of_the_font_has_the_letters_asked_for():
    content = typeface.font_subset("각뷁ㄱ1")
    assert len(content) < 20_000
    with TTFont(io.BytesIO(content)) as font:
        assert font.flavor == "woff2"
        assert {ord(letter) for letter in "각뷁ㄱ1"} <= set(font.getBestCmap())
        assert len(font.getBestCmap()) < 12


def test_the_font_for_browsers_holds_no_private_tables():
    with TTFont(io.BytesIO(typeface.web_font())) as font:
        assert not [tag for tag in font.keys() if tag.startswith("TSI")]
        assert ord("각") in font.getBestCmap()


def test_figures_become_pixels():
    pixels = plots.figure_pixels(sample_grid(IMAGES[:2], ["가", "나"]), dpi=50)
    assert pixels.dtype == np.uint8 and pixels.shape[2] == 3
    assert pixels.shape[:2] == (65, 110)  # 1.3 x 2.2 inches
