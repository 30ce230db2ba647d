import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from utils.cleaning.colours import as_far_apart
from utils.inference.imaging import prepare
from utils.pictures.grey import to_colours, to_gray

RED, GREEN = (200, 60, 60), (30, 147, 60)  # of the same grey level, by Rec. 601
INK = np.zeros((96, 120), bool)
INK[20:76, 30:40] = INK[66:76, 30:90] = INK[20:76, 80:90] = True


def coloured(ink=RED, ground=GREEN):
    return np.where(INK[..., None], ink, ground).astype(np.uint8)


PICTURE = coloured()
SEEN = prepare(np.where(INK, 0, 255).astype(np.uint8), 64)


def encoded(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    return data


IMAGE = Image.fromarray(PICTURE)
KINDS = {
    "array": PICTURE,
    "float array": PICTURE / 255.0,
    "RGBA array": np.dstack([PICTURE, np.full(INK.shape, 255, np.uint8)]),
    "RGB": IMAGE,
    "RGBA": IMAGE.convert("RGBA"),
    "P": IMAGE.convert("P", palette=Image.Palette.ADAPTIVE),
    "CMYK": IMAGE.convert("CMYK"),
    "YCbCr": IMAGE.convert("YCbCr"),
    "HSV": IMAGE.convert("HSV"),
    "PNG": encoded(IMAGE, format="png"),
    "JPEG": encoded(IMAGE, format="jpeg", quality=95, subsampling=0),
    "file": io.BytesIO(encoded(IMAGE, format="png")),
    "turned": encoded(
        IMAGE.transpose(Image.Transpose.ROTATE_90), format="png", exif=exif(6)
    ),
    "large": IMAGE.resize((1200, 960), Image.Resampling.NEAREST),
    "large JPEG": encoded(IMAGE.resize((2400, 1920), 0), format="jpeg", quality=95),
}


def test_the_colours_are_as_light_as_each_other():
    assert np.ptp(to_gray(PICTURE)) <= 1


@pytest.mark.parametrize("picture", KINDS.values(), ids=KINDS.keys())
def test_colours_as_light_as_each_other_are_told_apart(picture):
    if isinstance(picture, bytes) and picture is KINDS["turned"]:
        assert Image.open(io.BytesIO(picture)).size == (96, 120)
    found = prepare(picture, 64).astype(float)
    assert np.abs(found - SEEN).mean() < 8


def test_levels_keep_the_distance_of_two_colours():
    levels = as_far_apart(PICTURE, to_gray(PICTURE))
    distance = np.linalg.norm(np.subtract(RED, GREEN, dtype=float))
    assert np.ptp(levels) == pytest.approx(min(255, distance), abs=1.5)
    assert len(np.unique(levels)) == 2


def test_grey_levels_are_kept_where_colours_are_no_farther_apart():
    for other in (
        coloured((0, 0, 0), (50, 50, 50)),
        coloured((100, 60, 60), (140, 100, 100)),
    ):
        gray = to_gray(other)
        assert as_far_apart(other, gray) is gray


@pytest.mark.parametrize("orientation", range(1, 9))
def test_colours_are_turned_as_the_grey_levels_are(orientation):
    file = encoded(IMAGE, format="png", exif=exif(orientation))
    colours = to_colours(file)
    np.testing.assert_array_equal(to_gray(colours), to_gray(file))
    assert colours.shape[2] == 3


NONE = {
    "grey array": INK * np.uint8(255),
    "grey and alpha": np.zeros((9, 9, 2), np.uint8),
    "transparent array": np.zeros((9, 9, 4), np.uint8),
    "grey image": Image.new("L", (9, 9)),
    "16 bits": Image.new("I;16", (9, 9)),
    "transparent image": Image.new("RGBA", (9, 9)),
    "grey file": encoded(Image.new("L", (9, 9)), format="png"),
}


@pytest.mark.parametrize("picture", NONE.values(), ids=NONE.keys())
def test_some_pictures_have_no_colours(picture):
    assert to_colours(picture) is None


def test_colours_come_reduced_like_the_grey_levels():
    large = IMAGE.resize((2400, 1920), Image.Resampling.NEAREST)
    for picture in (large, np.asarray(large), encoded(large, format="jpeg")):
        assert to_colours(picture, 640).shape[:2] == to_gray(picture, 640).shape
