import keras
import numpy as np
import pytest

from utils.hangul import COMPONENTS
from utils.nn.losses import (
    EARLY_WEIGHT,
    LOSSES,
    HeadLoss,
    JointRivalModel,
    LastAccuracy,
    joint_logits,
    make_losses,
    rival_loss,
)

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(6, 5)).astype("float32") * 3
LABELS = np.int32([0, 1, 2, 3, 4, 0])


def nll(logits, labels):
    """Negative log likelihood of every row, in double precision."""
    logits = logits.astype(float)
    return np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(labels)), labels]


def rivals_of(logits, labels, count):
    """The rivals' loss of every row, by sorting."""
    rows = []
    for row, label in zip(logits.astype(float), labels, strict=True):
        wrong = np.sort(np.delete(row, label))[::-1][:count]
        rows.append(np.log1p(np.exp(wrong - row[label])).mean())
    return np.array(rows)


def value(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def test_loss_is_the_cross_entropy_of_logits_by_name():
    losses = make_losses(["initial", "final"])
    assert set(losses) == {"initial", "final"}
    # A confident, correct prediction: where a softmax is taken for logits, or the other
    # way round, this comes out as something else.
    logits, target = np.array([[4.0, -3.0, -2.0, 0.5]], "float32"), np.array([0])
    expected = np.log(np.exp(logits).sum()) - 4
    assert abs(float(value(losses["final"](target, logits))) - expected) < 1e-5


@pytest.mark.parametrize("count", [1, 3, 9])
def test_rivals_are_the_strongest_wrong_classes(count):
    found = value(rival_loss(LABELS, LOGITS, count))
    np.testing.assert_allclose(found, rivals_of(LOGITS, LABELS, count), atol=1e-5)


def test_rivals_of_two_classes_are_the_cross_entropy():
    logits = LOGITS[:, :2]
    labels = LABELS % 2
    found = value(rival_loss(labels, logits, 3))
    np.testing.assert_allclose(found, nll(logits, labels), atol=1e-5)


def test_hybrid_adds_the_rivals_and_cross_entropy_does_not():
    plain = make_losses(["a"], "cross-entropy", 0.7)["a"]
    hybrid = make_losses(["a"], "hybrid", 0.7)["a"]
    expected = nll(LOGITS, LABELS).mean()
    assert abs(float(value(plain(LABELS, LOGITS))) - expected) < 1e-5
    expected += 0.7 * rivals_of(LOGITS, LABELS, 3).mean()
    assert abs(float(value(hybrid(LABELS, LOGITS))) - expected) < 1e-5


def test_several_answers_are_all_supervised_and_the_last_is_counted():
    steps = RNG.normal(size=(6, 3, 5)).astype("float32")
    first, *others = (nll(steps[:, step], LABELS).mean() for step in range(3))
    expected = EARLY_WEIGHT * first + sum(others) / 2
    assert abs(float(value(HeadLoss()(LABELS, steps))) - expected) < 1e-5
    accuracy = LastAccuracy()
    accuracy.update_state(LABELS, steps)
    right = (steps[:, -1].argmax(axis=1) == LABELS).mean()
    assert abs(float(value(accuracy.result())) - right) < 1e-6


def heads(rows=2):
    return {
        name: RNG.normal(size=(rows, len(jamo))).astype("float32")
        for name, jamo in COMPONENTS.items()
    }


def test_joint_logits_are_the_log_probabilities_of_all_syllables():
    logits = heads()
    found = value(joint_logits(logits))
    assert found.shape == (2, 11172)
    for place in (0, 1, 28, 588, 11171):
        jamo = place // 588, place // 28 % 21, place % 28
        expected = -sum(
            nll(logits[name], np.int32([index] * 2))
            for name, index in zip(COMPONENTS, jamo, strict=True)
        )
        np.testing.assert_allclose(found[:, place], expected, atol=1e-4)


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_joint_hybrid_adds_the_rivals_among_syllables(weight):
    logits = heads()
    inputs = {name: keras.Input((len(j),), name=name) for name, j in COMPONENTS.items()}
    model = JointRivalModel(inputs=inputs, outputs=inputs, rival_weight=weight)
    model.compile(loss=make_losses(list(COMPONENTS)))
    labels = {"initial": [3, 0], "medial": [2, 20], "final": [1, 27]}
    labels = {name: np.int32(each) for name, each in labels.items()}
    expected = sum(nll(logits[name], labels[name]).mean() for name in COMPONENTS)
    places = (labels["initial"] * 21 + labels["medial"]) * 28 + labels["final"]
    rivals = rivals_of(value(joint_logits(logits)), places, 3).mean()
    found = float(value(model.compute_loss(logits, labels, logits)))
    assert abs(found - expected - weight * rivals) < 1e-4


def test_table_names_every_loss_once():
    assert list(LOSSES) == ["cross-entropy", "hybrid", "joint-hybrid"]
