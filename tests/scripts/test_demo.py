import base64
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import demo
from model import KoOCR
from utils.analysis.maps.explanation import HeadAnswer
from utils.demo import reading, words
from utils.demo.drawing import decode_drawing
from utils.hangul import ALL_SYLLABLES, COMPONENTS, ksx1001_syllables
from utils.lines.line import Line

CODES = {"initial": 588, "medial": 28, "final": 1}


def heads_of(syllable, shares=None):
    """Heads that read a syllable, each with a share; the rest on the class after it."""
    code = ord(syllable) - 0xAC00
    places = {"initial": code // 588, "medial": code // 28 % 21, "final": code % 28}
    heads = {}
    for name, classes in COMPONENTS.items():
        share = (shares or {}).get(name, 1.0)
        heads[name] = np.zeros((1, len(classes)))
        heads[name][0, places[name]] = share
        heads[name][0, (places[name] + 1) % len(classes)] = 1 - share
    return heads


class Reader:
    """Stands for a `KoOCR` that reads whatever it was told."""

    def __init__(self, heads):
        self.heads, self.syllables = heads, ksx1001_syllables()

    def prepare(self, picture):
        if picture.min() > 100:
            raise ValueError("The picture holds no ink <at all>.")
        return picture

    def probabilities(self, images):
        return self.heads


INK = np.zeros((8, 8), np.uint8)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_jamo_that_is_off_is_named(language):
    html = reading.judge(Reader(heads_of("벽")), INK, "벅", language)
    assert "벅 → 벽" in html
    lines = html.split("<li")[1:]
    assert ["bad" in line for line in lines] == [False, True, False]
    assert "ㅓ" in lines[1] and "ㅕ" in lines[1]
    expected = words.word("looks_like", language).format(read="ㅕ", wanted="ㅓ")
    assert expected in lines[1]


def test_a_missing_final_is_named():
    html = reading.judge(Reader(heads_of("가")), INK, "각", "en")
    assert "looks like ∅, not ㄱ" in html


def test_what_is_well_written_is_praised():
    html = reading.judge(Reader(heads_of("벽")), INK, "벽", "ko")
    assert "잘 썼습니다: 벽" in html and "<li" not in html


def test_nothing_drawn_is_no_error():
    assert "Nothing is drawn" in reading.judge(None, None, "가", "en")
    assert "Nothing is drawn" in reading.read_picture(None, None, "all", "en")


def test_reasons_are_escaped():
    html = reading.judge(Reader({}), INK + 255, "가", "en")
    assert "no ink &lt;at all&gt;" in html


def test_the_doubtful_jamo_is_marked():
    readings = {
        "initial": HeadAnswer("ㅂ", 0.95, "ㅍ", 0.05),
        "medial": HeadAnswer("ㅓ", 0.6, "ㅔ", 0.4),
        "final": HeadAnswer("ㄱ", 0.85, "ㄴ", 0.01),
    }
    cells = reading._jamo(readings, "en").split("<div class='")[2:]
    assert [cell.startswith("doubtful") for cell in cells] == [False, True, False]
    assert "doubtful: or ㅔ" in cells[1]
    readings["medial"] = HeadAnswer("ㅓ", 0.86, "ㅔ", 0.14)
    html = reading._jamo(readings, "en")
    assert "doubtful</em>" in html and "ㄴ" not in html  # too improbable to be named
    readings["final"] = HeadAnswer("ㄱ", 1.0, "ㄴ", 0.0)
    readings["medial"] = HeadAnswer("ㅓ", 0.96, "ㅔ", 0.04)
    assert "doubtful" not in reading._jamo(readings, "en")


def test_a_charset_is_what_it_shares_with_the_network():
    assert reading.shared_charset("all", ALL_SYLLABLES) == "all"
    assert len(reading.shared_charset("ksx1001", ALL_SYLLABLES)) == 2350
    assert reading.shared_charset("ksx1001", ["뷁", "가", "나"]) == "가나"
    assert reading.shared_charset("뷁", ["가", "나", "다"]) == ""


def test_a_real_network_reads_with_maps(tiny_network):
    network = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    picture = np.full((100, 90), 255, np.uint8)
    picture[20:70, 30:36] = picture[64:70, 30:70] = 0
    html = reading.read_picture(network, picture, "all", "ko")
    assert html.count("<li>") == reading.GUESSES
    assert html.count("data:image/jpeg") == 3
    assert words.word("wide", "ko").partition(":")[0] not in html
    best = network.predict(picture)[0]
    assert f"<b>{best}</b>" in html and "초성" in html


@pytest.mark.parametrize("vertical", [False, True], ids=["line", "column"])
def test_a_word_is_read_with_a_note(tiny_network, monkeypatch, vertical):
    network = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    # What an untrained network makes of it is chance.
    lines = [Line("두 글자", []), Line("더", [])]
    found = {vertical: lines, not vertical: []}
    monkeypatch.setattr(
        network, "predict_lines", lambda picture, charset, vertical: found[vertical]
    )
    picture = np.full((60, 300), 255, np.uint8)
    picture[20:40, 10:290:15] = picture[20:23, 10:290] = 0
    picture = picture.T if vertical else picture
    html = reading.read_picture(network, picture, "all", "en")
    before, _, after = words.word("wide", "en").partition("{}")
    assert before + "두 글자 / 더" + after in html
    assert html.count("<li>") == reading.GUESSES


def test_every_word_is_in_both_languages():
    assert all(len(pair) == 2 and all(pair) for pair in words.WORDS.values())


def test_shipped_weights_are_there_and_ones_own_come_first(tmp_path, tiny_network):
    names = list(demo.find_networks(""))
    assert "melnyk" in names
    path = tmp_path / "mine.weights.h5"
    KoOCR(weights=None, network=tiny_network, image_size=16).save(path)
    networks = demo.find_networks(path)
    assert list(networks) == [str(path), *names]
    first = networks[str(path)]()
    assert first.config.network == "tiny" and networks[str(path)]() is first


def test_weights_that_are_not_there_are_an_error(capsys):
    assert demo.main(["--weights=nowhere.weights.h5"]) == 1
    assert "there is no such weight file" in capsys.readouterr().err


def test_the_page_stays_on_this_computer_unless_told():
    assert demo.DemoOptions().host == "127.0.0.1"
    with pytest.raises(ValueError, match="port=0 is too small"):
        demo.DemoOptions(port=0)


def claiming(side):
    """A drawing of a few bytes whose header says that it is as large as this."""
    size = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()


def data_url(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_drawings_come_as_they_were_drawn():
    image = np.full((30, 40), 255, np.uint8)
    image[10:20, 5:9] = 0
    np.testing.assert_array_equal(decode_drawing(data_url(image)), image)
    assert decode_drawing(data_url(image * 0 + 255)) is None
    assert decode_drawing("") is None and decode_drawing(None) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("data:image/gif;base64,R0lGOD", "PNG data URL"),
        ({"path": "/etc/passwd"}, "PNG data URL"),
        ("data:image/png;base64,####", "cannot be read"),
        ("data:image/png;base64,R0lGODlhAQABAAAAACw=", "cannot be read"),
        ("data:image/png;base64," + "A" * 1_000_001, "expected 1000000 or fewer"),
        (data_url(np.zeros((2, 2000), np.uint8)), "larger than 1024 pixels"),
        (claiming(30_000), "cannot be read"),
    ],
)
def test_other_drawings_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        decode_drawing(value)


def test_gradio_reports_nothing_home():
    names = ("GRADIO_ANALYTICS_ENABLED", "HF_HUB_DISABLE_TELEMETRY")
    # In a process of its own: Gradio sets one of them where it is imported first.
    code = f"import os, demo; print(*(os.environ[name] for name in {names}))"
    free = {name: value for name, value in os.environ.items() if name not in names}
    root = Path(demo.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=free, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "1"], done.stderr
