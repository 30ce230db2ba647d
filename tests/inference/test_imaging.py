import io

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw

from utils.cleaning.paper import _BLUR_MATRIX, _MARGIN, remove_paper
from utils.cleaning.polarity import is_light_on_dark
from utils.inference.imaging import fit_ink, prepare


def draw(width=1024, height=1280):
    """A picture like 년, all strokes of even width, with no margin."""
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    lines = [
        [(0.1, 0.08), (0.1, 0.55), (0.6, 0.55)],
        [(0.55, 0.2), (0.92, 0.2)],
        [(0.55, 0.38), (0.92, 0.38)],
        [(0.92, 0.04), (0.92, 0.68)],
        [(0.2, 0.7), (0.2, 0.95), (0.94, 0.95)],
    ]
    for line in lines:
        pen.line([(x * width, y * height) for x, y in line], fill=0, width=80)
    image = np.asarray(image)
    left, top, width, height = cv2.boundingRect(255 - image)
    return image[top : top + height, left : left + width]


GLYPH = draw()


def picture(side=120, margin=0.15, ink=0, paper=255):
    """The glyph, its longer side of `side` pixels, with margins on paper."""
    scale = side / max(GLYPH.shape)
    shape = [round(length * scale) for length in GLYPH.shape[::-1]]
    image = cv2.resize(GLYPH, shape, interpolation=cv2.INTER_AREA)
    edge = round(margin * side)
    image = np.pad(image, edge, constant_values=255).astype(float)
    return np.round(ink + (paper - ink) * image / 255).astype(np.uint8)


REFERENCE = prepare(picture(), 96)


def same(image, limit, size=96):
    """Asserts that a picture is prepared like the reference, in grey levels.

    Moved by a pixel along its diagonal, the reference differs from itself by 15.
    """
    found = prepare(image, size)
    assert found.shape == (size, size) and found.dtype == np.uint8
    difference = np.abs(found.astype(float) - REFERENCE).mean()
    assert difference < limit, f"{difference:.1f} grey levels"


def test_reference_is_what_the_canonical_square_should_be():
    expected = fit_ink(GLYPH, 96).astype(float)
    assert np.abs(REFERENCE - expected).mean() < 8
    edges = [(axis.min(), axis.max()) for axis in np.nonzero(REFERENCE < 128)]
    np.testing.assert_allclose(edges[0], (4, 91), atol=1)  # 96 less 4 on each side
    assert sum(edges[1]) == pytest.approx(95, abs=1)  # centred
    assert REFERENCE.min() == 0 and REFERENCE.max() == 255


@pytest.mark.parametrize("side", [40, 60, 96, 200, 500, 1600])
def test_size_makes_no_difference(side):
    same(picture(side), 15 if side < 60 else 9)


@pytest.mark.parametrize("margin", [0, 0.02, 0.05, 0.3, 0.6, 1])
def test_tight_and_loose_crops_make_no_difference(margin):
    same(picture(margin=margin), 15 if margin == 1 else 8)


@pytest.mark.parametrize(
    "ink, paper",
    [(0, 200), (30, 120), (90, 230), (180, 240), (255, 0), (230, 60), (120, 90)],
)
@pytest.mark.parametrize("margin", [0.03, 0.15, 0.5])
def test_ink_and_paper_of_any_level(ink, paper, margin):
    same(picture(margin=margin, ink=ink, paper=paper), 8)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("slope", [(60, 0), (0, -60), (50, 40)])
def test_shadows_go(slope, inverted):
    image = picture(margin=0.25, ink=40, paper=180).astype(float)
    height, width = image.shape
    image += np.linspace(-0.5, 0.5, height)[:, None] * slope[0]
    image += np.linspace(-0.5, 0.5, width)[None] * slope[1]
    image = np.clip(image, 0, 255).astype(np.uint8)
    same(255 - image if inverted else image, 12)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("light", ["slope", "corners"])
@pytest.mark.parametrize("height", [1200, 1600])
def test_light_falls_off_on_a_large_sheet_with_small_writing(light, height, inverted):
    small = picture(120, margin=0)
    sheet = np.full((height, 1800), 255.0)
    sheet[500 : 500 + small.shape[0], 400 : 400 + small.shape[1]] = small
    y, x = np.indices(sheet.shape) / np.array(sheet.shape)[:, None, None] - 0.5
    falls = {"slope": 0.25 + 0.5 * x, "corners": 0.9 * (x * x + y * y)}[light]
    seen = np.rint((20 + sheet * 0.9) * (1 - falls)).astype(np.uint8)
    found = prepare(255 - seen if inverted else seen, 96).astype(float)
    assert np.abs(found - prepare(sheet.astype(np.uint8), 96)).mean() < 4


@pytest.mark.parametrize("inverted", [False, True])
def test_a_lamp_that_shines_on_the_ground_is_no_ink(inverted):
    image = picture(margin=0.8, ink=60, paper=150).astype(float)
    y, x = np.indices(image.shape)
    lamp = np.clip(1.6 - np.hypot(y - 35, x - 35) / 35, 0, 1)
    image = np.rint(image + (255 - image) * lamp).astype(np.uint8)
    assert is_light_on_dark(255 - image if inverted else image) == inverted


@pytest.mark.parametrize("side", range(4))
def test_the_edge_of_a_board_is_no_ink(side):
    image = picture(margin=0.5, ink=230, paper=70)
    np.rot90(image, side)[:30] = 190  # a view of it
    assert is_light_on_dark(image) and not is_light_on_dark(255 - image)


def test_noise_and_specks_go(rng):
    image = picture(margin=0.3, ink=40, paper=190)
    noisy = np.clip(image + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
    same(noisy, 10)
    specks = image.copy()
    specks[5:7, 5:7] = specks[-4:-2, 9:11] = 40
    same(specks, 6)


def test_intruding_strokes_of_a_neighbour_go():
    image = picture(margin=0.3)
    image[60:75, :6] = 0  # pushed in over the left border
    same(image, 6)


def test_strokes_at_the_border_of_a_tight_crop_stay():
    tight = picture(margin=0)
    assert prepare(tight, 96).shape == (96, 96)
    same(tight, 8)


@pytest.mark.parametrize(
    "convert",
    [
        Image.fromarray,
        lambda a: Image.fromarray(a).convert("RGB"),
        lambda a: Image.fromarray(a).convert("P"),
        lambda a: np.stack([a] * 3, 2),
        lambda a: a / 255,
        lambda a: a.astype(np.uint16) * 257,
        lambda a: np.dstack([a * 0, 255 - a]),  # black on nothing
        lambda a: np.dstack([a * 0 + 255, 255 - a]),  # white on nothing
    ],
)
def test_kind_of_picture_makes_no_difference(convert):
    same(convert(picture()), 1)


@pytest.mark.parametrize("kind", ["bytes", "path", "file"])
def test_what_is_no_jpeg_is_decoded_once(monkeypatch, tmp_path, kind):
    path = tmp_path / "picture.png"
    Image.fromarray(draw()).convert("RGB").resize((90, 110)).save(path)
    data, opened, decode = path.read_bytes(), [], Image.open
    source = {"bytes": data, "path": path, "file": io.BytesIO(data)}[kind]
    monkeypatch.setattr(
        Image, "open", lambda *given: opened.append(given) or decode(*given)
    )
    assert (prepare(source, 64) < 128).any() and len(opened) == 1


def test_path(tmp_path):
    Image.fromarray(picture()).save(tmp_path / "a.png")
    same(tmp_path / "a.png", 1)


@pytest.mark.parametrize("size", [16, 32, 64, 128, 300])
def test_any_size_of_the_result(size):
    found = prepare(picture(), size)
    expected = fit_ink(GLYPH, size)
    assert found.shape == (size, size)
    assert np.abs(found.astype(float) - expected).mean() < 20


def test_picture_given_is_left_alone():
    image = picture(ink=40, paper=180)
    before = image.copy()
    image.flags.writeable = False
    np.testing.assert_array_equal(prepare(image, 96), prepare(image, 96))
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 300), (40, 40)])
@pytest.mark.parametrize("level", [0, 100, 255])
def test_picture_without_ink(shape, level):
    with pytest.raises(ValueError, match="holds no ink: its grey levels run from"):
        prepare(np.full(shape, level, np.uint8), 32)


def test_shadow_without_ink():
    shadow = np.tile(np.linspace(90, 250, 120), (120, 1)).astype(np.uint8)
    faint = np.full((60, 60), 200, np.uint8)
    faint[20:40, 20:40] = 190
    with pytest.raises(ValueError, match="holds no ink"):
        prepare(faint, 96)
    try:
        prepare(shadow, 96)
    except ValueError as error:
        assert "holds no ink" in str(error)


def test_nothing_dark_enough(monkeypatch):
    monkeypatch.setattr(
        "utils.cleaning.finding.remove_paper", lambda gray: gray * 0 + 255
    )
    with pytest.raises(ValueError, match="nothing in it is dark enough"):
        prepare(picture(), 96)


def test_what_is_no_picture_is_told_as_by_to_gray():
    with pytest.raises(TypeError, match="A picture was expected"):
        prepare(None, 96)
    with pytest.raises(ValueError, match="is empty"):
        prepare(np.zeros((0, 3)), 96)


def as_jpeg(image, turn=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    buffer = io.BytesIO()
    Image.fromarray(image).convert("RGB").save(buffer, "jpeg", exif=exif, quality=95)
    return buffer.getvalue()


def likeness(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


@pytest.mark.parametrize("side", [700, 2100, 3000])
def test_a_large_jpeg_comes_out_as_from_memory(side):
    large = picture(side, ink=60, paper=200)
    expected = prepare(large, 64)
    turned = as_jpeg(np.rot90(large), turn=6)  # a quarter turn clockwise
    for data in (as_jpeg(large), turned):
        # The ink's box is known to a pixel of 160 in either.
        assert likeness(prepare(data, 64), expected) > 0.93


def test_small_ink_in_a_large_jpeg_is_seen_in_full(tmp_path):
    large = np.pad(picture(90, margin=1), 1200, constant_values=255)
    path = tmp_path / "page.jpg"
    path.write_bytes(as_jpeg(large))
    with open(path, "rb") as file:
        for source in (path, path.read_bytes(), file):
            assert likeness(prepare(source, 64), prepare(large, 64)) > 0.99


def noise(rng, kind):
    """Small pictures of all sorts that hold nothing to be read."""
    height, width = rng.integers(1, 60, 2)
    if kind == "noise":
        return rng.integers(0, 256, (height, width), np.uint8)
    if kind == "slope":
        ends = np.linspace(*rng.integers(0, 256, 2), width)
        return np.tile(ends, (height, 1)).astype(np.uint8)
    image = np.full((height, width), rng.integers(256), np.uint8)
    image[rng.integers(height), rng.integers(width)] = rng.integers(256)
    if kind == "clouds":
        image = rng.integers(0, 256, (height, width), np.uint8)
        return cv2.GaussianBlur(image, (0, 0), 3)
    return image


@pytest.mark.parametrize("kind", ["noise", "slope", "dot", "clouds"])
def test_anything_is_prepared_or_refused(rng, kind):
    for _ in range(150):
        try:
            result = prepare(noise(rng, kind), 32)
        except ValueError as error:
            assert "holds no ink" in str(error)
        else:
            assert result.shape == (32, 32) and result.dtype == np.uint8
            assert result.min() < 255


# fit_ink


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
def test_fit_reduces_by_averaging(factor, rng):
    small = rng.integers(0, 256, (88, 40), np.uint8)
    large = np.kron(small, np.ones((factor, factor), np.uint8))
    square = fit_ink(large, 96)
    np.testing.assert_array_equal(square[4:92, 28:68], small)
    assert (square[:4] == 255).all() and (square[:, :28] == 255).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (7, 3), (300, 200)])
@pytest.mark.parametrize("size", [16, 24, 96])
def test_fit_keeps_the_aspect(shape, size):
    square = fit_ink(np.zeros(shape, np.uint8), size)
    inner = size - 2 * max(1, round(size / 24))
    rows, columns = np.nonzero(square < 255)
    found = np.ptp(rows) + 1, np.ptp(columns) + 1
    expected = [max(1, inner * length / max(shape)) for length in shape]
    np.testing.assert_allclose(found, expected, atol=0.51)
    assert abs(rows.min() + rows.max() - (size - 1)) <= 1
    assert abs(columns.min() + columns.max() - (size - 1)) <= 1


# remove_paper


def test_clean_pictures_keep_black_and_white():
    clean = remove_paper(picture())
    assert clean.min() == 0 and np.median(clean) == 255
    np.testing.assert_array_equal(clean, remove_paper(255 - picture()))
    agree = (clean < 128) == (picture() < 128)
    assert agree.mean() > 0.99


@pytest.mark.parametrize(("side", "likeness"), [(24, 0.88), (32, 0.94), (40, 0.955)])
def test_small_pictures_come_out_like_the_same_in_full_size(side, likeness):
    large = np.full((160, 160), 255, np.uint8)
    cv2.circle(large, (55, 50), 22, 0, 7)
    cv2.line(large, (110, 24), (110, 86), 0, 7)
    cv2.line(large, (110, 52), (132, 52), 0, 7)
    cv2.polylines(large, [np.int32([[48, 100], [110, 100], [110, 136]])], False, 0, 7)
    small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    pictures = [prepare(picture, 64).ravel() for picture in (large, small)]
    assert np.corrcoef(pictures)[0, 1] > likeness


@pytest.mark.parametrize("spread", [1, 3, 40, 256])
def test_paper_is_blurred_as_opencv_does(rng, spread):
    side = 32 + 2 * _MARGIN
    paper = rng.integers(256 - spread, 256, (side, side)).astype(np.uint8)
    found = (_BLUR_MATRIX @ paper.astype(np.float32) @ _BLUR_MATRIX.T + 2**15) // 2**16
    expected = cv2.GaussianBlur(paper, (0, 0), 4)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    # Other builds of OpenCV may round the kernel elsewhere.
    assert np.abs(found - expected).max() <= 1
