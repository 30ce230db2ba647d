"""What tells figures, Latin letters and marks of a line from its syllables."""

import string
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.lines.test_line_reading import compact, samples
from utils.analysis.lines.text_errors import edit_distance
from utils.data.text.sprinkling import ALIKE, sprinkle
from utils.data.text.text_lines import TextLine, read_words
from utils.lines import characters
from utils.lines.characters import (
    INPUT_SIDE,
    NON_CHARACTERS,
    Characters,
    format_characters,
    learnt_characters,
    looks,
)
from utils.lines.learning import make_examples
from utils.lines.learning_characters import learn_characters
from utils.lines.pieces import Pieces
from utils.lines.strips import LINE_HEIGHT, LINE_MARGIN

MARKS = ".,?!()[]<>~%:;'\"-+=/·…&@#*"
FIGURES, LETTERS = string.digits, string.ascii_letters
FACE = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def line(text, size=60):
    """The `TextLine` of samples' syllables, and of other characters in DejaVu Sans."""
    images, labels = samples()
    canvas = Image.new("L", (size * (len(text) + 2), 2 * size), 255)
    pen, font = ImageDraw.Draw(canvas), ImageFont.truetype(str(FACE), round(0.9 * size))
    x, ends = float(size), []
    for character in text:
        wide = size if character in labels else font.getlength(character)
        if character in labels:
            image = Image.fromarray(images[labels.index(character)])
            canvas.paste(image.resize((size, size)), (round(x), size // 2))
        else:
            pen.text((x, 1.4 * size), character, font=font, fill=0, anchor="ls")
        if character != " ":
            ends.append([x, size, x + wide, size])
        x += wide + 0.08 * size
    return TextLine(np.asarray(canvas), text, np.array(ends), "samples")


def some_pieces():
    ink = np.full((round(LINE_HEIGHT * (1 + 2 * LINE_MARGIN)), 300), 255, np.uint8)
    ink[20:90, 20:60] = ink[70:90, 100:110] = ink[20:50, 200:260] = 0
    return Pieces(ink)


@pytest.mark.parametrize("text", ["한글 2021", "꽃(한)", '"글"', "한?", "글 A4"])
def test_what_is_no_syllable_is_read_as_well(text):
    (found,) = compact().predict_lines(line(text).picture)
    assert edit_distance(text.replace(" ", ""), found.text.replace(" ", "")) <= 1
    kinds = [part.reading is not None for part in found.parts]
    assert sum(kinds) == sum(character in samples()[1] for character in text)


def test_a_layer_gives_what_its_numbers_say(rng):
    pieces = some_pieces()
    squares = pieces.squares(pieces.all, 64)
    inputs = INPUT_SIDE * INPUT_SIDE + 4
    shapes = (inputs, 5), (5, 4)
    learnt = Characters(
        "1a",
        tuple(rng.normal(size=shape) for shape in shapes),
        (rng.normal(size=5), rng.normal(size=4)),
    )
    seen = looks(squares, pieces.all).astype(float)
    for row, found in zip(seen, learnt(squares, pieces.all), strict=True):
        hidden = row @ learnt.weights[0] + learnt.biases[0]
        odds = np.where(hidden > 0, hidden, 0) @ learnt.weights[1] + learnt.biases[1]
        odds = np.exp(odds - odds.max())
        np.testing.assert_allclose(found, odds / odds.sum(), rtol=1e-3, atol=1e-6)


def test_a_layer_sees_ink_and_where_it_is():
    pieces = some_pieces()
    comma = next(piece for piece in pieces.all if piece.box[2:] == (100, 110))
    seen = looks(pieces.squares([comma], 64), [comma])[0]
    assert seen.shape == (INPUT_SIDE * INPUT_SIDE + 4,) and 0 <= seen[:-4].min()
    assert (
        seen[:-4].reshape(INPUT_SIDE, INPUT_SIDE)[INPUT_SIDE // 2, INPUT_SIDE // 2] == 1
    )
    top, bottom, high, wide = seen[-4:] * LINE_HEIGHT
    assert (top, bottom) == pytest.approx(
        (70 - LINE_MARGIN * LINE_HEIGHT, 90 - LINE_MARGIN * LINE_HEIGHT)
    )
    assert (high, wide) == pytest.approx((20, 10))


@pytest.mark.parametrize("vertical", [False, True])
def test_what_is_learnt_survives_its_file(monkeypatch, tmp_path, vertical):
    learnt = learnt_characters(vertical)
    assert set(FIGURES + LETTERS) <= set(learnt.shown)
    assert set(learnt.shown) <= set(MARKS + FIGURES + LETTERS)
    (tmp_path / characters.FILES[vertical]).write_bytes(format_characters(learnt))
    monkeypatch.setattr(characters, "_HERE", tmp_path)
    learnt_characters.cache_clear()
    again = learnt_characters(vertical)
    learnt_characters.cache_clear()
    assert again.shown == learnt.shown
    for one, other in zip(
        (*again[1], *again[2]), (*learnt[1], *learnt[2]), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_it_is_learnt_of_lines_with_others():
    lines = [line(text) for text in ("한 1", "1글", "한1글") * 4]
    examples = make_examples(lines)
    assert len(examples) >= 8
    learnt = learn_characters(examples)
    assert learnt.shown == "1" and learnt.weights[1].shape[1] == len(NON_CHARACTERS) + 1
    for each in examples:
        pieces = [each.pieces.all[place] for place in each.truth[:, 0]]
        told = learnt(each.pieces.squares(pieces, 64), pieces).argmax(axis=1)
        assert (told == 2).tolist() == [c == "1" for c in each.text]
    alone = [
        each._replace(text="한글", indices=each.indices * 0 + 1) for each in examples
    ]
    with pytest.raises(ValueError, match="nothing but syllables"):
        learn_characters(alone)


def test_words_are_sprinkled_with_others(rng):
    found = [sprinkle("가나", rng) for _ in range(400)]
    assert all("가나" in each for each in found)
    assert 0.3 < found.count("가나") / 400 < 0.6
    assert set("".join(found)) <= {*MARKS, *FIGURES, *LETTERS, *ALIKE, *" 가나년월일개"}
    assert len({c for each in found for c in each}) > 60


def test_sprinkled_words_can_be_read_again(tmp_path, rng):
    words = [sprinkle("가나", rng) for _ in range(30)]
    (tmp_path / "text.txt").write_text(" ".join(words), encoding="utf-8")
    assert read_words(tmp_path / "text.txt")
