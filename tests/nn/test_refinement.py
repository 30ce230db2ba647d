import keras
import numpy as np
import pytest

from utils.nn.refinement import IterativeRefiner, LastStep

CLASSES = {"initial": 3, "medial": 4}
FEATURES = np.random.default_rng(0).normal(size=(2, 2, 3, 5)).astype("float32")


def looks(refiner, features=FEATURES):
    return {name: np.asarray(each) for name, each in refiner(features).items()}


def built(**options):
    keras.utils.set_random_seed(1)
    return IterativeRefiner(CLASSES, units=16, **options)


def test_every_step_answers_with_every_head():
    found = looks(built(steps=3))
    assert {n: each.shape for n, each in found.items()} == {
        "initial": (2, 3, 3),
        "medial": (2, 3, 4),
    }
    for each in found.values():  # no head stands still
        assert np.abs(np.diff(each, axis=1)).max(axis=(0, 2)).min() > 1e-4


def test_steps_before_do_not_depend_on_how_many_follow():
    short, long = looks(built(steps=2)), looks(built(steps=4))
    for name in CLASSES:
        np.testing.assert_allclose(short[name], long[name][:, :2], atol=1e-6)


def test_answers_are_fed_back_to_all_heads():
    fed, blind = looks(built(steps=2)), looks(built(steps=2, feedback=False))
    for name in CLASSES:
        np.testing.assert_allclose(fed[name][:, 0], blind[name][:, 0], atol=1e-6)
        assert np.abs(fed[name][:, 1] - blind[name][:, 1]).max() > 1e-6
    refiner = built(steps=2)
    looks(refiner)
    bias = refiner.heads["initial"].bias
    before = looks(refiner)["medial"]
    bias.assign(np.float32([5, -5, 0]))  # another head's first answer...
    after = looks(refiner)["medial"]
    np.testing.assert_allclose(before[:, 0], after[:, 0], atol=1e-6)
    assert np.abs(before[:, 1] - after[:, 1]).max() > 1e-4  # ...changes the second look


def test_pictures_do_not_meet():
    refiner = built(steps=2)
    whole, alone = looks(refiner), looks(refiner, FEATURES[1:])
    for name in CLASSES:
        np.testing.assert_allclose(whole[name][1:], alone[name], atol=1e-5)


@pytest.mark.parametrize("feedback", [True, False])
def test_config_makes_the_same_layer(feedback):
    refiner = built(steps=3, feedback=feedback)
    again = IterativeRefiner.from_config(refiner.get_config())
    assert again.get_config() == refiner.get_config()
    shapes = refiner.compute_output_shape(FEATURES.shape)
    assert shapes == {n: each.shape for n, each in looks(again).items()}


def test_last_step_is_the_last():
    steps = np.arange(24, dtype="float32").reshape(2, 3, 4)
    layer = LastStep()
    np.testing.assert_array_equal(np.asarray(layer(steps)), steps[:, 2])
    assert layer.compute_output_shape((2, 3, 4)) == (2, 4)
