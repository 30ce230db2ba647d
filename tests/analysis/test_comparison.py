import numpy as np
import pytest
from scipy.stats import binomtest

from utils.analysis.comparison import mcnemar


def answers(both, one, other, neither):
    first = np.repeat([True, True, False, False], [both, one, other, neither])
    second = np.repeat([True, False, True, False], [both, one, other, neither])
    order = np.random.default_rng(0).permutation(len(first))
    return first[order], second[order]


@pytest.mark.parametrize(
    ("one", "other"), [(0, 1), (5, 5), (3, 11), (40, 12), (700, 820)]
)
def test_equals_the_binomial_test(one, other):
    found = mcnemar(*answers(20, one, other, 7))
    expected = binomtest(one, one + other).pvalue
    assert found["p_value"] == pytest.approx(expected)
    assert list(found.values())[:4] == [20, one, other, 7]


def test_by_hand():
    # 2 of 8 coins: 2 * (1 + 8 + 28) / 256.
    assert mcnemar(*answers(0, 2, 6, 0))["p_value"] == 2 * 37 / 256


def test_models_that_never_differ_are_no_evidence():
    assert mcnemar(*answers(4, 0, 0, 2))["p_value"] == 1


def test_thousands_of_differences_do_not_overflow():
    assert mcnemar(*answers(0, 3000, 0, 0))["p_value"] == 0
    assert mcnemar(*answers(0, 3000, 3000, 0))["p_value"] == 1


def test_other_pictures_are_refused():
    with pytest.raises(ValueError, match="the same pictures"):
        mcnemar([True], [True, False])
