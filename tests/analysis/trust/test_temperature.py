import numpy as np
import pytest
from sklearn.metrics import log_loss

from utils.analysis.samples import Sample, collect, count, join
from utils.analysis.sources import Chunk
from utils.analysis.trust.temperature import (
    best_answers,
    calibration_rows,
    fit_temperature,
    negative_log_likelihood,
    why_unfitted,
)
from utils.hangul import ALL_SYLLABLES, COMPONENTS, FLAT_HEAD, join_indices

SIZES = {name: len(jamo) for name, jamo in COMPONENTS.items()}


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def draw(rows, temperature, seed=0, sharpness=3.0):
    """A sample whose targets follow its probabilities at a temperature."""
    rng = np.random.default_rng(seed)
    heads, targets = {}, {}
    for name, size in SIZES.items():
        logits = sharpness * rng.normal(size=(rows, size))
        heads[name] = softmax(logits).astype(np.float32)
        true = softmax(logits / temperature).cumsum(1)
        true[:, -1] = 1  # but for rounding
        targets[name] = (true < rng.random((rows, 1))).sum(1)
    return Sample(heads, targets)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_behind_the_pictures_is_found(temperature):
    assert fit_temperature(draw(4000, temperature)) == pytest.approx(temperature, 0.05)


def test_likelihood_is_that_of_scikit_learn():
    sample = draw(50, 1.0)
    expected = sum(
        log_loss(sample.targets[name], sample.heads[name], labels=range(size))
        for name, size in SIZES.items()
    )
    assert negative_log_likelihood(sample) == pytest.approx(expected, rel=1e-5)


def test_zero_probability_of_the_truth_is_no_infinity():
    heads = {FLAT_HEAD: np.array([[1.0, 0.0]], np.float32)}
    sample = Sample(heads, {FLAT_HEAD: np.array([1])})
    assert negative_log_likelihood(sample) == pytest.approx(-np.log(1e-38))
    assert fit_temperature(sample) == pytest.approx(20, rel=0.01)


def test_best_answers_are_right_if_all_three_jamo_are():
    sample = draw(300, 1.0)
    confidence, right = best_answers(sample)
    true = join_indices(**sample.targets)
    joint = np.einsum(
        "ri,rm,rf->rimf", *(sample.heads[name].astype(float) for name in SIZES)
    ).reshape(300, -1)
    np.testing.assert_allclose(confidence, joint.max(1))
    np.testing.assert_array_equal(right, joint.argmax(1) == true)


def test_rows_tell_what_a_temperature_is_worth():
    samples = {"hand": draw(1501, 2.0, 1), "printed": draw(1000, 2.0, 2)}
    temperature, rows = calibration_rows(samples)
    assert temperature == pytest.approx(2, 0.1)
    assert [(row["source"], row["count"]) for row in rows] == [
        ("hand", 1501),
        ("printed", 1000),
        ("all", 2501),
    ]
    for row in rows:
        assert row["ece_after"] < 0.06 < 0.15 < row["ece"]
        assert row["nll_after"] < row["nll"]
        assert row["confidence"] - row["syllable"] == pytest.approx(row["ece"], abs=0.1)


def test_each_half_is_judged_at_the_temperature_of_the_other():
    even, odd = draw(200, 1.0, 3), draw(200, 3.0, 4)
    mixed = Sample(
        *(
            {k: np.stack([a[k], b[k]], 1).reshape(400, *a[k].shape[1:]) for k in a}
            for a, b in zip(even, odd, strict=True)
        )
    )
    _, (row,) = calibration_rows({"one": mixed})
    crossed = [
        negative_log_likelihood(even, fit_temperature(odd)),
        negative_log_likelihood(odd, fit_temperature(even)),
    ]
    assert row["nll_after"] == pytest.approx(np.mean(crossed))


@pytest.mark.parametrize("samples", [{}, {"a": draw(1, 1.0)}])
def test_too_few_pictures_are_an_error(samples):
    with pytest.raises(ValueError, match="two pictures at least"):
        calibration_rows(samples)


def test_no_pictures_have_no_temperature():
    with pytest.raises(ValueError, match="no pictures to fit"):
        fit_temperature(draw(0, 1.0))


def test_where_nearly_all_is_right_nothing_is_fitted():
    heads = {FLAT_HEAD: np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], np.float32)}
    sample = Sample(heads, {FLAT_HEAD: np.array([0, 0, 1])})
    found = fit_temperature(sample)
    expected = "from so few errors: 0 of 3 pictures are read wrongly"
    assert expected in why_unfitted(found, 0, 3)
    assert "so few errors: 1 of 3" in why_unfitted(0.0502, 1, 3)
    assert "2 of 3 pictures are read wrongly, and the best would be above 20" in (
        why_unfitted(19.95, 2, 3)
    )
    assert why_unfitted(0.8, 1, 3) == ""


def chunk(labels, problems=(), source="hand"):
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None].repeat(2, 1)
    groups = np.full(len(labels), "w")
    return Chunk(
        source, images, np.array(list(labels)), groups, dict.fromkeys(problems, "")
    )


def test_pictures_are_collected_with_their_classes():
    def probabilities(images):  # tell the pictures apart
        level = images[:, 0, :1].astype(float)
        return {name: level + np.zeros((1, size)) for name, size in SIZES.items()}

    chunks = [chunk("가각힣", [1]), chunk("나"), chunk("다", source="printed")]
    found = collect(chunks, probabilities, ALL_SYLLABLES)
    assert {source: count(each) for source, each in found.items()} == {
        "hand": 3,
        "printed": 1,
    }
    assert found["hand"].heads["final"][:, 0].tolist() == [0, 2, 0]
    assert found["hand"].targets["initial"].tolist() == [0, 18, 2]
    assert found["hand"].targets["final"].tolist() == [0, 27, 0]


def test_a_flat_head_leaves_out_what_it_has_no_class_for():
    def probabilities(images):
        return {FLAT_HEAD: images[:, 0, :1] + np.zeros((1, 2))}

    chunks = [chunk("나힣가"), chunk("힣", source="other")]
    found = collect(chunks, probabilities, ("가", "나"))
    assert list(found) == ["hand"]
    assert found["hand"].heads[FLAT_HEAD][:, 0].tolist() == [0, 2]
    assert found["hand"].targets[FLAT_HEAD].tolist() == [1, 0]


def test_samples_are_joined_head_by_head():
    joined = join([draw(2, 1.0, 1), draw(3, 1.0, 2)])
    assert count(joined) == 5 and joined.heads["medial"].shape == (5, 21)
