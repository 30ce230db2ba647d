import numpy as np
import pytest

from utils.inference.decoding import top_n
from utils.inference.tempering import temper


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.3, 0.8, 1.0, 1.7, 5.0])
def test_it_divides_the_logits(temperature):
    rng = np.random.default_rng(0)
    logits = {name: 4 * rng.normal(size=(5, k)) for name, k in [("a", 19), ("b", 3)]}
    found = temper({name: softmax(z) for name, z in logits.items()}, temperature)
    for name, z in logits.items():
        np.testing.assert_allclose(
            found[name], softmax(z / temperature), rtol=1e-5, atol=1e-9
        )


def test_one_leaves_everything_alone():
    given = {"a": np.ones((2, 3), np.float32)}
    assert temper(given, 1.0) is given


def test_order_of_the_syllables_stays():
    rng = np.random.default_rng(1)
    sizes = {"initial": 19, "medial": 21, "final": 28}
    heads = {name: softmax(3 * rng.normal(size=(4, k))) for name, k in sizes.items()}
    before, after = top_n(heads, 300), top_n(temper(heads, 1.6), 300)
    assert (before[0] == after[0]).all()
    assert (before[1][:, 0] > after[1][:, 0]).all()  # less sure


def test_extremes_stay_probabilities():
    given = {"a": np.array([[1.0, 0, 1e-38, 3e-45]], np.float32)}
    for temperature in (0.05, 20.0):
        (row,) = temper(given, temperature)["a"]
        assert row.sum() == pytest.approx(1) and (row >= 0).all()
        assert row[1] == 0 and row[0] == row.max()
