import io
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from utils.pictures.grey import to_gray
from utils.pictures.several import as_pictures, is_single_picture

GRAY = np.linspace(0, 255, 12 * 10).reshape(12, 10).astype(np.uint8)
COLOURS = np.stack([GRAY, GRAY[::-1], GRAY[:, ::-1]], axis=2)


def luminance(rgb):
    """ITU-R BT.601, as Pillow documents its mode L."""
    return rgb.astype(float) @ [0.299, 0.587, 0.114]


def close(found, expected, atol=1):
    assert found.dtype == np.uint8 and found.ndim == 2
    np.testing.assert_allclose(found.astype(float), expected, atol=atol)


# One or several


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 2), (4, 5, 3), (4, 5, 4)])
def test_arrays_that_are_one_picture(shape):
    assert is_single_picture(np.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 4, 5), (2, 4, 5, 1), (2, 4, 5, 3)])
def test_arrays_that_are_several(shape):
    assert not is_single_picture(np.zeros(shape))


def test_lists_are_several_and_the_rest_is_one():
    assert not is_single_picture([GRAY]) and not is_single_picture(())
    assert is_single_picture("a.png") and is_single_picture(Image.new("L", (2, 2)))


# PIL images


@pytest.mark.parametrize("mode", ["L", "I", "F"])
def test_grey_modes(mode):
    close(to_gray(Image.fromarray(GRAY).convert(mode)), GRAY, atol=0)


@pytest.mark.parametrize(
    "mode, atol", [("RGB", 1), ("RGBX", 1), ("CMYK", 1), ("YCbCr", 3), ("HSV", 4)]
)
def test_colour_modes(mode, atol):
    image = Image.fromarray(COLOURS).convert(mode)
    close(to_gray(image), luminance(COLOURS), atol)


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I;16L"])
def test_sixteen_bits(mode):
    wide = GRAY.astype(np.uint16) * 257
    data = wide.astype(">u2" if mode.endswith("B") else "<u2").tobytes()
    close(to_gray(Image.frombytes(mode, (10, 12), data)), GRAY, atol=0)


def test_bilevel():
    image = Image.fromarray(GRAY).convert("1", dither=Image.Dither.NONE)
    close(to_gray(image), np.where(GRAY > 127, 255, 0), atol=0)


def test_lightness_of_lab():
    planes = [Image.fromarray(GRAY), *[Image.new("L", (10, 12), 128)] * 2]
    close(to_gray(Image.merge("LAB", planes)), GRAY, atol=0)


def test_palette():
    image = Image.fromarray(COLOURS).quantize(200)
    close(to_gray(image), luminance(np.asarray(image.convert("RGB"))))


INK = np.zeros((12, 10), np.uint8)  # cover, of a bar and its soft edge
INK[3:9, 4:6], INK[3:9, 6] = 255, 100


@pytest.mark.parametrize("ink, paper", [(0, 255), (60, 255), (255, 0)])
@pytest.mark.parametrize("mode", ["LA", "La", "RGBA", "RGBa", "PA"])
def test_transparency_is_paper_that_strokes_stand_out_from(mode, ink, paper):
    # Under full transparency lies a colour that nobody sees.
    gray = np.where(INK > 0, ink, 77).astype(np.uint8)
    bands = [Image.fromarray(gray)] * (1 if mode[0] == "L" else 3)
    bands.append(Image.fromarray(INK))
    image = Image.merge("LA" if mode[0] == "L" else "RGBA", bands)
    if mode == "PA":
        image = Image.fromarray(gray).convert("P").convert("PA")
        image.putalpha(Image.fromarray(INK))
    elif mode != image.mode:
        image = image.convert(mode)
    assert image.mode == mode
    cover = INK / 255
    close(to_gray(image), ink * cover + paper * (1 - cover), atol=2)


@pytest.mark.parametrize("mode, hidden", [("L", 77), ("RGB", (77, 1, 2)), ("P", 0)])
def test_transparent_colour_is_paper(tmp_path, mode, hidden):
    image = Image.new(mode, (10, 12), hidden)
    if mode == "P":
        image.putpalette([9, 9, 9, 80, 80, 80])
    image.paste({"L": 80, "RGB": (80, 80, 80), "P": 1}[mode], (4, 3, 6, 9))
    image.save(tmp_path / "a.png", transparency=hidden)
    close(to_gray(tmp_path / "a.png"), np.where(INK == 255, 80, 255), atol=0)


def test_a_palette_may_hold_the_transparency():
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[5:15, 8:12, 3] = 255
    image = Image.fromarray(pixels).quantize(4)
    assert image.mode == "P" and "transparency" not in image.info
    close(to_gray(image), 255 - pixels[..., 3], atol=0)


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (230, 90), (20, 240)])
def test_cut_corners_are_paper(paper, ink):
    gray = np.full((96, 96), paper, np.uint8)
    gray[20:76, 44:52] = gray[40:48, 24:72] = ink
    rows, columns = np.indices(gray.shape) - 47.5
    inside = rows**2 + columns**2 < 47**2
    hidden = np.where(inside, gray, 0)  # what lies under transparency is not shown
    alpha = np.where(inside, 255, 0).astype(np.uint8)
    picture = np.dstack([hidden, hidden, hidden, alpha]).astype(np.uint8)
    close(to_gray(picture), gray)
    close(to_gray(Image.fromarray(picture)), gray)


def test_masks_of_ones_are_as_booleans():
    mask = GRAY > 128
    for kind in (np.uint8, np.int16, np.int64, np.float32):
        close(to_gray(mask.astype(kind)), mask * 255.0)


class Tensor:
    """What other libraries' arrays are to NumPy."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_tensors_are_arrays_and_series_of_paths_are_lists():
    close(to_gray(Tensor(GRAY)), GRAY)
    assert (as_pictures(Tensor(GRAY)) == GRAY).all()
    assert as_pictures(Tensor(np.array(["a", "b"], object))) == ["a", "b"]
    assert as_pictures(np.array(["a", "b"])) == ["a", "b"]
    image = Image.new("L", (2, 2))
    assert as_pictures(image) is image and as_pictures("a.png") == "a.png"


def test_tensors_of_half_the_bits_are_numbers():
    ml_dtypes = pytest.importorskip("ml_dtypes")  # what TensorFlow and JAX have it from
    close(to_gray((GRAY / 255).astype(ml_dtypes.bfloat16)), GRAY, atol=1.0)
    with pytest.raises(TypeError, match="array of int4 is no picture"):
        to_gray((GRAY // 32).astype(ml_dtypes.int4))


def test_arrays_without_axes_are_what_they_hold():
    assert as_pictures(Tensor(np.array(b"bytes", object))) == b"bytes"
    assert as_pictures(np.array("a.png")) == "a.png"
    for other in (GRAY, None, "a.png", np.float64(5) * np.ones(())):
        assert as_pictures(other) is other


def test_all_transparent_is_white_and_all_opaque_is_itself():
    assert (to_gray(Image.new("RGBA", (5, 5), (9, 9, 9, 0))) == 255).all()
    image = Image.fromarray(COLOURS).convert("RGBA")
    close(to_gray(image), luminance(COLOURS))


# Files


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path, suffix, orientation):
    shape = np.full((40, 30), 255, np.uint8)
    shape[4:30, 4:10], shape[4:10, 4:24] = 0, 0
    image, exif = Image.fromarray(shape).convert("RGB"), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / f"a.{suffix}"
    image.save(path, exif=exif)
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("L"))
    close(to_gray(path), expected, atol=0)
    with Image.open(path) as opened:
        close(to_gray(opened), expected, atol=0)
    assert expected.shape == ((40, 30) if orientation < 5 else (30, 40))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_exif_is_no_obstacle(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(GRAY).save(path, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert to_gray(path).shape == GRAY.shape


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_paths(tmp_path, as_path):
    Image.fromarray(GRAY).save(tmp_path / "가.png")
    close(to_gray(as_path(tmp_path / "가.png")), GRAY, atol=0)


def test_files_that_are_no_pictures(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    for name, message in [
        ("none.png", "there is no such file"),
        ("text.png", "not a picture that Pillow can read"),
        ("empty.png", "not a picture that Pillow can read"),
        (".", "is a folder; hand over the pictures in it"),
    ]:
        with pytest.raises(ValueError, match=message):
            to_gray(tmp_path / name)
    with pytest.raises(ValueError, match="the picture cannot be read .*null"):
        to_gray("a\0b.png")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "tiff", "bmp", "webp", "ppm"])
def test_damaged_files_raise_nothing_but_valueerror(tmp_path, kind, rng):
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, kind)
    whole, path, refused = buffer.getvalue(), tmp_path / "a", 0
    for number in range(60):
        damaged = bytearray(whole[: rng.integers(1, len(whole) + 1)])
        if number % 2:
            damaged = bytearray(whole)
            for place in rng.integers(0, len(whole), 5):
                damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            assert to_gray(path).dtype == np.uint8
        except ValueError as error:
            refused += 1
            assert str(error)
    assert refused > 5


def test_picture_cut_off_is_refused_by_name(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    path = tmp_path / "a.png"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"a.png: the picture cannot be read \("):
        to_gray(path)
    with Image.open(path) as image:  # which reads no more than the head
        with pytest.raises(ValueError, match=r"The picture cannot be read \("):
            to_gray(image)


def test_empty_image():
    with pytest.raises(ValueError, match="The picture is empty: 0 x 5"):
        to_gray(Image.new("L", (0, 5)))


# Arrays


@pytest.mark.parametrize(
    "kind",
    [
        *("uint8 uint16 uint32 uint64 int16 int32 int64 float32 float64").split(),
        *(">u2 >i4 >f4 >f8 longdouble").split(),
    ],
)
@pytest.mark.parametrize("channels", [0, 1, 3])
def test_numbers_up_to_255(kind, channels):
    array = GRAY if not channels else np.stack([GRAY] * channels, 2)
    close(to_gray(array.astype(kind)), GRAY, atol=0)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_fractions(kind):
    close(to_gray((GRAY / 255).astype(kind)), GRAY, atol=1)


@pytest.mark.parametrize("kind", ["uint16", "int32", "uint32", "int64", "float64"])
def test_sixteen_bits_in_any_type(kind):
    close(to_gray((GRAY.astype(np.int64) * 257).astype(kind)), GRAY, atol=0)


def test_wider_ranges_are_scaled_to_their_highest():
    array = np.array([[0, 10**6], [5 * 10**5, 10**6]])
    close(to_gray(array), [[0, 255], [128, 255]], atol=0)


@pytest.mark.parametrize("kind", ["int16", "int64", "float32", "float64"])
@pytest.mark.parametrize("top", [1, 255])
def test_what_filters_leave_outside_the_range_is_cut_off(kind, top):
    inside = GRAY.astype("float64") / 255 * top
    ringing = inside.copy()
    ringing[GRAY == 255] = top * (1 + 2e-16 if kind == "float64" else 1.2)
    ringing[GRAY == 0] = -0.2 * top
    if top == 1 and kind.startswith("int"):
        pytest.skip("integers 0 and 1 have nothing between")
    close(to_gray(ringing.astype(kind)), GRAY, atol=0 if top == 255 else 1)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_bits_of_cameras(bits):
    levels = np.rint(GRAY / 255 * (2**bits - 1))
    close(to_gray(levels.astype("uint16")), GRAY, atol=0)


def test_booleans():
    close(to_gray(GRAY > 100), np.where(GRAY > 100, 255, 0), atol=0)


def test_colour_arrays():
    close(to_gray(COLOURS), luminance(COLOURS))
    close(to_gray(COLOURS / 255), luminance(COLOURS))
    close(to_gray(COLOURS[..., ::-1]), luminance(COLOURS[..., ::-1]))  # a BGR view
    close(to_gray(np.asfortranarray(COLOURS)[::-1]), luminance(COLOURS[::-1]))


@pytest.mark.parametrize("channels", [2, 4])
def test_transparent_arrays(channels):
    dark = np.full((12, 10, channels), 40, np.uint8)
    dark[..., -1] = INK
    expected = 40 * (INK / 255) + 255 * (1 - INK / 255)
    close(to_gray(dark), expected)
    close(to_gray(dark / 255), expected)


def test_read_only_and_subclasses():
    array = GRAY.copy()
    array.flags.writeable = False
    close(to_gray(array), GRAY, atol=0)
    close(to_gray(np.ma.masked_array(GRAY)), GRAY, atol=0)
    before = COLOURS.copy()
    to_gray(COLOURS)
    np.testing.assert_array_equal(COLOURS, before)


@pytest.mark.parametrize(
    "array, error, message",
    [
        (np.zeros((0, 5)), ValueError, r"is empty: an array of shape \(0, 5\)"),
        (np.zeros((5, 5, 0)), ValueError, "is empty"),
        (np.zeros(5), ValueError, r"shape \(5,\) is no picture; expected \(H, W\)"),
        (np.float64(5) * np.ones(()), TypeError, "A picture was expected .* float64"),
        (np.zeros((5, 5, 5)), ValueError, r"shape \(5, 5, 5\) is no picture"),
        (np.zeros((1, 5, 5, 3)), ValueError, "is no picture"),
        (np.full((5, 5), np.nan), ValueError, "holds NaN or infinity"),
        (np.where(GRAY == 255, np.nan, GRAY), ValueError, "holds NaN or infinity"),
        (np.where(GRAY == 255, np.inf, GRAY), ValueError, "holds NaN or infinity"),
        (GRAY / 127.5 - 1, ValueError, "runs from -1 to 1; expected no less than 0"),
        (GRAY.astype(int) - 99, ValueError, "runs from -99 to 156"),
        (GRAY.astype(complex), TypeError, "array of complex128 is no picture"),
        (GRAY.astype(str), TypeError, "is no picture; expected numbers"),
        (GRAY.astype(object), TypeError, "array of object is no picture"),
        (GRAY.astype("M8[s]"), TypeError, "is no picture; expected numbers"),
        (None, TypeError, "A picture was expected .* NoneType"),
        (b"bytes", ValueError, "5 bytes: not a picture that Pillow can read"),
        (7, TypeError, "A picture was expected .* int"),
        (io.BytesIO(b""), ValueError, "the BytesIO object: not a picture"),
        (io.StringIO("text"), ValueError, "gives str, not bytes; open it in binary"),
    ],
)
def test_what_is_no_picture(array, error, message):
    with pytest.raises(error, match=message):
        to_gray(array)


# Large pictures


@pytest.fixture(scope="module")
def large():
    y, x = np.mgrid[:1203, :901]
    return (127 + 60 * np.sin(x / 90) + 60 * np.cos(y / 70)).astype(np.uint8)


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a,
        lambda a: a.astype(np.uint16) * 257,
        lambda a: a.astype(np.int64),
        lambda a: (a / 255).astype(np.float32),
        lambda a: np.stack([a] * 3, 2),
        lambda a: np.dstack([a] * 3 + [np.full_like(a, 255)]),
        Image.fromarray,
        *(
            lambda a, mode=mode: Image.fromarray(a).convert(mode)
            for mode in ("RGB", "RGBA", "LA", "P", "I", "F", "CMYK", "YCbCr")
        ),
    ],
)
# To a third, or a quarter, where every other row goes first. A whole row is 3 levels.
@pytest.mark.parametrize(("side", "atol"), [(400, 3), (250, 6)])
def test_side_reduces_but_no_further(large, convert, side, atol):
    reference = Image.fromarray(large)
    picture = convert(large)
    close(to_gray(picture), large, atol=3)
    gray = to_gray(picture, side=side)
    assert side <= max(gray.shape) < 2.1 * side
    expected = reference.resize(gray.shape[::-1], Image.Resampling.BOX)
    close(gray, np.asarray(expected), atol=atol)
    assert to_gray(picture, side=1000).shape == large.shape


@pytest.mark.parametrize("shape", [(1007, 13), (1, 3000), (1003, 130), (150, 1009)])
def test_side_loses_no_edge(shape):
    array = np.full(shape, 255, np.uint8)
    array[-(shape[0] // 4 + 1) :, -(shape[1] // 4 + 1) :] = 0
    for picture in (array, Image.fromarray(array)):
        gray = to_gray(picture, side=100)
        aspect, expected = gray.shape[0] / gray.shape[1], shape[0] / shape[1]
        assert aspect == pytest.approx(expected, rel=0.04)
        assert 255 - gray.mean() == pytest.approx(255 - array.mean(), rel=0.08)
        assert gray[-1, -1] == 0 and gray.size >= array.size / 100


def test_large_colour_picture_takes_no_more_than_its_decoding():
    large = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, "jpeg")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        with Image.open(buffer) as image:
            image.load()
        decoded = time.process_time()
        to_gray(image, 640)
        seconds.append((decoded - start, time.process_time() - decoded))
    decoding, reading = np.min(seconds, axis=0)
    assert reading < decoding


def test_one_image_in_many_threads(tmp_path, rng):
    pixels = rng.integers(0, 256, (600, 600, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    expected = to_gray(tmp_path / "noise.png")
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            opened = Image.open(tmp_path / "noise.png")  # read when first looked at
            found = list(pool.map(to_gray, [opened] * 16))
            assert all(np.array_equal(each, expected) for each in found)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("place", [(0, 0), (3, 5), (899, 1199), (450, 1201)])
@pytest.mark.parametrize("side", [None, 100])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_one_number_that_is_none_is_found(kind, place, side, value):
    picture = np.ones((901, 1203), kind)
    picture[place] = value
    with pytest.raises(ValueError, match="NaN or infinity"):
        to_gray(picture, side)


@pytest.mark.parametrize("shape", [(800, 600), (801, 603), (900, 1203)])
def test_large_pictures_with_alpha_keep_their_places(shape):
    levels = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 1000 / 4
    gray = levels.astype(np.uint8)
    pixels = np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    expected = to_gray(gray, 100).astype(int)
    found = to_gray(pixels, 100)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 3
    swapped = np.asfortranarray(pixels)  # not in a row: read the long way
    assert np.abs(to_gray(swapped, 100) - expected).mean() < 3
