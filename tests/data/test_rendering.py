from pathlib import Path

import numpy as np
import pytest
from conftest import BLANKS, DRAWN, GRID, build_font, cells_of
from PIL import Image

from utils.data.fonts import GLYPH_ERRORS, Face
from utils.data.rendering import Placement, Renderer
from utils.data.sample_pictures import SAMPLES, draw_samples


@pytest.fixture
def face(fonts):
    return Face(str(fonts / "handwriting" / "brush.ttf"))


def squares(image):
    """Splits a picture into GRID x GRID squares and returns the middle of each."""
    side = len(image) // GRID
    return image[side // 2 :: side, side // 2 :: side][:GRID, :GRID]


@pytest.mark.parametrize("size", [32, 64, 96, 128, 256])
def test_fitted_picture_has_the_cells_of_the_glyph(face, size):
    renderer = Renderer(face, size)
    margin = round(size / 24)
    for syllable in DRAWN[:10]:
        image = renderer.draw(syllable)
        assert image.shape == (size, size) and image.dtype == np.uint8
        inner = image[margin : size - margin, margin : size - margin]
        np.testing.assert_array_equal(squares(inner) < 128, cells_of(syllable))
        assert image[:margin].min() == image[:, -margin:].min() == 255
        # The ink box, whose corners are ink, fills the square up to the margin.
        edges = [(axis.min(), axis.max() + 1) for axis in np.nonzero(image < 200)]
        np.testing.assert_allclose(edges, [(margin, size - margin)] * 2, atol=1)


# Recommended by the seed for each image_size: x_offset, y_offset, char_size.
@pytest.mark.parametrize(
    "size, x, y, em",
    [(64, 5, 5, 50), (96, 8, 8, 80), (128, 14, 10, 100), (256, 50, 10, 200)],
)
def test_placed_picture_lies_where_the_options_say(face, size, x, y, em):
    image = Renderer(face, size, Placement(x, y, em)).draw(DRAWN[7])
    rows, columns = np.nonzero(image < 128)
    # The outline is the box 100-900 by 0-800 of an em of 1000, the ascent 900.
    expected = [x + 0.1 * em, x + 0.9 * em, y + 0.1 * em, y + 0.9 * em]
    found = [columns.min(), columns.max() + 1, rows.min(), rows.max() + 1]
    np.testing.assert_allclose(found, expected, atol=1)
    box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    np.testing.assert_array_equal(squares(box) < 128, cells_of(DRAWN[7]))


@pytest.mark.parametrize("placement", [None, Placement(8, 8, 80)])
def test_nothing_to_draw_is_none(face, placement):
    renderer = Renderer(face, 96, placement)
    assert renderer.draw(BLANKS[0]) is None
    assert renderer.draw("힣") is None


def test_glyph_outside_the_picture_is_none(face):
    assert Renderer(face, 32, Placement(40, 0, 20)).draw(DRAWN[0]) is None


def test_what_cannot_be_read_raises(fonts, tmp_path):
    renderer = Renderer(Face(str(fonts / "printed" / "serif.ttf")), 96)
    with pytest.raises(GLYPH_ERRORS):
        renderer.draw(DRAWN[0])
    assert renderer.draw(DRAWN[2]) is not None
    with pytest.raises(OSError):
        Renderer(Face(str(tmp_path / "gone.ttf")), 96)


def test_faces_of_a_collection_are_told_apart(fonts, tmp_path):
    face = Face(str(fonts / "printed" / "pair.ttc"), 1)
    other = Face(str(build_font(tmp_path / "a.ttf", "A")))
    pictures = [Renderer(each, 96).draw(DRAWN[0]) for each in (face, other)]
    np.testing.assert_array_equal(*pictures)
    with pytest.raises(OSError):
        Renderer(Face(face.path, 2), 96)


def test_samples_of_files_of_one_name_are_kept_apart(tmp_path):
    paths = [tmp_path / "one" / "pen.ttf", tmp_path / "two" / "Pen.ttf"]
    for path, drawn in zip(paths, (DRAWN, [*DRAWN[1:], *SAMPLES]), strict=True):
        build_font(path, path.stem, drawn)
    faces = [Face(str(path)) for path in paths]
    assert draw_samples(faces, 32, None, tmp_path / "out") == 3
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["Pen_0-2_가.png", "Pen_0-2_나.png", "pen_0_가.png"]


@pytest.mark.parametrize("error", [OSError, ValueError, Image.DecompressionBombError])
def test_samples_pass_by_glyphs_that_cannot_be_read(error, face, tmp_path, monkeypatch):
    def fail(*_):
        raise error("too large")

    monkeypatch.setattr(Renderer, "draw", fail)
    assert draw_samples([face], 32, None, tmp_path / "out") == 0


def test_samples_are_whole_or_absent(face, tmp_path, monkeypatch):
    def fail(image, file, *_):
        if isinstance(file, Path):
            file.write_bytes(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="full"):
        draw_samples([face], 32, None, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
