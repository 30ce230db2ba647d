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
        # Of 300 pictures, by muon at 0.02 (compact, 32 pixels): it comes back.
        [9.3, 98.9, 158.0, 138.9, 132.8, 114.3, 84.2, 58.6] + [40.0] * 30 + [9.0] * 99,
        ([40.0] * 4 + [20.0]) * 40,  # far above, but it may be falling
        [0.5] * 100 + ([30.0] * 4 + [5.0]) * 20,
    ],
)
def test_what_happens_in_good_runs_is_let_pass(losses):
    watch = make()[1]
    for loss in losses:
        watch.see(loss)


def test_a_loss_far_above_a_guess_is_divergence():
    watch = make()[1]
    for _ in range(EVERY - 1):
        watch.see(40.0)
    told = r"^the loss of the last 5 steps was 39\.00 to 40\.00 \(a n.* has 9\.00\)$"
    with pytest.raises(Diverged, match=told):
        watch.see(39.0)


def test_few_steps_are_enough_where_nothing_can_be_hoped_for():
    """As of nine pictures, an epoch a step, at a learning rate of 1."""
    watch = make()[1]
    for _ in range(4):
        watch.see(33_000.0)
    with pytest.raises(Diverged, match=r"last 5 steps was 32000\.00 to 33000"):
        watch.see(32_000.0)


def test_what_was_learnt_and_lost_is_divergence():
    watch = make()[1]
    for _ in range(200):
        watch.see(0.5)
    with pytest.raises(Diverged, match=r"to 9\.50, after 0\.50 at its best \(a net"):
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
    assert watch.good["loss"] == pytest.approx(1.0)
    watch.put_back()
    np.testing.assert_array_equal(np.asarray(weight), [3, 4])


def test_weights_of_a_loss_above_that_of_the_start_are_not_kept():
    """Before the loss has ever fallen there is nothing better than the start."""
    weight, watch = make()
    watch.keep("the start")
    for loss in [9.0] * 5 + [25.0] * (EVERY - 5):
        watch.see(loss)
    weight.assign([5, 6])
    watch.keep("step 50")
    assert (watch.good["place"], watch.good["loss"]) == ("the start", None)


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
