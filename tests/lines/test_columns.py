"""Vertical text: columns are laid down, read as lines, and stand where they stood."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

import evaluate
import learn_lines
import predict
from tests.lines.test_line_reading import SAMPLES, compact, run, samples
from utils.analysis.lines.text_errors import compare_texts
from utils.data.fonts import draw_ink, find_faces, load_face
from utils.data.text.composed_lines import compose_line
from utils.data.text.line_writing import write_line
from utils.data.text.text_lines import draw_lines
from utils.lines.learning import make_examples
from utils.lines.pieces import Pieces
from utils.lines.scores import learnt_weights
from utils.lines.strips import Page
from utils.pictures.geometry import lay_down, set_up, setting_up, transform


def some_columns(count, seed=1):
    rng = np.random.default_rng(seed)
    return [
        compose_line(*samples(), "samples", rng, vertical=True) for _ in range(count)
    ]


def beside_each_other(columns):
    """Columns on one sheet, the first at the right."""
    height = max(len(column.picture) for column in columns)
    padded = [
        np.pad(
            each.picture,
            ((0, height - len(each.picture)), (15, 15)),
            constant_values=255,
        )
        for each in reversed(columns)
    ]
    return np.concatenate(padded, axis=1)


def test_what_is_laid_down_stands_again(rng):
    picture = np.zeros((7, 5), np.uint8)
    picture[2, 4] = 1  # near the top, at the right
    down = lay_down(picture)
    assert down.shape == (5, 7) and down[0, 2] == 1  # the first line, near its start
    assert (set_up(down) == picture).all()
    x, y = transform(setting_up(5), np.array([[2.5, 0.5]]))[0]  # its pixel's middle
    assert (x, y) == (4.5, 2.5)


def test_columns_are_read_with_their_spaces_and_places():
    wrong = 0
    for column in some_columns(8):
        (found,) = compact().predict_lines(
            column.picture, rare=1, text=0, vertical=True
        )
        errors = compare_texts(column.text, found.text)
        wrong += errors.edits + errors.spaces
        if not errors.edits:
            boxes = np.array([part.box for part in found.parts])
            assert np.abs(boxes[:, [1, 3]] - column.ends[:, [1, 3]]).max() < 8
            middles = column.ends[:, 0]
            assert (boxes[:, 0] < middles).all() and (middles < boxes[:, 2]).all()
            assert np.abs(boxes[:, [0, 2]].mean(axis=1) - middles).max() < 8
    assert wrong <= 3


@pytest.mark.parametrize("upside", [False, True], ids=["dark", "light"])
def test_the_first_column_is_at_the_right(upside):
    columns = some_columns(3, 4)
    picture = beside_each_other(columns)
    picture = 255 - picture if upside else picture
    found = compact().predict_lines(picture, rare=1, vertical=True)
    assert len(found) == 3
    pairs = zip(columns, found, strict=True)
    assert sum(compare_texts(one.text, each.text).edits for one, each in pairs) <= 2
    lefts = [each.parts[0].box[0] for each in found]
    assert lefts == sorted(lefts, reverse=True)


def test_pieces_of_columns_are_upright():
    column = some_columns(1)[0]
    strip = Page(column.picture, vertical=True).strip(0, 0)
    assert strip.vertical
    laid = Pieces(strip.clean).squares(Pieces(strip.clean).all[:3], 64)
    upright = Pieces(strip.clean, True)
    for one, other in zip(laid, upright.squares(upright.all[:3], 64), strict=True):
        # Turned, but for where odd lengths leave their odd pixel: a stroke's edge.
        assert (np.abs(set_up(one).astype(int) - other) > 128).mean() < 0.05
        assert (np.abs(one.astype(int) - other) > 128).mean() > 0.1


def test_letters_stand_in_a_drawn_column(fonts, rng):
    face = next(f for f in find_faces(fonts)[0] if f.domain == "printed")
    ink, ends = write_line(face, "가", 60, rng, vertical=True)
    glyph = draw_ink(load_face(face, 60), "가")
    left, top, width, height = cv2.boundingRect(glyph)
    glyph = glyph[top : top + height, left : left + width]
    left, top, width, height = cv2.boundingRect(ink)
    assert (set_up(ink[top : top + height, left : left + width]) == glyph).all()
    assert ends[0, [0, 2]].tolist() == [left, left + width]


def test_what_is_learnt_of_columns_is_learnt_of_upright_letters():
    (example,) = make_examples(some_columns(1, 3))
    column = some_columns(1, 3)[0]
    strip = Page(column.picture, vertical=True).strip(0, 0)
    pieces = example.pieces.all[:2]
    upright = Pieces(strip.clean, True).squares(pieces, 64)
    assert (example.pieces.squares(pieces, 64) == upright).all()


def test_spaces_of_columns_have_weights_of_their_own(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "utils.lines.spaces.learnt_weights",
        lambda vertical: asked.append(vertical) or learnt_weights(vertical),
    )
    compact().predict_lines(some_columns(1)[0].picture, vertical=True)
    assert asked and all(asked)


def test_columns_are_drawn_as_they_say(fonts, rng):
    faces = [face for face in find_faces(fonts)[0] if face.family == "Brush"]
    for column in draw_lines(faces, ["가각간"], 8, rng, others=0, vertical=True):
        height, width = column.picture.shape
        assert column.vertical and (column.ends[:, 3] > column.ends[:, 1]).all()
        assert (np.diff(column.ends[:, 1]) > 0).all()  # each below the one before
        assert (column.ends[:, 1::2] <= height + 1).all() and (column.ends >= -1).all()
        assert (column.ends[:, ::2] <= width + 1).all()
        page = Page(column.picture, vertical=True)
        strip = page.strip(0, len(page.rows) - 1)
        back = np.linalg.inv(np.vstack([strip.to_picture, [0, 0, 1]]))[:2]
        along = transform(back, column.ends.reshape(-1, 2))[:, 0].reshape(-1, 2)
        dark = (strip.clean < 128).any(axis=0)
        assert all(dark[int(start) : int(end)].any() for start, end in along)


def test_predict_prints_columns(capsys, tmp_path):
    column = some_columns(1)[0]
    path = tmp_path / "column.png"
    Image.fromarray(column.picture).save(path)
    flags = ["--weights=compact", "--engine=onnx", "--vertical=true"]
    (line,) = compact().predict_lines(path, n=5, vertical=True)
    status, out, _ = run(capsys, predict, path, *flags, "--lines=true", "--json=true")
    told = json.loads(out)
    assert status == 0 and told["text"] == line.text
    assert [part["text"] for part in told["parts"]] == [p.text for p in line.parts]
    with pytest.raises(SystemExit):
        predict.main([str(path), *flags])
    assert "lines" in capsys.readouterr().err


def test_evaluate_reads_columns_of_the_data(capsys, tmp_path):
    flags = ["--weights=compact", "--lines=true", "--max_images=4", "--vertical=true"]
    paths = [f"--data_path={SAMPLES}", f"--log_path={tmp_path}"]
    status, out, err = run(capsys, evaluate, *flags, *paths)
    assert status == 0, err
    row = next(line for line in out.splitlines() if "samples" in line)
    assert float(row.split()[3]) <= 20  # CER %; read as lines it is above 50
    with Image.open(tmp_path / "lines.png") as figure:
        assert figure.width > figure.height  # columns lie there


def test_learning_writes_weights_of_columns(capsys, fonts, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("가각 나 가 갂갃 가1 나, 간", encoding="utf-8")
    saved = tmp_path / "vertical.json"
    flags = ["--weights=compact", "--lines=10", f"--save_path={saved}"]
    paths = [f"--text_path={text}", f"--font_path={fonts}"]
    lines = run(capsys, learn_lines, *flags, *paths), saved.read_bytes()
    columns = run(capsys, learn_lines, *flags, *paths, "--vertical=true")
    assert lines[0][0] == columns[0] == 0, columns[2]
    assert saved.read_bytes() != lines[1]
    assert set(json.loads(saved.read_text())) == {"shapes", "read", "space"}
