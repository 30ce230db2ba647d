import numpy as np
import pytest
from conftest import DRAWN, build_font

from utils.analysis.sources import Chunk
from utils.analysis.trust import trust_tables
from utils.analysis.trust.rejection import (
    SCORES,
    certainty,
    rejection_rows,
    score_chunks,
    score_strangers,
)
from utils.hangul import COMPONENTS
from utils.inference.looking import best_probability


def probabilities(images):
    """Heads that are the surer, the darker a picture is."""
    ink = 1 - images.reshape(len(images), -1).mean(1) / 255
    heads = {}
    for name, jamo in COMPONENTS.items():
        rest = (1 - ink[:, None]) / len(jamo)
        heads[name] = np.repeat(rest, len(jamo), axis=1).astype(np.float32)
        heads[name][:, 0] += ink
    return heads


def test_scores_by_hand():
    heads = {"a": np.array([[0.64, 0.36]]), "b": np.array([[0.5, 0.5]])}
    assert best_probability(heads) == pytest.approx([0.32])
    # Roots: .8 and .6 of 1.4; and one half.
    assert SCORES["at twice the temperature"](heads) == pytest.approx(
        [0.8 / 1.4 / 2], rel=1e-5
    )
    entropy = -(0.64 * np.log(0.64) + 0.36 * np.log(0.36)) + np.log(2)
    assert certainty(heads) == pytest.approx([-entropy])
    assert certainty({"a": np.array([[1.0, 0.0]])}) == pytest.approx([0])


def scores(values):
    return {name: np.array(values, float) for name in SCORES}


def test_rows_count_the_pairs_that_are_in_order():
    ours, theirs = [0.9, 0.8, 0.5, 0.7], [0.6, 0.1, 0.7, -np.inf]
    rows = rejection_rows({"hand": scores(ours)}, {"latin": scores(theirs)})
    pairs = [(a > b) + (a == b) / 2 for a in ours for b in theirs]
    assert [row["score"] for row in rows] == list(SCORES)
    for row in rows:
        assert (row["source"], row["kind"], row["count"]) == ("hand", "latin", 4)
        assert row["auroc"] == pytest.approx(np.mean(pairs))
        assert row["threshold"] == 0.5 and row["passed"] == 0.5


def test_the_threshold_keeps_what_it_says():
    values = np.random.default_rng(0).random(1000)
    (row, *_) = rejection_rows({"a": scores(values)}, {"b": scores(values)})
    assert (values >= row["threshold"]).mean() == pytest.approx(0.95, abs=0.002)
    assert row["auroc"] == pytest.approx(0.5)


def test_pictures_are_scored_and_those_without_ink_score_least():
    images = np.stack([np.full((8, 8), level, np.uint8) for level in (0, 100, 255)])
    chunk = Chunk(
        "hand", images, np.array(list("가나다")), np.array(["w"] * 3), {2: ""}
    )
    found = score_chunks([chunk, chunk], probabilities)["hand"]
    for name in SCORES:
        assert found[name].shape == (6,)
        assert found[name][0] > found[name][1] > found[name][2] == -np.inf


def test_strangers_are_scored(tmp_path):
    build_font(tmp_path / "a.ttf", "A", [*DRAWN[:9], *"ABcd"], (), ())
    found = score_strangers(tmp_path, 16, probabilities, 6)
    assert set(found) == {"blank", "latin", "several", "noise"}
    for kind, each in found.items():
        assert all(len(values) == 6 for values in each.values())
        assert np.isinf(each["entropy"]).all() == (kind == "blank")


def test_the_printed_threshold_rejects_no_more_than_it_says():
    assert [trust_tables._below(x) for x in (0.99996, 0.12345, -0.1)] == [
        0.9999,
        0.1234,
        0,
    ]
