import io
import os
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from utils.pictures.opening import is_encoded, is_jpeg, open_picture

PICTURE = np.linspace(0, 255, 12 * 10).reshape(12, 10).astype(np.uint8)


def encode(kind="png", **options):
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, kind, **options)
    return buffer.getvalue()


class Pipe(io.RawIOBase):
    """A file that cannot seek, such as standard input."""

    def __init__(self, data):
        self.rest = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.rest.readinto(buffer)


def same(source):
    np.testing.assert_array_equal(np.asarray(open_picture(source)), PICTURE)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, Pipe])
def test_what_holds_a_file(kind):
    source = kind(encode())
    assert is_encoded(source)
    same(source)


def test_paths_and_files(tmp_path):
    path = tmp_path / "가.png"
    path.write_bytes(encode())
    assert is_encoded(path) and is_encoded(str(path))
    same(path)
    same(str(path))
    with open(path, "rb") as file:
        same(file)
        assert not file.closed  # it is not ours to close


@pytest.mark.parametrize(("kind", "is_one"), [("jpeg", True), ("png", False)])
def test_jpegs_are_told(tmp_path, kind, is_one):
    data, path = encode(kind), tmp_path / "picture"
    path.write_bytes(data)
    sources = data, bytearray(data), memoryview(data), path, str(path)
    assert [is_jpeg(source) for source in sources] == [is_one] * 5
    others = b"", tmp_path, tmp_path / "none", "a\0b", io.BytesIO(data)
    assert not any(map(is_jpeg, others))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_asked_for_a_jpeg(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_jpeg(tmp_path / "pipe")  # opened, it would wait for a writer


def test_a_file_is_read_from_where_it_stands():
    file = io.BytesIO(b"head" + encode())
    file.seek(4)
    same(file)


def test_a_file_at_its_end_is_read_from_its_beginning():
    file = io.BytesIO()
    file.write(encode())
    same(file)
    same(file)  # which the first left at its end


def photograph(mode):
    """A JPEG of 2,000 x 1,400 pixels that is dark on the left."""
    buffer = io.BytesIO()
    light = np.tile(np.linspace(0, 255, 2000), (1400, 1)).astype(np.uint8)
    Image.fromarray(light).convert(mode).save(buffer, "jpeg", quality=90)
    return buffer.getvalue(), light


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize(("side", "length"), [(640, 1000), (1001, 2000), (100, 250)])
def test_a_jpeg_may_come_reduced_but_not_below_what_is_enough(mode, side, length):
    data, light = photograph(mode)
    image = open_picture(data, side)
    assert max(image.size) == length
    gray = np.asarray(image.convert("L"))
    found = gray.mean(0)
    expected = light.reshape(*gray.shape[:1], -1, *gray.shape[1:], 2000 // length)
    np.testing.assert_allclose(found, expected.mean((0, 1, 3)), atol=2)
    assert open_picture(data).size == (2000, 1400)


def test_few_pixels_are_not_reduced():
    assert open_picture(encode(), 4).size == (10, 12)
    buffer = io.BytesIO()
    Image.new("L", (2000, 40)).save(buffer, "jpeg")
    assert open_picture(buffer.getvalue(), 100).size == (2000, 40)


@pytest.mark.parametrize("kind", ["gif", "tiff", "webp"])
def test_the_first_picture_of_several(kind):
    first = Image.new("RGB", (12, 9), (0, 0, 255))
    others = [Image.new("RGB", (12, 9), (255, 0, 0))] * 3
    options = {"lossless": True} if kind == "webp" else {}
    buffer = io.BytesIO()
    first.save(buffer, kind, save_all=True, append_images=others, **options)
    image = open_picture(buffer.getvalue()).convert("RGB")
    assert image.getpixel((5, 5)) == (0, 0, 255)


@pytest.mark.parametrize("other", [None, 7, PICTURE, Image.fromarray(PICTURE), [1]])
def test_what_holds_no_file(other):
    assert not is_encoded(other)


class Broken:
    name = "camera"

    def read(self):
        raise RuntimeError("unplugged")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.png", "nowhere.png: there is no such file"),
        (b"", "0 bytes: not a picture that Pillow can read"),
        (
            os.fsencode(__file__),
            r"\d+ bytes \(a path: hand over a str\): not a picture",
        ),
        (b"%PDF-1.7 ...", "a PDF, no picture; save its pages as PNG or JPEG"),
        (b"PK\x03\x04....", "an archive or an office document, no picture"),
        (io.BytesIO(b"<svg xmlns="), "an SVG drawing, no picture; save it as PNG"),
        (b"<HTML><body>", "a web page, no picture"),
        (encode()[:60], "60 bytes: the picture cannot be read"),
        (io.BytesIO(b"text"), "the BytesIO object: not a picture that Pillow can"),
        (io.StringIO("text"), r"StringIO object: the file gives str, .*open\(path"),
        (Broken(), r"camera: the file cannot be read \(unplugged\)"),
    ],
)
def test_what_cannot_be_opened_is_named(source, message):
    with pytest.raises(ValueError, match=message):
        open_picture(source)


# Pictures that lie, or that are programs


def lying_png(width, height):
    """A PNG whose header claims a size, with the checksum that belongs to it."""
    data = bytearray(encode())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def test_messages_are_short_and_tell_folders(tmp_path):
    with pytest.raises(ValueError, match="is a folder; hand over the pictures in it"):
        open_picture(tmp_path)
    for text in ("A" * 20_000, "A" * 3_000 + "/b"):  # as base64 is
        with pytest.raises(ValueError) as error:
            open_picture(text)
        assert len(str(error.value)) < 600


@pytest.mark.parametrize("size", [(9000, 9000), (60000, 60000), (2**31 - 1, 1)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_that_claims_to_be_huge_gets_no_memory(size):
    data = lying_png(*size)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="bytes: the picture cannot be read .*pix"):
            open_picture(data)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_a_huge_png_is_not_to_be_saved_as_png():
    with pytest.raises(ValueError) as error:
        open_picture(lying_png(9000, 9000))
    assert "reduce it" in str(error.value)
    assert "save it as PNG" not in str(error.value)


def test_a_picture_that_claims_to_be_larger_than_it_is():
    with pytest.raises(ValueError, match="the picture cannot be read"):
        open_picture(lying_png(100, 100))


@pytest.mark.parametrize("kind", ["png", "gif", "tiff", "webp", "jpeg", "bmp"])
def test_cut_pictures_raise_nothing_else(kind):
    whole = encode(kind)
    for size in range(0, len(whole), 5):
        try:
            assert open_picture(whole[:size]).size == (10, 12)
        except ValueError as error:
            assert str(error).startswith(f"{size} bytes: ")


def test_a_decoder_in_python_gets_few_pixels():
    head = struct.pack("<2sIHHI", b"BM", 140, 0, 0, 54)
    size = struct.pack("<IiiHHIIiiII", 40, 4_802_825, 7, 1, 8, 1, 9, 0, 0, 0, 0)
    began = time.monotonic()
    with pytest.raises(ValueError, match="4802825 x 7 pixels, and 2,000,000 at most"):
        open_picture(head + size + b"\xff\0" * 40)
    assert time.monotonic() - began < 5


def test_fits_unpacks_nothing():
    head = b"".join(
        card.encode().ljust(80)
        for card in (
            *("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2"),
            *("NAXIS1  = 4", "NAXIS2  = 4", "END"),
        )
    )
    with pytest.raises(ValueError, match="FITS may unpack to any size"):
        open_picture(head.ljust(2880) + bytes(16))


def test_postscript_calls_no_ghostscript(tmp_path, monkeypatch):
    ran, tool = tmp_path / "ran", tmp_path / "gs"
    tool.write_text(f"#!/bin/sh\necho > {ran}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # look for it again
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, "EPS")
    with pytest.raises(ValueError, match="PostScript is a program"):
        open_picture(buffer.getvalue())
    assert not ran.exists()


class Upload:
    """A file of a web framework, whose `read` is to be awaited."""

    async def read(self):
        return b""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("https://a.b/c.png", "there is no such file; of an address, hand over the b"),
        ("data:image/png;base64,AAAA", "; of an address, hand over the bytes"),
        (
            "a" * 100 + "-" * 120 + ".png",
            r"there is no such file\.$|cannot be r.*g\)\.$",
        ),
        ("iVBORw0KGgo" * 30, "; of base64, hand over the bytes: base64.b64decode"),
        (Upload(), "the Upload object: hand over what `await read\\(\\)` of it gives"),
    ],
)
def test_what_was_taken_for_a_picture_is_told(given, message):
    with pytest.raises(ValueError, match=message):
        open_picture(given)


def test_a_file_opened_as_text_is_told(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with open(tmp_path / "a.png", encoding="utf-8") as file:
        with pytest.raises(ValueError, match="gives str, not bytes; open it in binary"):
            open_picture(file)
