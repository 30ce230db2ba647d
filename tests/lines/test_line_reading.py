"""Whole pictures of text: read, compared, composed, drawn, learnt from."""

import csv
import json
import shutil
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import evaluate
import learn_lines
import predict
from model import KoOCR
from tests.inference.test_reader import FakeReader
from utils.analysis.lines.line_sources import composed_lines, text_lines
from utils.analysis.lines.text_errors import compare_texts, edit_distance
from utils.analysis.sources import read_chunks
from utils.data.fonts import find_faces
from utils.data.text.composed_lines import compose_line
from utils.data.text.text_lines import draw_lines, read_words
from utils.hangul import ALL_SYLLABLES, COMPONENTS, is_syllable
from utils.inference.answers import Answering
from utils.inference.imaging import NoInkError, read_gray
from utils.lines.line import UNREAD
from utils.lines.reading import LineReader
from utils.lines.scores import KINDS
from utils.lines.strips import Page
from utils.pictures.geometry import transform

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "files" / "samples"


@lru_cache
def compact():
    return KoOCR("compact", engine="onnx")


@lru_cache
def samples():
    """The samples as prepared pictures, and what they say."""
    with open(SAMPLES / "labels.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    network = compact()
    size = network.config.image_size
    images = [network.prepare(SAMPLES / row["path"]) for row in rows]
    assert images[0].shape == (size, size)
    return np.stack(images), [row["label"] for row in rows]


def some_lines(count, seed=1):
    rng = np.random.default_rng(seed)
    return [compose_line(*samples(), "samples", rng) for _ in range(count)]


def test_lines_are_read_in_order_with_their_spaces_and_places():
    wrong = 0
    for line in some_lines(8):
        (found,) = compact().predict_lines(line.picture, rare=1, text=0)
        errors = compare_texts(line.text, found.text)
        wrong += errors.edits + errors.spaces
        if not errors.edits:
            boxes = np.array([part.box for part in found.parts])
            true = line.ends[:, [0, 2]]
            assert np.abs(boxes[:, [0, 2]] - true).max() < 8
            assert "".join(p.text for p in found.parts) == line.text.replace(" ", "")
            spaces = [part.space for part in found.parts]
            assert sum(spaces) == found.text.count(" ") and not spaces[0]
    assert wrong <= 2


@pytest.mark.parametrize("upside", [False, True], ids=["dark", "light"])
def test_several_lines_are_read_from_top_to_bottom(upside):
    lines = some_lines(3, 4)
    width = max(line.picture.shape[1] for line in lines)
    picture = np.concatenate(
        [
            np.pad(
                line.picture,
                ((15, 15), (0, width - line.picture.shape[1])),
                constant_values=255,
            )
            for line in lines
        ]
    )
    found = compact().predict_lines(255 - picture if upside else picture, rare=1)
    assert len(found) == 3
    edits = [
        compare_texts(line.text, each.text).edits
        for line, each in zip(lines, found, strict=True)
    ]
    assert sum(edits) <= 2


def test_a_single_syllable_is_one_line_of_one():
    right = 0
    for path, label in zip(sorted(SAMPLES.glob("[01]*")), samples()[1], strict=True):
        found = compact().predict_lines(path)
        right += [line.text for line in found] == [label]
    assert right >= 10  # of 12


def test_options_are_those_of_predict():
    picture = some_lines(1)[0].picture
    (line,) = compact().predict_lines(picture, n=3, charset="ksx1001")
    readings = [part.reading for part in line.parts if part.reading]
    assert all(len(each.syllables) == 3 for each in readings)
    common = KoOCR("compact", engine="onnx", second_look=0)
    assert len(common.predict_lines(picture)) == 1
    (line,) = compact().predict_lines(picture, reject_below=1.0)
    assert set(line.text) <= {UNREAD, " "}
    blank = np.full((40, 90), 255, np.uint8)
    assert compact().predict_lines(blank, reject_below=0.5) == []
    with pytest.raises(NoInkError):
        compact().predict_lines(blank)
    with pytest.raises(TypeError, match="'false'; expected True, False or None"):
        compact().predict_lines(picture, vertical="false")
    for wrong in ({"n": 0}, {"rare": 0}, {"reject_below": 2}, {"charset": "a"}):
        with pytest.raises(ValueError):
            compact().predict_lines(picture, **wrong)


def test_what_cannot_be_cut_is_unread_and_blanks_raise():
    stroke = np.full((60, 900), 255, np.uint8)
    stroke[20:34, 20:880] = 0
    texts = [line.text for line in FakeReader().predict_lines(stroke)]
    assert texts in ([], [UNREAD])  # a rule, or no syllable
    with pytest.raises(NoInkError):
        FakeReader().predict_lines(np.full((40, 200), 255, np.uint8))


def test_several_pictures_are_read_one_by_one():
    pictures = [line.picture for line in some_lines(2)]
    alone = [compact().predict_lines(picture) for picture in pictures]
    assert alone[0][0].text != alone[1][0].text
    assert compact().predict_lines(pictures) == alone
    assert compact().predict_lines(np.stack([pictures[0]] * 2)) == [alone[0]] * 2
    assert compact().predict_lines([]) == []
    blank = np.full((40, 90), 255, np.uint8)
    found = compact().predict_lines([pictures[0], blank], reject_below=1e-9)
    assert [len(lines) for lines in found] == [1, 0]
    with pytest.raises(NoInkError, match="Picture 1, counted from 0: "):
        compact().predict_lines([pictures[0], blank])
    lines, error = compact().predict_lines([pictures[0], "a.png"], return_errors=True)
    assert lines == alone[0] and "a.png: there is no such file" in str(error)
    assert isinstance(compact().predict_lines(blank, return_errors=True), NoInkError)
    with pytest.raises(TypeError, match="Picture 1, counted from 0: "):
        compact().predict_lines([pictures[0], None])
    with pytest.raises(TypeError, match="got generator; call predict_lines for each"):
        compact().predict_lines(each for each in pictures)


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_read_somehow(seed):
    rng = np.random.default_rng(seed)
    picture = (rng.random((70, 260)) < 0.02 * (seed + 1)) * np.uint8(255)
    for line in FakeReader().predict_lines(picture):
        assert line.text == line.text.strip()


def levenshtein(one, other):
    """By recursion, as it is defined."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return levenshtein(one[1:], other[1:])
    rest = (one[1:], other), (one, other[1:]), (one[1:], other[1:])
    return 1 + min(levenshtein(*pair) for pair in rest)


def test_edit_distances_are_those_of_the_definition(rng):
    assert edit_distance("kitten", "sitting") == 3
    for _ in range(40):
        one, other = (
            "".join(rng.choice(list("가나다"), rng.integers(6))) for _ in "ab"
        )
        assert edit_distance(one, other) == levenshtein(one, other)


@pytest.mark.parametrize(
    ("true", "read", "errors"),
    [
        ("한글 좋다", "한글 좋다", (4, 0, 0, 3)),
        ("한글 좋다", "한글좋다", (4, 0, 1, 3)),
        ("한글 좋다", "한 글좋 다", (4, 0, 3, 3)),
        ("한글 좋다.", "한글 종다", (4, 1, 0, 0)),
        ("2년, 좋다!", f"{UNREAD}년 좋다{UNREAD}", (5, 0, 0, 4)),
        ("가", "", (1, 1, 0, 0)),
    ],
)
def test_texts_are_compared_by_syllables_and_spaces(true, read, errors):
    assert compare_texts(true, read) == errors


def test_words_of_a_text_hold_syllables(tmp_path):
    text = tmp_path / "text.md"
    text.write_text("# 한글 `code` 좋다, `가` 2021년 abc\nＡ가 네!", encoding="utf-8")
    assert read_words(text) == ["한글", "좋다,", "2021년", "네!"]
    text.write_text("none", encoding="utf-8")
    with pytest.raises(ValueError, match="no word in Hangul"):
        read_words(text)
    text.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="no text in UTF-8"):
        read_words(text)


def test_lines_are_drawn_as_they_say(fonts, rng):
    faces = [face for face in find_faces(fonts)[0] if face.family == "Brush"]
    words = ["가각간", "나무", "갇,", "가1"]
    lines = list(draw_lines(faces, words, 12, rng, others=0.5))
    assert len(lines) == 12 and {line.family for line in lines} == {"Brush"}
    for line in lines:
        assert set(filter(is_syllable, line.text)) <= set("".join(words) + "년월일개")
        assert len(line.ends) == len(line.text.replace(" ", ""))
        assert (line.ends[:, 2] > line.ends[:, 0]).all()
        height, width = line.picture.shape
        assert (line.ends >= -1).all() and (line.ends[:, ::2] <= width + 1).all()
    assert any(not all(map(is_syllable, line.text.replace(" ", ""))) for line in lines)
    with pytest.raises(ValueError, match="too few of the text's syllables"):
        list(draw_lines(faces, ["힣힣"], 1, rng))


def test_drawn_ends_are_where_the_ink_is(fonts, rng):
    faces = [face for face in find_faces(fonts)[0] if face.family == "Brush"]
    for line in draw_lines(faces, ["가각간"], 6, rng, others=0):
        page = Page(line.picture)
        strip = page.strip(0, len(page.rows) - 1)
        middles = line.ends.reshape(-1, 2, 2).mean(axis=1)
        back = np.linalg.inv(np.vstack([strip.to_picture, [0, 0, 1]]))[:2]
        columns = transform(back, middles)[:, 0]
        dark = (strip.clean < 128).any(axis=0)
        assert all(dark[int(x) - 20 : int(x) + 20].any() for x in columns)


def run(capsys, script, *argv):
    status = script.main(list(map(str, argv)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "line.png"
    Image.fromarray(some_lines(1)[0].picture).save(path)
    return path


def test_predict_prints_lines(capsys, picture, tmp_path):
    flags = ["--weights=compact", "--engine=onnx", "--lines=true"]
    status, out, _ = run(capsys, predict, picture, *flags)
    (line,) = compact().predict_lines(picture, n=5)
    assert status == 0 and line.text in out.splitlines()[1]
    status, out, _ = run(capsys, predict, picture, *flags, "--json=true", "--top_n=2")
    told = json.loads(out)
    assert (told["line"], told["text"]) == (1, line.text)
    assert [part["text"] for part in told["parts"]] == [p.text for p in line.parts]
    assert all(len(p["syllables"]) == 2 for p in told["parts"] if "syllables" in p)
    status, out, err = run(capsys, predict, picture, *flags, "--top_n=5")
    assert (status, out) == (1, "") and "top_n needs json=true" in err
    few = run(capsys, predict, picture, *flags, "--charset=가나다")
    assert few[0] == 0 and not few[2]
    missing = tmp_path / "none.png"
    status, out, err = run(capsys, predict, missing, picture, *flags)
    assert status == 1 and str(missing) in err and line.text in out


@pytest.mark.parametrize(
    "flag",
    ["together=true", "adapt=true", "in_order=true", "explain=x", "detail=true"],
)
def test_predict_refuses_what_lines_have_not(capsys, picture, flag):
    with pytest.raises(SystemExit):
        predict.main([str(picture), "--lines=true", f"--{flag}"])
    assert flag.partition("=")[0] in capsys.readouterr().err


def test_evaluate_composes_lines_of_the_data(capsys, tmp_path):
    flags = ["--weights=compact", "--lines=true", "--max_images=4"]
    paths = [f"--data_path={SAMPLES}", f"--log_path={tmp_path}"]
    status, out, _ = run(capsys, evaluate, *flags, *paths)
    assert status == 0 and "samples" in out and (tmp_path / "lines.png").is_file()
    with open(tmp_path / "lines.csv", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    lines = list(composed_lines(read_chunks(SAMPLES, 128), 4))
    texts = [line.text.replace(" ", "") for _, line in lines]
    assert (row["source"], row["lines"]) == ("samples", "4")
    assert int(row["syllables"]) == sum(map(len, texts))
    assert float(row["cer"]) <= 0.2 and {source for source, _ in lines} == {"samples"}


def test_evaluate_draws_lines_of_a_text(capsys, fonts, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("가각 나 가", encoding="utf-8")
    flags = ["--weights=compact", "--lines=true", "--max_images=2"]
    paths = [f"--text_path={text}", f"--font_path={fonts}", f"--log_path={tmp_path}"]
    status, out, err = run(capsys, evaluate, *flags, *paths)
    assert status == 0, err
    faces = find_faces(fonts)[0]
    drawn = list(text_lines(faces, read_words(text), 2))
    assert {source for source, _ in drawn} == {"handwriting", "printed"}
    assert all(source in out for source, _ in drawn)
    status, _, err = run(
        capsys, evaluate, *flags[:2], *paths[1:], "--text_path=none.txt"
    )
    assert status == 1 and "none.txt" in err


def test_learning_writes_weights(capsys, fonts, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("가각 나 가 갂갃 가1 나, 간", encoding="utf-8")
    saved = tmp_path / "weights.json"
    flags = ["--weights=compact", "--lines=10", f"--save_path={saved}"]
    paths = [f"--text_path={text}", f"--font_path={fonts}"]
    status, _, err = run(capsys, learn_lines, *flags, *paths)
    assert status == 0, err
    found = json.loads(saved.read_text(encoding="utf-8"))
    assert set(found) == {"shapes", "read", "space"}
    assert set(found["read"]) == set(KINDS)
    status, _, err = run(capsys, learn_lines, *flags, "--text_path=none", paths[1])
    assert status == 1 and "none" in err
    with pytest.raises(SystemExit):
        learn_lines.main([])


def test_heads_of_the_fake_reader_are_three():
    assert set(
        FakeReader().quick_probabilities(np.zeros((1, 16, 16), np.uint8))
    ) == set(COMPONENTS)


@pytest.mark.parametrize("packed", [False, True])
def test_own_pictures_of_text_are_measured_by_what_they_say(tmp_path, capsys, packed):
    folder = tmp_path / "pages"
    folder.mkdir()
    said = "글자 하나도 읽고 이렇게 줄을 맞춰 쓴 짧은 글도 읽습니다"  # files/text.jpg
    shutil.copy(ROOT / "files" / "text.jpg", folder)
    shutil.copy(SAMPLES / "01_print.png", folder / "one.png")
    rows = [("text.jpg", said), ("one.png", "힌"), ("none.png", "글자")]
    lines = ["path\tlabel", *("\t".join(row) for row in rows)]
    (folder / "labels.tsv").write_text("\n".join(lines), encoding="utf-8")
    path = shutil.make_archive(str(folder), "zip", folder) if packed else folder
    flags = [f"--data_path={path}", "--weights=compact", f"--log_path={tmp_path}/logs"]
    assert evaluate.main([*flags, "--lines=true"]) == 0
    shown = capsys.readouterr()
    assert "none.png: there is no such file" in shown.err
    with open(tmp_path / "logs" / "lines.csv", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    syllables = len(said.replace(" ", "")) + 1
    assert (row["source"], row["lines"]) == ("pages", "2")
    assert int(row["syllables"]) == syllables
    assert float(row["cer"]) == pytest.approx(1 / syllables)  # 힌 shows 한
    assert evaluate.main([*flags, "--accuracy=true"]) == 1
    assert "Texts are for lines" in capsys.readouterr().err


def test_a_charset_does_not_make_half_syllables_certain():
    """Given few syllables, half of one is surely one of them: it was read as such."""
    for line in some_lines(4):
        (free,) = compact().predict_lines(line.picture, rare=1, text=0)
        charset = "".join({*filter(is_syllable, free.text)})
        (among,) = compact().predict_lines(line.picture, charset=charset)
        assert among.text == free.text


def test_full_stops_are_read_behind_letters():
    picture = read_gray(ROOT / "files" / "text.jpg").copy()
    plain = compact().predict_lines(picture)
    for line in plain:
        _, top, right, bottom = line.box
        side = round(0.05 * (bottom - top))
        middle = round(right + 0.25 * (bottom - top)), round(bottom) - side
        cv2.circle(picture, middle, side, 0, -1)
    stopped = compact().predict_lines(picture)
    assert [line.text for line in stopped] == [f"{line.text}." for line in plain]
    for line in stopped:
        assert line.parts[-1].reading is None and line.parts[-1].probability > 0.5


def test_the_score_of_a_line_knows_that_a_charset_was_given():
    """Given few syllables any piece is surely one of them: lines would look certain."""
    (line,) = some_lines(1)
    strip = Page(line.picture).strip(0, 0)
    size = compact().config.image_size
    scores = []
    for charset in ("all", "뷁"):
        answering = Answering(
            ALL_SYLLABLES, charset=charset, detail=True, in_order=True
        )
        network = compact()
        read = LineReader(
            network.quick_probabilities, network.probabilities, size, answering
        )
        scores.append(read(strip)[1])
    assert scores[1] < scores[0] - 1
