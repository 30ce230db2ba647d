import csv

import cv2
import numpy as np
import pytest

import evaluate
from model import KoOCR
from utils.analysis.appearances import appearance_rows, report_appearances
from utils.analysis.metrics import wilson_interval
from utils.analysis.sources import Chunk
from utils.data.patches import write_patch
from utils.data.scenes.appearances import APPEARANCES, appear, compressed
from utils.hangul import ALL_SYLLABLES, COMPONENTS, split_syllables
from utils.inference.imaging import prepare

STROKES = {
    "고": [(20, 20, 76, 20), (76, 20, 70, 50), (48, 44, 48, 76), (12, 78, 84, 78)],
    "니": [(22, 14, 22, 66), (22, 66, 56, 62), (76, 8, 76, 88)],
    "스": [(48, 12, 18, 56), (50, 26, 78, 56), (10, 78, 86, 78)],
}
LABELS = np.array(list(STROKES))


def draw(syllable):
    image = np.full((96, 96), 255, np.uint8)
    for x0, y0, x1, y1 in STROKES[syllable]:
        cv2.line(image, (x0, y0), (x1, y1), 0, 7, cv2.LINE_AA)
    return image


PICTURES = [draw(syllable) for syllable in STROKES]


class Nearest:
    """Reads the one of three syllables whose prepared picture is nearest."""

    syllables = ALL_SYLLABLES
    config = KoOCR(weights=None, network="compact", image_size=32).config
    known = np.stack([prepare(picture, 32) for picture in PICTURES]).astype(float)

    def probabilities(self, images):
        far = np.abs(images[:, None].astype(float) - self.known).mean(axis=(2, 3))
        parts = split_syllables(LABELS[far.argmin(axis=1)])
        return {n: np.eye(len(k))[parts[n]] for n, k in COMPONENTS.items()}


def chunk(source, pictures=PICTURES, labels=LABELS):
    loaders = [(source, lambda picture=picture: picture) for picture in pictures]
    blank = np.zeros((len(pictures), 32, 32), np.uint8)
    return Chunk(source, blank, labels, np.full(len(labels), "x"), {}, loaders)


@pytest.mark.parametrize("name", APPEARANCES)
def test_appearances_are_coloured_pictures_of_their_generator(name):
    before = PICTURES[0].copy()
    for seed in range(5):
        picture = appear(PICTURES[0], name, np.random.default_rng(seed))
        again = appear(PICTURES[0], name, np.random.default_rng(seed))
        assert picture.dtype == np.uint8 and picture.shape[2] == 3
        assert np.ptp(picture) > 20
        np.testing.assert_array_equal(picture, again)
    np.testing.assert_array_equal(PICTURES[0], before)


def test_a_jpeg_keeps_its_colours():
    ink = np.zeros((48, 48), np.float32)
    ink[8:40, 8:40] = 1
    picture = appear(ink, "JPEG of quality 8", np.random.default_rng(0))
    assert np.ptp(picture.astype(int).mean((0, 1))) < 3  # grey, as it was drawn
    coloured = np.full((48, 48, 3), (200, 120, 40), np.uint8)
    found = compressed(coloured)
    assert np.abs(found.astype(int) - coloured).max() < 16


def test_equally_light_colours_are_gone_in_grey():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        picture = appear(PICTURES[1], "equally light colours", rng)
        gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        assert np.ptp(gray) <= 14 and np.ptp(picture.reshape(-1, 3), axis=0).max() > 110


@pytest.mark.parametrize(("name", "side"), [("28 pixels", 28), ("16 pixels", 16)])
def test_small_pictures_have_as_few_pixels_of_ink(name, side):
    picture = appear(PICTURES[0], name, np.random.default_rng(0))
    assert max(picture.shape) == side


def test_clean_and_framed_pictures_are_read_as_they_are():
    rows = appearance_rows(Nearest(), [chunk("drawn"), chunk("again")])
    assert [row["source"] for row in rows] == ["drawn"] * len(APPEARANCES) + [
        "again"
    ] * len(APPEARANCES)
    found = {row["appearance"]: row for row in rows}
    for name in ("as it is", "equally light colours", "in a box", "on a label"):
        low, high = wilson_interval(3, 3)
        expected = {"count": 3, "top1": 1.0, "low": low, "high": high}
        assert found[name].items() >= expected.items(), name


def test_what_shows_no_ink_and_what_is_another_count_as_wrong():
    blank = np.full((96, 96), 255, np.uint8)
    given = chunk("some", [blank, PICTURES[1]], np.array(["고", "고"]))
    rows = appearance_rows(Nearest(), [given])
    assert rows[0]["appearance"] == "as it is" and rows[0]["top1"] == 0


def test_what_cannot_be_read_counts_as_wrong():
    given = chunk("some", ["nowhere.png", PICTURES[0]], LABELS[[1, 0]])
    given.problems[0] = "nowhere.png: there is no such file"
    for row in appearance_rows(Nearest(), [given])[:1]:
        assert (row["count"], row["top1"]) == (2, 0.5)


def test_evaluate_shows_and_draws_them(tiny_network, tmp_path, capsys):
    weights = tmp_path / "m.weights.h5"
    KoOCR(weights=None, network=tiny_network, fc_link="GAP", image_size=16).save(
        weights
    )
    images = np.stack(PICTURES)
    write_patch(tmp_path / "d" / "clova_0.pickle", images, list(LABELS), ["x"] * 3)
    argv = [f"--data_path={tmp_path / 'd'}", f"--weights={weights}"]
    argv += ["--appearances=true", f"--log_path={tmp_path}", "--max_images=2"]
    assert evaluate.main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0] == "as it comes"
    assert len(lines) >= len(APPEARANCES) + 3
    with open(tmp_path / "appearances.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["appearance"] for row in rows] == list(APPEARANCES)
    assert {row["count"] for row in rows} == {"2"}
    assert (tmp_path / "appearances.png").stat().st_size > 10_000


def test_the_report_names_its_files(tmp_path):
    written = report_appearances(Nearest(), [chunk("drawn")], tmp_path)
    assert [path.name for path in written] == ["appearances.csv", "appearances.png"]
