import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from model import KoOCR
from utils.analysis.maps import pointing
from utils.analysis.maps.pointing import pointing_rows, score, territories
from utils.analysis.maps.separating import SIDE, draw_parts, separate
from utils.data.fonts import Face
from utils.hangul import split_syllables

SYLLABLES = "가각간나낙난거걱건너넉넌"


def box(pen, left, bottom, width, height):
    pen.moveTo((left, bottom))
    pen.lineTo((left, bottom + height))
    pen.lineTo((left + width, bottom + height))
    pen.lineTo((left + width, bottom))
    pen.closePath()


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    """A face whose initials are on the left, medials right, finals below."""
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for syllable in SYLLABLES:
        jamo = {name: int(v[0]) for name, v in split_syllables([syllable]).items()}
        pen = TTGlyphPen(None)
        box(pen, 0, 500, 200 + 20 * jamo["initial"], 300)
        box(pen, 600, 400 - 10 * jamo["medial"], 100, 500)
        if jamo["final"]:
            box(pen, 100, 0, 500 + 10 * jamo["final"], 150)
        glyphs[f"u{ord(syllable):X}"] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(s): f"u{ord(s):X}" for s in SYLLABLES})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 0)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": "Parts", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("font") / "parts.ttf"
    builder.save(path)
    return Face(str(path))


def test_contours_are_told_by_what_their_users_share(face):
    told = separate(face, SYLLABLES)
    assert set(told) == set(SYLLABLES)
    for syllable, parts in told.items():
        has_final = split_syllables([syllable])["final"][0] > 0
        expected = {"initial", "medial"} | ({"final"} if has_final else set())
        assert set(parts) == expected
        lefts = {
            name: min(p[0] for _, points in contours[0] for p in points)
            for name, contours in parts.items()
        }
        assert lefts["initial"] == 0 and lefts["medial"] == 600


def test_masks_lie_where_the_font_says(face):
    picture, masks = draw_parts(separate(face, SYLLABLES)["각"])
    assert picture.shape == (SIDE, SIDE)
    np.testing.assert_array_equal(picture == 0, np.any(list(masks.values()), axis=0))
    centres = {name: np.mean(np.nonzero(mask), axis=1) for name, mask in masks.items()}
    assert centres["initial"][1] < centres["medial"][1]
    assert centres["final"][0] > centres["initial"][0]
    # ㄱ: 200 x 300 units of a glyph 900 high, that fills 192 - 16 pixels.
    scale = (SIDE - 16) / 900
    assert masks["initial"].sum() == pytest.approx(200 * 300 * scale**2, rel=0.08)


def test_a_face_drawn_whole_is_not_told(fonts):
    assert separate(Face(str(fonts / "printed" / "serif-bold.ttf")), "가각갂갃간") == {}


def test_territories_go_by_the_nearest_ink(rng):
    masks = {name: np.zeros((20, 24), bool) for name in ("initial", "medial")}
    for mask in masks.values():
        mask[rng.integers(0, 20, 4), rng.integers(0, 24, 4)] = True
    lands = territories(masks)
    assert (lands["initial"] ^ lands["medial"]).all()
    places = {name: np.argwhere(mask) for name, mask in masks.items()}
    for row, column in np.ndindex(20, 24):
        near = {
            name: np.hypot(*(points - (row, column)).T).min()
            for name, points in places.items()
        }
        if abs(near["initial"] - near["medial"]) > 0.5:  # OpenCV's are approximate
            assert lands[min(near, key=near.get)][row, column]


def test_scores_by_hand():
    masks = {"initial": np.zeros((4, 4), bool), "medial": np.zeros((4, 4), bool)}
    masks["initial"][0, :2] = True
    masks["medial"][3, 3] = True
    land = np.zeros((4, 4), bool)
    land[:2] = True
    values = np.zeros((4, 4))
    values[0, 0], values[3, 3], values[1, 3], values[2, 0] = 4, 2, 2, -9
    found = score(values, land, masks, "initial")
    np.testing.assert_allclose(found, [1, 6 / 8, 1 / 2, 4 / 6, 2 / 3])


def test_a_map_without_heat_scores_nothing():
    masks = {"initial": np.eye(3, dtype=bool), "medial": np.eye(3, dtype=bool)[::-1]}
    found = score(-np.ones((3, 3)), masks["initial"], masks, "initial")
    assert found[1] == 0 and found[3] == 0


def test_a_network_that_looks_at_the_jamo_wins(face, monkeypatch, tiny_network):
    network = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    glyphs = {s: draw_parts(parts) for s, parts in separate(face, SYLLABLES).items()}
    monkeypatch.setattr(pointing, "separate", lambda each: separate(each, SYLLABLES))

    def explain(_, pictures, kinds):
        return [look(picture, glyphs) for picture in pictures]

    monkeypatch.setattr(pointing, "explain", explain)
    rows = pointing_rows(network, [face])
    assert [row["component"] for row in rows] == ["initial", "medial", "final"]
    assert [row["count"] for row in rows] == [12, 6, 8]
    for row in rows:
        assert row["hits"] == row["heat"] == row["ink"] == 1
        assert 0 < row["area"] < 1 and 0 < row["ink_area"] < 1


def test_syllables_are_taken_evenly_and_one_must_be_read_rightly(
    face, monkeypatch, tiny_network
):
    network = KoOCR(weights=None, network=tiny_network, image_size=32)
    played = []
    monkeypatch.setattr(pointing, "separate", lambda each: separate(each, SYLLABLES))
    monkeypatch.setattr(
        pointing, "_play", lambda _, glyphs, scores: played.extend(glyphs)
    )
    with pytest.raises(ValueError, match=r"No jamo of 8 .* read rightly.*max_images"):
        pointing_rows(network, [face], 8)
    told = list(separate(face, SYLLABLES))
    places = [told.index(syllable) for syllable, _ in played]
    assert places == [0, 1, 3, 4, 6, 7, 9, 10]  # of 12


def look(picture, glyphs):
    """An explanation that looks at the ink itself, and reads every medial as ㅏ."""
    from types import SimpleNamespace

    from utils.hangul import COMPONENTS

    ((syllable, masks),) = [
        (s, masks) for s, (p, masks) in glyphs.items() if np.array_equal(p, picture)
    ]
    true = split_syllables([syllable])
    names = {name: jamo[true[name][0]] for name, jamo in COMPONENTS.items()}
    names["medial"] = "ㅏ"
    blank = np.zeros(picture.shape)
    maps = {name: masks.get(name, blank).astype(float) for name in COMPONENTS}
    readings = {name: SimpleNamespace(name=jamo) for name, jamo in names.items()}
    return SimpleNamespace(readings=readings, maps={"exact": maps})


def test_other_heads_cannot_play(tiny_network):
    options = {"split_components": False, "charset": "가나", "image_size": 32}
    flat = KoOCR(weights=None, network=tiny_network, **options)
    with pytest.raises(ValueError, match="needs the heads initial, medial and final"):
        pointing_rows(flat, [])


def test_faces_that_cannot_be_told_are_named(tiny_network):
    network = KoOCR(weights=None, network=tiny_network, image_size=32)
    with pytest.raises(ValueError, match="None of 0 faces"):
        pointing_rows(network, [])


def test_a_contour_without_points_on_its_curve_is_drawn():
    """Four points off the curve, as TrueType allows: nearly a circle."""
    corners = ((100, 0), (100, 100), (0, 100), (0, 0))
    round_ = (("qCurveTo", (*corners, None)), ("closePath", ()))
    edges = [("moveTo", ((0, 50),)), ("lineTo", ((50, 0),)), ("lineTo", ((100, 50),))]
    inner = (*edges, ("lineTo", ((50, 100),)), ("closePath", ()))
    _, masks = draw_parts({"initial": [round_], "medial": [inner]})
    # A parabola's arc encloses two thirds of the triangle of its ends and its corner.
    whole = (SIDE - 16) ** 2
    expected = whole * (1 - 4 * 0.125 * (1 - 2 / 3))
    assert masks["initial"].sum() == pytest.approx(expected, rel=0.02)
    assert masks["medial"].sum() == pytest.approx(whole / 2, rel=0.02)
