import io

import numpy as np
import pytest
from PIL import Image

from utils.inference.opening import is_encoded, open_picture

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


def test_a_file_is_read_from_where_it_stands():
    file = io.BytesIO(b"head" + encode())
    file.seek(4)
    same(file)


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
        (encode()[:60], "60 bytes: the picture cannot be read"),
        (io.BytesIO(b"text"), "the BytesIO object: not a picture that Pillow can"),
        (io.StringIO("text"), r"StringIO object: the file gives str, .*open\(path"),
        (Broken(), r"camera: the file cannot be read \(unplugged\)"),
    ],
)
def test_what_cannot_be_opened_is_named(source, message):
    with pytest.raises(ValueError, match=message):
        open_picture(source)
