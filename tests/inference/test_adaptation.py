import numpy as np
import pytest

from utils.hangul import COMPONENTS
from utils.inference.adaptation import (
    DOUBLE_PULL_PICTURES,
    PULL_STRENGTH,
    adapt,
    fit_affine,
    fit_prototypes,
    fold,
    one_hot,
)
from utils.inference.prior import EVEN_PRIOR, Prior

UNITS = 12
SIZES = {name: len(jamo) for name, jamo in COMPONENTS.items()}


def draw_targets(rng, count):
    return {name: rng.integers(0, size, count) for name, size in SIZES.items()}


def test_one_hot_marks_one_jamo_a_head():
    found = one_hot({"initial": [2, 0], "medial": [20, 1], "final": [27, 3]})
    assert found.shape == (2, 69)
    places = [np.flatnonzero(row).tolist() for row in found]
    assert places == [[0, 3, 1 + 19 + 20, 1 + 19 + 21 + 27], [0, 1, 21, 44]]


def test_prototypes_are_the_parts_that_features_are_made_of(rng):
    targets = draw_targets(rng, 4000)
    parts = rng.normal(size=(69, UNITS))
    features = one_hot(targets) @ parts + rng.normal(size=(4000, UNITS)) * 0.1
    found = one_hot(targets) @ fit_prototypes(features, targets)
    np.testing.assert_allclose(found, one_hot(targets) @ parts, atol=0.12)


def test_affine_minimises_its_sum(rng):
    x, wanted = rng.normal(size=(2, 30, 3))
    weights, strength = rng.random(30), 0.2
    beta = strength * weights.sum() * np.mean(x**2)
    gamma = strength * weights.sum()

    def cost(matrix, offset):
        errors = ((x @ matrix.T + offset - wanted) ** 2).sum(axis=1)
        pull = beta * ((matrix - np.eye(3)) ** 2).sum() + gamma * (offset**2).sum()
        return (weights * errors).sum() + pull

    matrix, offset = fit_affine(x, wanted, weights, strength)
    best = cost(matrix, offset)
    for _ in range(200):  # every step away costs more
        away = rng.normal(size=(3, 3)) * 1e-3, rng.normal(size=3) * 1e-3
        assert cost(matrix + away[0], offset + away[1]) > best


def test_affine_without_end_of_strength_leaves_features_alone(rng):
    x, wanted = rng.normal(size=(2, 30, 3))
    matrix, offset = fit_affine(x, wanted, np.ones(30), 1e9)
    np.testing.assert_allclose(matrix, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(offset, 0, atol=1e-6)


@pytest.mark.parametrize("looks", [1, 2])
@pytest.mark.parametrize("shift", [0.0, 1.2])
def test_a_shifted_writer_is_read_better_and_a_usual_one_no_worse(rng, shift, looks):
    parts = 3 * np.linalg.qr(rng.normal(size=(80, 69)))[0].T  # at right angles
    targets = draw_targets(rng, 1500)
    features = one_hot(targets) @ parts + rng.normal(size=(1500, 80)) * 0.6
    features += shift * rng.normal(size=80)
    ends = np.cumsum(list(SIZES.values()))
    heads = np.split(parts[1:], ends[:-1])

    def answer(looks):
        x, shares = sum(looks) / len(looks), {}
        for name, head in zip(SIZES, heads, strict=True):
            scores = np.exp(x @ head.T - 4.5)
            shares[name] = scores / scores.sum(axis=1, keepdims=True)
        return shares

    def right(x):
        found = answer([x])
        return np.mean([(found[n].argmax(1) == targets[n]).mean() for n in SIZES])

    noise = rng.normal(size=features.shape) * 0.1
    both = [features, features + noise][:looks]
    matrix, offset = adapt(both, parts, answer)
    before, after = right(features), right(features @ matrix.T + offset)
    assert after > before + 0.05 if shift else after >= before - 0.01


@pytest.mark.parametrize(
    ("prior", "syllable"), [(EVEN_PRIOR, "믜"), (Prior(0.3, 0), "미")]
)
def test_a_doubtful_answer_is_learnt_as_it_would_be_given(rng, prior, syllable):
    x, prototypes = rng.normal(size=(8, UNITS)), rng.normal(size=(69, UNITS))
    heads = {name: np.zeros((8, size)) for name, size in SIZES.items()}
    heads["initial"][:, 6] = heads["final"][:, 0] = 1  # ㅁ, and no final
    heads["medial"][:, 19], heads["medial"][:, 20] = 0.6, 0.4  # ㅢ or ㅣ
    found = adapt([x], prototypes, lambda looks: heads, prior, iterations=1)
    medial = {"믜": 19, "미": 20}[syllable]
    wanted = (prototypes[0] + prototypes[1 + 6]) + prototypes[1 + 19 + medial]
    wanted = np.tile(wanted + prototypes[1 + 19 + 21], (8, 1))
    # All are as sure; by so few pictures the pull is stronger.
    expected = fit_affine(
        x, wanted, np.ones(8), PULL_STRENGTH * (1 + DOUBLE_PULL_PICTURES / 8)
    )
    np.testing.assert_allclose(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0])


def test_folded_head_is_layer_and_head(rng):
    x, matrix = rng.normal(size=(7, 5)), rng.normal(size=(5, 5))
    offset, kernel, bias = (
        rng.normal(size=5),
        rng.normal(size=(5, 4)),
        rng.normal(size=4),
    )
    expected = (x @ matrix.T + offset) @ kernel + bias
    folded = fold(matrix, offset, kernel, bias)
    np.testing.assert_allclose(x @ folded[0] + folded[1], expected, atol=1e-5)
