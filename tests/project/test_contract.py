"""What `predict` accepts, the table of docs/reading.md: a row a test, an error a test.

Every kind shows the same drawing, so that what the network sees must be the same.
"""

import io
import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from utils.inference.imaging import prepare
from utils.pictures.several import is_single_picture

SIZE = 64


def draw(side=120, aspect=1.0):
    """A syllable like 갸, dark on white, with a margin of a sixth."""
    scale = 8
    image = np.full((side * scale, side * scale), 255, np.uint8)
    strokes = [(20, 25, 50, 25), (50, 25, 40, 85), (70, 18, 70, 100)]
    strokes += [(70, 45, 95, 45), (70, 65, 95, 65)]
    for ends in strokes:
        x0, y0, x1, y1 = (round(each * side * scale / 120) for each in ends)
        cv2.line(image, (x0, y0), (x1, y1), 0, side * scale // 15)
    shape = (round(side * aspect), side)
    return cv2.resize(image, shape, interpolation=cv2.INTER_AREA)


GRAY = draw()
HEIGHT, WIDTH = GRAY.shape
SEEN = prepare(GRAY, SIZE)
RGB = np.stack([GRAY] * 3, 2)
INK = 255 - GRAY  # as an alpha channel: strokes alone
L = Image.fromarray(GRAY)


def same(picture, limit=3.0):
    """Asserts that the network sees the drawing, in mean grey levels.

    Moved by a pixel along its diagonal, the drawing differs from itself by 19.
    """
    found = prepare(picture, SIZE)
    assert found.shape == (SIZE, SIZE) and found.dtype == np.uint8
    difference = np.abs(found.astype(float) - SEEN).mean()
    assert difference < limit, f"{difference:.1f} grey levels"


def encoded(kind="png", image=L, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pages(kind):
    """An animation or a document whose later pages show something else."""
    other = Image.fromarray(np.rot90(GRAY).copy())
    if kind == "webp":
        return encoded(kind, L, save_all=True, append_images=[other], lossless=True)
    return encoded(kind, L, save_all=True, append_images=[other, other])


def turned(orientation, way):
    """The drawing as a camera that was held otherwise stores it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded("png", L.transpose(way), exif=exif)


def strokes(gray, mode="RGBA"):
    """Strokes of a level on a transparent canvas."""
    image = Image.new("RGBA", L.size, (gray, gray, gray, 0))
    image.putalpha(Image.fromarray(INK))
    return image.convert(mode)


def sixteen(mode):
    data = (GRAY.astype(np.uint16) * 257).astype(">u2" if mode[-1] == "B" else "<u2")
    return Image.frombytes(mode, L.size, data.tobytes())


FILES = {
    "bytes": encoded(),
    "bytearray": bytearray(encoded()),
    "memoryview": memoryview(encoded()),
    "file object": io.BytesIO(encoded()),
    "jpeg": encoded("jpeg", quality=95),
    "animation gif": pages("gif"),
    "animation webp": pages("webp"),
    "pages tiff": pages("tiff"),
    "EXIF 3": turned(3, Image.Transpose.ROTATE_180),
    "EXIF 6": turned(6, Image.Transpose.ROTATE_90),
    "EXIF 8": turned(8, Image.Transpose.ROTATE_270),
}
MODES = {mode: L.convert(mode) for mode in ("1", "L", "P", "RGB", "CMYK", "I", "F")}
MODES |= {mode: L.convert(mode) for mode in ("LA", "RGBA", "YCbCr", "HSV")}
MODES |= {mode: sixteen(mode) for mode in ("I;16", "I;16L", "I;16B")}
CANVASES = {
    "strokes RGBA": strokes(0),
    "strokes LA": strokes(0, "LA"),
    "white strokes": strokes(255),
    "grey strokes": strokes(90),
    "array RGBA": np.dstack([RGB * 0, INK]),
    "array LA": np.dstack([GRAY * 0, INK]),
    "array RGBA 0-1": np.dstack([RGB * 0, INK]) / 255,
}
INTEGERS = "uint8 uint16 uint32 uint64 int16 int32 int64 >u2 >i4".split()
TYPES = {kind: GRAY.astype(kind) for kind in INTEGERS}
TYPES |= {f"{kind} 0-255": GRAY.astype(kind) for kind in ("float32", "float64", ">f4")}
TYPES |= {
    f"{kind} 0-1": (GRAY / 255).astype(kind)
    for kind in ("float16", "float32", "float64", "longdouble")
}
TYPES |= {
    "int8": (GRAY // 2).astype(np.int8),
    "16 bits": GRAY.astype(np.uint16) * 257,
    "16 bits in int32": GRAY.astype(np.int32) * 257,
    "bool": GRAY > 127,
}
LAYOUTS = {
    "(H, W)": GRAY,
    "(H, W, 1)": GRAY[..., None],
    "(H, W, 3)": RGB,
    "(H, W, 4)": np.dstack([RGB, GRAY * 0 + 255]),
    "Fortran order": np.asfortranarray(RGB),
    "view": np.stack([RGB, RGB], 3)[::1, ::1, ::-1, 0],
}
GROUNDS = {
    "light on dark": 255 - GRAY,
    "pencil on grey": (130 + GRAY * 0.3).astype(np.uint8),
    "chalk": (230 - GRAY * 0.6).astype(np.uint8),
    "blue on yellow": np.where(GRAY[..., None] < 128, [20, 30, 160], [250, 240, 120]),
    "red on green": np.where(GRAY[..., None] < 128, [200, 60, 60], [30, 147, 60]),
    "edge of a shadow": (GRAY * (1 - 0.55 * np.tri(HEIGHT, WIDTH))).astype(np.uint8),
    "shadow": (GRAY * 0.6 + np.linspace(10, 90, WIDTH)).astype(np.uint8),
}


def cases(**tables):
    """Yields a named case for every row of some tables."""
    for table, rows in tables.items():
        for name, picture in rows.items():
            yield pytest.param(picture, id=f"{table}: {name}")


@pytest.mark.parametrize(
    "picture",
    [*cases(file=FILES, mode=MODES, canvas=CANVASES, type=TYPES, layout=LAYOUTS)],
)
def test_kinds_of_pictures(picture):
    assert is_single_picture(picture)
    bilevel = isinstance(picture, np.ndarray) and picture.dtype == bool
    bilevel |= isinstance(picture, Image.Image) and picture.mode == "1"
    same(picture, 12 if bilevel else 3)


@pytest.mark.parametrize("picture", [*cases(ground=GROUNDS)])
def test_inks_and_grounds(picture):
    same(picture, 12)


@pytest.mark.parametrize("as_type", [str, Path])
def test_paths(tmp_path, as_type):
    L.save(tmp_path / "가.png")
    same(as_type(tmp_path / "가.png"))


@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_several_in_an_array(channels):
    stack = np.stack([GRAY, np.rot90(GRAY)])
    if channels:
        stack = np.repeat(stack[..., None], channels[0], 3)
    if channels == (4,):
        stack[..., 3] = 255
    assert not is_single_picture(stack) and len(stack) == 2
    same(stack[0])


@pytest.mark.parametrize("side", [8, 16, 24, 48, 96, 161, 640, 1281, 3000, 8000])
def test_sides_from_8_to_8000_pixels(side):
    # At 8 pixels a stroke and the gap beside it share one: it can be no more than like.
    limit = 65 if side == 8 else 25 if side < 50 else 14
    same(draw(side) if side < 300 else enlarged(side), limit)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "CMYK"])
@pytest.mark.parametrize("shape", [(3464, 3464), (2561, 7000), (200, 9000)])
def test_large_images_of_any_mode(mode, shape):
    whole = np.full(shape, 255, np.uint8)
    side = min(shape)
    whole[:side, :side] = enlarged(side)
    same(Image.fromarray(whole).convert(mode), 17)


def enlarged(side):
    return cv2.resize(GRAY, (side, side), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("margin", [0, 0.1, 1, 3, 10, 30])
@pytest.mark.parametrize("light", [False, True])
def test_margins_of_any_size(margin, light):
    edge = round(margin * HEIGHT)
    rows, columns = np.nonzero(GRAY < 128)
    tight = GRAY[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    picture = np.pad(tight, edge, constant_values=255)
    same(255 - picture if light else picture, 14)


@pytest.mark.parametrize("shape", [(120, 4000), (4000, 120), (150, 8000)])
@pytest.mark.parametrize("place", [0.0, 0.4, 1.0])
def test_strips(shape, place):
    picture = np.full(shape, 255, np.uint8)
    top = round(place * (shape[0] - HEIGHT))
    left = round(place * (shape[1] - WIDTH))
    picture[top : top + HEIGHT, left : left + WIDTH] = GRAY
    same(picture, 17)
    same(Image.fromarray(picture), 17)


@pytest.mark.parametrize("aspect", [0.25, 0.5, 2, 4])
def test_syllables_of_extreme_aspect_keep_it(aspect):
    found = prepare(draw(240, aspect), SIZE)
    rows, columns = np.nonzero(found < 128)
    drawn = np.ptp(columns) / np.ptp(rows)
    rows, columns = np.nonzero(SEEN < 128)
    assert drawn == pytest.approx(aspect * np.ptp(columns) / np.ptp(rows), rel=0.12)


ERRORS = {
    "nothing": (None, TypeError, "A picture was expected .* got NoneType"),
    "number": (7, TypeError, "A picture was expected .* got int"),
    "no file": ("nowhere.png", ValueError, "nowhere.png: there is no such file"),
    "no picture": (b"text", ValueError, "4 bytes: not a picture that Pillow can read"),
    "cut off": (encoded()[:200], ValueError, "the picture cannot be read"),
    "text file": (io.StringIO("a"), ValueError, "gives str, not bytes"),
    "empty array": (GRAY[:0], ValueError, r"is empty: an array of shape \(0, 120\)"),
    "empty image": (Image.new("L", (0, 5)), ValueError, "is empty: 0 x 5"),
    "line": (GRAY[0], ValueError, r"shape \(120,\) is no picture; expected \(H, W\)"),
    "five channels": (np.zeros((9, 9, 5)), ValueError, "is no picture; expected"),
    "NaN": (GRAY * np.nan, ValueError, "holds NaN or infinity"),
    "negative": (GRAY / 127.5 - 1, ValueError, "runs from -1 to 1; expected no less"),
    "complex": (GRAY * 1j, TypeError, "array of complex128 is no picture"),
    "text array": (GRAY.astype(str), TypeError, "expected numbers"),
    "blank": (GRAY * 0 + 200, ValueError, "holds no ink: its grey levels run from 200"),
    "blank colour": (
        np.full((9, 9, 3), 200, np.uint8),
        ValueError,
        "holds no ink: its grey levels run from 200 to 200",
    ),
    "one pixel": (np.full((1, 1, 3), 9, np.uint8), ValueError, "run from 9 to 9"),
    "transparent": (Image.new("RGBA", (30, 30)), ValueError, "holds no ink"),
}


@pytest.mark.parametrize(
    ("picture", "error", "message"), ERRORS.values(), ids=ERRORS.keys()
)
def test_errors_say_what_came_and_what_was_expected(picture, error, message):
    with pytest.raises(error, match=message):
        prepare(picture, SIZE)


def test_the_page_names_every_mode_and_type():
    text = (Path(__file__).parents[2] / "docs/reading.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| what \| which.*?\n\n", text, re.S)
    for word in "path bytes file PIL NumPy EXIF animat page transparent 8,000".split():
        assert word in table, word
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"):
        assert f"`{mode}`" in table, mode
    for layout in ("(H, W)", "(H, W, 1)", "(N, H, W)", "(N, H, W, C)"):
        assert layout in table, layout


def fastest(picture):
    """Returns the processor's seconds of the fastest of some preparations."""
    seconds = []
    for _ in range(7):
        begun = time.process_time()
        prepare(picture, SIZE)
        seconds.append(time.process_time() - begun)
    return min(seconds)


def test_preparation_takes_little():
    # The aims are 1 and 10 ms; the bounds leave room for a busy machine.
    assert fastest(draw(96)) < 0.004
    large = enlarged(3464)
    assert fastest(large) < 0.04
    assert fastest(np.stack([large] * 3, 2)) < 0.04
    assert fastest(Image.fromarray(large).convert("RGBA")) < 0.04
