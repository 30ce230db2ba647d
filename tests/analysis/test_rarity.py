import csv

import numpy as np
import pytest

import evaluate
from model import KoOCR
from utils.analysis.rarity import rarity_rows, report_rarity
from utils.analysis.sources import Chunk
from utils.data.patches import write_patch
from utils.hangul import ALL_SYLLABLES
from utils.inference.prior import Prior


class Doubting:
    """Reads 갂, which KS X 1001 lacks, by .6, and 각, which it has, by .4."""

    syllables = ALL_SYLLABLES

    def probabilities(self, images):
        heads = {n: np.zeros((len(images), k)) for n, k in self.sizes.items()}
        heads["initial"][:, 0] = heads["medial"][:, 0] = 1
        heads["final"][:, 2], heads["final"][:, 1] = 0.6, 0.4
        return heads

    sizes = {"initial": 19, "medial": 21, "final": 28}


def chunk(source, labels, problems=None):
    blank = np.zeros((len(labels), 8, 8), np.uint8)
    groups = np.full(len(labels), source)
    return Chunk(source, blank, np.array(list(labels)), groups, problems or {})


# 갂 stays before 각 as long as the weight is above .4 / .6.
COMMON = {"1": 0.0, "0.3": 1.0, "0.1": 1.0, "0.03": 1.0, "0.01": 1.0, "0.001": 1.0}
# Text has 각 2,220 times as often: 갂 stays before while that to `text` is below 1.5.
OFTEN = {"0": 0.0, "0.05": 0.0, "0.1": 1.0, "0.2": 1.0} | {
    "0.3": 1.0,
    "0.5": 1.0,
    "1": 1.0,
}


@pytest.mark.parametrize(
    ("name", "prior", "shares"),
    [("rare", Prior(0.5, 0), COMMON), ("text", Prior(1, 0.5), OFTEN)],
)
def test_common_syllables_gain_what_rare_ones_lose(name, prior, shares):
    chunks = [chunk("text", "각각"), chunk("text", "각"), chunk("all", "갂각")]
    text, everything = rarity_rows(Doubting(), chunks, prior)[name]
    assert text == {"source": "text", "count": 3} | shares
    assert everything == {"source": "all", "count": 2} | dict.fromkeys(shares, 0.5)


def test_what_cannot_be_prepared_is_wrong():
    found = rarity_rows(Doubting(), [chunk("text", "각각", {1: "torn"})])
    assert found["rare"][0]["0.1"] == found["text"][0]["0.1"] == 0.5


def test_the_tables_are_shown_and_written(capsys, tmp_path):
    prior = Prior(1, 0)
    paths = report_rarity(Doubting(), [chunk("text", "각각")], tmp_path, prior)
    header, line = capsys.readouterr().out.splitlines()[:2]
    assert "rare 0.3" in header
    assert line.split()[:4] == ["text", "2", "0.00", "100.00"]
    for path, name in zip(paths, ("rare", "text"), strict=True):
        assert path.name == f"rarity_{name}.csv"
        with open(path, encoding="utf-8-sig", newline="") as file:
            assert float(next(csv.DictReader(file))["0.1"]) == 1


def test_evaluate_shows_it_of_any_weights(tiny_network, tmp_path, capsys):
    weights = tmp_path / "m.weights.h5"
    KoOCR(weights=None, network=tiny_network, fc_link="GAP", image_size=16).save(
        weights
    )
    pictures = np.random.default_rng(0).integers(0, 256, (3, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "data" / "printed_0.pickle", pictures, list("가갂각"))
    flags = [f"--weights={weights}", f"--data_path={tmp_path / 'data'}"]
    flags += ["--rarity=true", f"--log_path={tmp_path}"]
    assert evaluate.main(flags) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["printed", "3"]
    assert (tmp_path / "rarity_rare.csv").is_file()
    assert (tmp_path / "rarity_text.csv").is_file()
