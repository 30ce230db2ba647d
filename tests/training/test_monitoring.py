import math
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from utils.training.monitoring import (
    EVERY,
    Diverged,
    DivergenceMonitor,
    loss_of_a_guess,
)

GUESS = 9.0


def make():
    weight = keras.Variable(np.float32([1, 2]), name="weight")
    return weight, DivergenceMonitor([weight], GUESS)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_seen_at_once(loss):
    with pytest.raises(Diverged, match=f"the loss became {loss}"):
        make()[1].see(loss)


@pytest.mark.parametrize(
    "losses",
    [
        [9.0] * 200,  # it never learns: no reason to stop
        np.linspace(9, 0.1, 200),
        [20.0] * 10 + [9.0] * 200,  # a bad start
        [0.1] * 100 + [500.0] + [0.1] * 100,  # one bad batch
        [0.05] * 100 + [2.0] * 300,  # tuning that starts with less distortion
    ],
)
def test_what_happens_in_good_runs_is_let_pass(losses):
    watch = make()[1]
    for loss in losses:
        watch.see(loss)


def test_a_loss_far_above_a_guess_is_divergence():
    watch = make()[1]
    with pytest.raises(Diverged, match=r"rose to 40\.00.*knows nothing has 9\.00"):
        for _ in range(EVERY):
            watch.see(40.0)


def test_few_steps_are_enough_where_nothing_can_be_hoped_for():
    """As of nine pictures, an epoch a step, at a learning rate of 1."""
    watch = make()[1]
    for _ in range(4):
        watch.see(33_000.0)
    with pytest.raises(Diverged, match=r"the mean of the first 5 steps .* has 9\.00"):
        watch.see(33_000.0)


def test_what_was_learnt_and_lost_is_divergence():
    watch = make()[1]
    for _ in range(200):
        watch.see(0.5)
    with pytest.raises(Diverged, match=r"rose to .* \(0\.50 at its best"):
        for _ in range(400):
            watch.see(9.5)
    assert watch.facts["steps"] < 500  # not long after


def test_the_weights_of_the_good_time_are_put_back():
    weight, watch = make()
    watch.keep("the start")
    for _ in range(EVERY):
        watch.see(1.0)
    weight.assign([3, 4])
    watch.keep("step 50")
    for _ in range(20):
        watch.see(8.0)  # it rises
    weight.assign([5, 6])
    watch.keep("step 70")
    assert watch.good["place"] == "step 50"
    watch.put_back()
    np.testing.assert_array_equal(np.asarray(weight), [3, 4])


def test_weights_that_are_no_numbers_are_never_kept():
    weight, watch = make()
    watch.keep("the start")
    weight.assign([np.nan, 1])
    with pytest.raises(Diverged, match="the weights weight hold NaN or infinity"):
        watch.keep("step 1")
    watch.put_back()
    np.testing.assert_array_equal(np.asarray(weight), [1, 2])


def test_the_loss_of_a_guess():
    heads = {"initial": (None, 19), "medial": (None, 21), "final": (None, 28)}
    outputs = {name: SimpleNamespace(shape=shape) for name, shape in heads.items()}
    assert loss_of_a_guess(outputs, 0.3) == pytest.approx(math.log(11172))
    twice = {"syllable": SimpleNamespace(shape=(None, 2, 2350))}
    assert loss_of_a_guess(twice, 0.3) == pytest.approx(1.3 * math.log(2350))
