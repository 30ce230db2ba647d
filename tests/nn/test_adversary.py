import keras
import numpy as np
import pytest

from utils.nn.adversary import WRITER, WriterAccuracy, WriterDiscriminator, WriterLoss
from utils.nn.heads import POOLING
from utils.training.compiling import compile_model
from utils.training_config import TrainConfig


def network():
    """A linear trunk of pooled features with one head, weights always the same."""
    keras.utils.set_random_seed(0)
    images = keras.Input((6,))
    features = keras.layers.Dense(4, name=POOLING)(images)
    dropped = keras.layers.Dropout(0.5)(features)
    logits = keras.layers.Dense(3, name="head")(dropped)
    return keras.Model(images, {"syllable": logits})


def batch():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(8, 6)).astype(np.float32)
    targets = {"syllable": np.arange(8, dtype=np.int32) % 3}
    return images, targets, np.arange(8, dtype=np.int32) % 2


def fitted(ratio, learns=True, optimizer="sgd", steps=3):
    """Trains a few steps; returns the network's weights and the whole model."""
    model = network()
    options = TrainConfig(optimizer=optimizer, learning_rate=0.05)
    adversary = None if ratio is None else (ratio, 1, learns)
    whole = compile_model(model, options, adversary)
    images, targets, written = batch()
    for _ in range(steps):
        more = {} if ratio is None else {WRITER: written}
        whole.train_on_batch(images, targets | more)
    return model.get_weights(), whole


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_ratio_of_zero_is_the_plain_run_bit_for_bit(optimizer):
    plain, _ = fitted(None, optimizer=optimizer)
    zero, whole = fitted(0.0, optimizer=optimizer)
    for one, other in zip(plain, zero, strict=True):
        np.testing.assert_array_equal(one, other)
    changed, _ = fitted(0.5, optimizer=optimizer)
    assert not np.array_equal(plain[0], changed[0])


def test_a_judge_that_does_not_learn_stays_as_it_is():
    _, before = fitted(1.0, learns=False, steps=0)
    _, after = fitted(1.0, learns=False)
    judges = [model.get_layer(WRITER) for model in (before, after)]
    assert not judges[1].trainable_weights
    for one, other in zip(*(judge.get_weights()[:4] for judge in judges), strict=True):
        np.testing.assert_array_equal(one, other)


def test_logits_are_those_of_numpy():
    judge = WriterDiscriminator(0.5, warmup=4)
    x = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    logits = keras.ops.convert_to_numpy(judge(x))
    hidden, hidden_bias, last, last_bias, _ = map(np.array, judge.get_weights())
    expected = np.maximum(x @ hidden + hidden_bias, 0) @ last + last_bias
    np.testing.assert_allclose(logits, np.repeat(expected, 2, 1), atol=1e-5)


def test_the_share_rises_over_the_first_calls():
    judge = WriterDiscriminator(0.5, warmup=4)
    x = np.ones((2, 3), np.float32)
    judge(x)  # a call at prediction does not count
    assert float(judge.calls) == 0
    for count in range(1, 4):
        judge(x, training=True)
        assert float(judge.calls) == count


def test_losses_are_those_of_numpy():
    logits = np.array([[2.0, 2.0], [-1.0, -1.0], [0.5, 0.5]], np.float32)
    labels = np.array([1, 1, 0])
    own = np.log1p(np.exp(-np.where(labels, 1, -1) * logits[:, 0]))
    fooled = np.log1p(np.exp(np.where(labels, 1, -1) * logits[:, 1]))
    loss = WriterLoss(reduction="none")(labels, logits)
    np.testing.assert_allclose(np.array(loss), own + fooled, rtol=1e-5)
    metric = WriterAccuracy()
    metric.update_state(labels, logits)
    assert float(metric.result()) == pytest.approx(1 / 3)


def trained(ratio, learns):
    """Returns the figures of the last step on pictures that tell their writer."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    written = np.arange(64, dtype=np.int32) % 2
    labels = np.arange(64, dtype=np.int32) // 2 % 3
    images = rng.normal(size=(64, 6)).astype(np.float32)
    images[:, 0] += 4 * written
    options = TrainConfig(optimizer="adam", learning_rate=0.02)
    whole = compile_model(network(), options, (ratio, 1, learns))
    for _ in range(100):
        whole.reset_metrics()
        targets = {"syllable": labels, WRITER: written}
        figures = whole.train_on_batch(images, targets, return_dict=True)
    return figures


def test_the_discriminator_learns_to_tell_and_features_learn_to_fool():
    assert trained(ratio=0.0, learns=True)["writer_accuracy"] > 0.85
    # A random judge that stays as it is: in the end it says the opposite.
    assert trained(ratio=5.0, learns=False)["writer_accuracy"] < 0.3
