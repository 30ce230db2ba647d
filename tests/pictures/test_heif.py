"""Pictures of phones: read where pillow-heif is installed, named where it is not."""

import io
import os
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from utils.inference.streaming import picture_names
from utils.pictures.grey import to_gray
from utils.pictures.opening import open_picture

HEADER = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


@pytest.fixture(autouse=True)
def not_learnt(monkeypatch):
    """Pillow as it is where nothing has yet asked for HEIC."""
    Image.init()
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    forget()


def forget():
    Image.ID[:] = [name for name in Image.ID if name != "HEIF"]
    Image.OPEN.pop("HEIF", None)


def heic(picture, **options):
    pytest.importorskip("pillow_heif").register_heif_opener()
    buffer = io.BytesIO()
    picture.save(buffer, "HEIF", quality=90, **options)
    forget()
    return buffer.getvalue()


def picture():
    grey = np.full((64, 96), 230, np.uint8)
    grey[10:30, 10:40] = 20
    return Image.fromarray(grey).convert("RGB")


@pytest.mark.parametrize("as_path", [True, False])
def test_a_phone_s_picture_is_read(tmp_path, as_path):
    data = heic(picture())
    assert "HEIF" not in Image.OPEN
    path = tmp_path / "사진.HEIC"
    path.write_bytes(data)
    found = open_picture(path if as_path else data)
    assert found.size == (96, 64)
    shown, drawn = (np.asarray(each.convert("L"), int) for each in (found, picture()))
    assert np.abs(shown - drawn).mean() < 3


def test_it_stands_upright_as_the_phone_says():
    turned = picture().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    grey = to_gray(heic(turned, exif=exif.tobytes()))
    assert grey.shape == (64, 96)
    assert grey[12:28, 12:38].mean() < 60


@pytest.mark.parametrize("data", [HEADER, HEADER.replace(b"heic", b"mif1")])
def test_without_the_package_it_says_what_to_install(monkeypatch, tmp_path, data):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match="HEIC.*pip install pillow-heif, or save"):
        open_picture(data)
    (tmp_path / "a.heic").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.heic: a HEIC picture"):
        open_picture(tmp_path / "a.heic")


def test_a_damaged_one_is_no_picture():
    pytest.importorskip("pillow_heif")
    with pytest.raises(ValueError, match="cannot be read|not a picture"):
        open_picture(HEADER)
    whole = heic(picture())
    with pytest.raises(ValueError, match="cannot be read|not a picture"):
        open_picture(whole[: len(whole) // 2])


@pytest.mark.parametrize("brand", [b"heix", b"hevc", b"msf1"])
def test_every_brand_is_known(brand):
    pytest.importorskip("pillow_heif")
    data = bytearray(heic(picture()))
    data[8:12] = brand
    assert open_picture(bytes(data)).size == (96, 64)


def test_a_pipe_is_not_read_twice(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[b"text"])
    writer.start()
    with pytest.raises(ValueError, match="not a picture"):
        open_picture(tmp_path / "pipe")
    writer.join()


def test_folders_show_them(tmp_path):
    for name in ("1.heic", "2.HEIF", "3.hif", "4.png", "5.mov"):
        (tmp_path / name).touch()
    assert picture_names(tmp_path) == ["1.heic", "2.HEIF", "3.hif", "4.png"]
