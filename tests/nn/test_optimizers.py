import keras
import numpy as np
import pytest

from utils.nn.optimizers import OPTIMIZERS, AdaBound, Muon, make_optimizer
from utils.nn.orthogonalising import orthogonalise

# Of the authors' code: weight 1, gradients .1, -.2, .3, default arguments.
GOLDEN = [0.9990000032, 0.9993661062, 0.9990228654]
GRADIENTS = [0.1, -0.2, 0.3]


def run(optimizer, gradients, start=1.0):
    weight = keras.Variable(np.float32(start))
    optimizer.build([weight])
    values = []
    for gradient in gradients:
        optimizer.apply([np.float32(gradient)], [weight])
        values.append(float(np.asarray(weight)))
    return values


def reference(gradients, lr=1e-3, final_lr=0.1, gamma=1e-3, amsbound=False):
    """The authors' update in plain Python, double precision."""
    x, m, v, top, values = 1.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        top = max(top, v)
        root = (top if amsbound else v) ** 0.5
        size = lr * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) / (root + 1e-8)
        low, high = final_lr * (1 - 1 / (gamma * t + 1)), final_lr * (1 + 1 / gamma / t)
        x -= min(max(size, low), high) * m
        values.append(x)
    return values


def test_adabound_gives_the_golden_values():
    np.testing.assert_allclose(run(AdaBound(), GRADIENTS), GOLDEN, atol=2e-7)


@pytest.mark.parametrize("amsbound", [False, True])
def test_adabound_follows_the_authors_update(amsbound):
    gradients = np.random.default_rng(0).normal(size=40) * np.linspace(3, 0.1, 40)
    found = run(AdaBound(amsbound=amsbound, gamma=0.05), gradients)
    expected = reference(gradients, gamma=0.05, amsbound=amsbound)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_adabound_with_vacuous_bounds_is_adam():
    found = run(AdaBound(gamma=1e-12), GRADIENTS)
    adam = run(keras.optimizers.Adam(epsilon=1e-8), GRADIENTS)
    np.testing.assert_allclose(found, adam, atol=1e-6)


def test_adabound_with_tight_bounds_is_sgd_with_averaged_gradients():
    m, x, expected = 0.0, 1.0, []
    for g in GRADIENTS:
        m = 0.9 * m + 0.1 * g
        x -= 0.1 * m
        expected.append(x)
    found = run(AdaBound(gamma=1e9), GRADIENTS)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_learning_rate_scales_the_bounds_too():
    optimizer = AdaBound(learning_rate=1e-3, gamma=1e9)
    optimizer.learning_rate = 5e-4
    (value,) = run(optimizer, [0.1])
    assert value == pytest.approx(1 - 0.05 * 0.01)  # final_lr 0.1 halved


def test_base_lr_survives_serialisation():
    optimizer = AdaBound(learning_rate=0.01, final_lr=0.5)
    optimizer.learning_rate = 0.002
    config = keras.optimizers.serialize(optimizer)
    loaded = keras.optimizers.deserialize(config)
    assert loaded.base_lr == pytest.approx(0.01)
    assert loaded.final_lr == 0.5


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"beta_1": 1.0}, "beta_1=1.0; expected 0 or more"),
        ({"beta_2": -0.1}, "beta_2=-0.1; expected 0 or more"),
        ({"gamma": 0}, "gamma=0; expected more than 0"),
        ({"final_lr": -1}, "final_lr=-1; expected more than 0"),
    ],
)
def test_adabound_refuses_arguments_out_of_range(argument, message):
    with pytest.raises(ValueError, match=message):
        AdaBound(**argument)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_descends(name):
    values = run(make_optimizer(name, 0.01), [1.0] * 5)
    assert values == sorted(values, reverse=True)
    assert values[-1] < 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_shrinks_kernels_but_not_biases(name):
    optimizer = make_optimizer(name, 0.1, weight_decay=0.5)
    kernel = keras.Variable(np.float32(1), name="kernel")
    bias = keras.Variable(np.float32(1), name="bias")
    optimizer.build([kernel, bias])
    optimizer.apply([np.float32(0), np.float32(0)], [kernel, bias])
    assert float(np.asarray(kernel)) == pytest.approx(0.95)
    assert float(np.asarray(bias)) == 1


def orthogonal(matrix):
    """The nearest orthogonal matrix, from NumPy's singular vectors."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


@pytest.mark.parametrize("shape", [(24, 6), (6, 24), (8, 8)])
def test_matrices_are_made_orthogonal_by_the_published_iteration(shape):
    matrix = np.random.default_rng(0).normal(size=shape)
    x = matrix / np.linalg.norm(matrix)
    for _ in range(5):  # Jordan et al. (2024), in double precision
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    found = np.asarray(orthogonalise(matrix.astype("float32"), 5))
    np.testing.assert_allclose(found, x, atol=1e-4)


def test_muon_makes_the_gradient_of_a_kernel_nearly_orthogonal():
    gradient = np.random.default_rng(1).normal(size=(3, 3, 4, 8)).astype("float32")
    kernel = keras.Variable(np.zeros_like(gradient))
    optimizer = Muon(0.5)
    optimizer.build([kernel])
    optimizer.apply([gradient], [kernel])
    step = np.asarray(kernel).reshape(36, 8) / (-0.5 * 0.2 * 6)
    expected = orthogonal(gradient.reshape(36, 8))
    assert 0.6 < np.linalg.svd(step)[1].min() <= np.linalg.svd(step)[1].max() < 1.3
    assert (step * expected).sum() > 0.97 * np.linalg.norm(step) * 8**0.5


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 2, 3)])
def test_muon_takes_adams_step_on_everything_but_kernels(shape):
    gradient = np.random.default_rng(2).normal(size=shape).astype("float32")
    found, expected = (keras.Variable(np.ones_like(gradient)) for _ in range(2))
    for optimizer, weight in (
        (Muon(0.01), found),
        (keras.optimizers.Adam(0.01), expected),
    ):
        optimizer.build([weight])
        for _ in range(3):
            optimizer.apply([gradient], [weight])
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-6)
