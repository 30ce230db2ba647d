import keras
import numpy as np
import pytest

from utils.nn.low_rank import LowRankConv2D
from utils.nn.pruning import DropWeight, heavy_variables, share_weights


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    images = keras.Input((6, 6, 2))
    x = keras.layers.Conv2D(8, 3, use_bias=False)(images)
    x = LowRankConv2D(8, 3, 3)(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dense(5, name="head")(keras.layers.Flatten()(x))
    return keras.Model(images, x)


def test_heavy_variables_are_kernels_of_every_kind(model):
    shapes = [tuple(v.shape) for v in heavy_variables(model)]
    assert shapes == [(3, 3, 2, 8), (3, 1, 8, 3), (1, 3, 3, 8), (128, 5)]


def test_weights_drop_for_good_though_momentum_revives_them(model, rng):
    model.compile(keras.optimizers.SGD(0.002, momentum=0.9), "mse")
    images = rng.normal(size=(8, 6, 6, 2)).astype(np.float32)
    targets = rng.normal(size=(8, 5)).astype(np.float32)
    variables = heavy_variables(model)
    drop, shares, dead = DropWeight(variables, 0.6, rising=40), [], None
    for _ in range(60):
        model.train_on_batch(images, targets)
        drop.after_step()
        zeros = [np.array(v) == 0 for v in variables]
        if dead:
            assert all((was <= now).all() for was, now in zip(dead, zeros, strict=True))
        dead = zeros
        shares.append(drop.dropped())
    assert shares == sorted(shares) and shares[8] == 0  # rises every ten steps
    assert shares[-1] == pytest.approx(0.6, abs=0.005)
    assert len(set(shares[39:])) == 1
    for variable in variables:  # each kernel on its own
        assert (np.array(variable) == 0).mean() == pytest.approx(0.6, abs=0.02)


def test_the_smallest_weights_drop_first(model):
    variable = heavy_variables(model)[0]
    values = np.arange(1, 145, dtype=np.float32).reshape(variable.shape)
    variable.assign(values * np.where(values % 2, 1, -1))
    drop = DropWeight([variable], 0.25, rising=1)
    drop.after_step()
    np.testing.assert_array_equal(np.array(variable) == 0, values <= 36)


def test_a_later_run_finds_its_masks_in_the_zeros(model):
    variables = heavy_variables(model)
    first = DropWeight(variables, 0.5, rising=1)
    first.after_step()
    again = DropWeight(variables, 0.0, rising=1)
    assert again.dropped() == pytest.approx(first.dropped())


def test_shared_weights_are_few_near_and_leave_zeros(model):
    variables = heavy_variables(model)
    DropWeight(variables, 0.3, rising=1).after_step()
    before = [np.array(v) for v in variables]
    share_weights(variables, 16)
    for old, variable in zip(before, variables, strict=True):
        new = np.array(variable)
        np.testing.assert_array_equal(new == 0, old == 0)
        assert len(np.unique(new[new != 0])) <= 16
        centres = np.unique(new[new != 0])
        nearest = np.abs(old[..., None] - centres).min(-1)  # by brute force
        np.testing.assert_allclose(np.abs(old - new)[old != 0], nearest[old != 0])
