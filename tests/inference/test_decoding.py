import time

import numpy as np
import pytest

from tests.helpers.weighing import weight
from utils.hangul import ALL_SYLLABLES, COMPONENTS, ksx1001_syllables
from utils.inference.decoding import check_probabilities, syllable_ranks, top_n
from utils.inference.prior import Prior

SIZES = {"initial": 19, "medial": 21, "final": 28}


def random_heads(rows, seed=0, sharpness=3.0):
    rng = np.random.default_rng(seed)
    heads = {}
    for name, size in SIZES.items():
        values = np.exp(sharpness * rng.normal(size=(rows, size)))
        heads[name] = (values / values.sum(1, keepdims=True)).astype(np.float32)
    return heads


def brute_force(heads, row):
    """Returns all syllables, best first, and their products: Unicode's own formula."""
    scored = []
    for i, p in enumerate(heads["initial"][row].astype(float)):
        for m, q in enumerate(heads["medial"][row].astype(float)):
            for f, r in enumerate(heads["final"][row].astype(float)):
                code = 0xAC00 + (i * 21 + m) * 28 + f
                scored.append((-(p * q * r), code))
    scored.sort()
    return [chr(code) for _, code in scored], [-product for product, _ in scored]


def test_sizes_are_those_of_the_components():
    assert {name: len(classes) for name, classes in COMPONENTS.items()} == SIZES


@pytest.mark.parametrize("n", [1, 2, 5, 28, 29, 100, 5000, 11172])
def test_top_n_equals_brute_force(n):
    heads = random_heads(3)
    syllables, probabilities = top_n(heads, n)
    assert syllables.dtype == np.dtype("<U1")
    assert syllables.shape == probabilities.shape == (3, n)
    for row in range(3):
        expected, products = brute_force(heads, row)
        assert list(syllables[row]) == expected[:n]
        np.testing.assert_array_equal(probabilities[row], products[:n])


@pytest.mark.parametrize("n", [1, 3, 7, 50, 2000])
@pytest.mark.parametrize("kind", ["uniform", "quantised", "zeros", "one-hot"])
def test_ties_come_in_unicode_order(n, kind):
    rng = np.random.default_rng(1)
    heads = {}
    for name, size in SIZES.items():
        values = {
            "uniform": np.ones((4, size)),
            "quantised": rng.integers(1, 4, (4, size)) / 4.0,
            "zeros": rng.integers(0, 2, (4, size)) * rng.integers(1, 3, (4, size)),
            "one-hot": np.eye(size)[rng.integers(0, size, 4)],
        }
        heads[name] = values[kind].astype(np.float32)
    syllables, _ = top_n(heads, n)
    for row in range(4):
        assert list(syllables[row]) == brute_force(heads, row)[0][:n]


def test_zero_in_one_head_does_not_hide_unicode_order():
    # Every product is zero; the candidate search alone would start at the best initial.
    heads = {name: np.zeros((1, size), np.float32) for name, size in SIZES.items()}
    heads["initial"][0, 11] = 1
    assert "".join(top_n(heads, 3)[0][0]) == "가각갂"


@pytest.mark.parametrize("n", [1, 5, 2350])
def test_flat_head_equals_sorting(n):
    syllables = ksx1001_syllables()
    rng = np.random.default_rng(2)
    values = rng.random((3, len(syllables))).astype(np.float32)
    names, best = top_n({"syllable": values}, n, syllables)
    for row in range(3):
        expected = sorted(zip(-values[row], syllables, strict=True))[:n]
        assert list(names[row]) == [name for _, name in expected]
        np.testing.assert_array_equal(best[row], [-value for value, _ in expected])


def test_flat_head_ties_go_by_code_point_not_by_column():
    values = np.array([[0.2, 0.2, 0.2, 0.4]], np.float32)
    assert "".join(top_n({"syllable": values}, 3, "힣나가다")[0][0]) == "다가나"


@pytest.mark.parametrize("heads", ["three", "flat"])
def test_ranks_are_places_in_the_full_order(heads):
    given = random_heads(300, seed=3)
    syllables = ALL_SYLLABLES
    if heads == "flat":
        syllables = ksx1001_syllables()[::-1]
        values = np.random.default_rng(4).integers(0, 50, (300, len(syllables)))
        given = {"syllable": values.astype(np.float32)}
    labels = np.random.default_rng(5).choice(list(syllables), 300)
    ranks = syllable_ranks(given, labels, syllables)
    order, _ = top_n(given, len(syllables), syllables)
    expected = [list(order[row]).index(labels[row]) + 1 for row in range(300)]
    assert list(ranks) == expected


def test_rank_of_a_tie_counts_the_earlier_syllables():
    heads = {name: np.ones((2, size), np.float32) for name, size in SIZES.items()}
    assert list(syllable_ranks(heads, "가힣")) == [1, 11172]


def test_label_outside_the_flat_head_ranks_last():
    values = np.array([[0.0, 1.0], [0.0, 1.0]], np.float32)
    assert list(syllable_ranks({"syllable": values}, "힣가", "가나")) == [3, 2]


def test_no_rows_give_no_ranks_and_no_syllables():
    heads = random_heads(0)
    assert top_n(heads, 5)[0].shape == (0, 5)
    assert syllable_ranks(heads, "").shape == (0,)


def test_top_five_takes_well_under_a_millisecond_a_picture():
    heads = random_heads(256)
    top_n(heads, 5)
    start = time.perf_counter()
    top_n(heads, 5)
    # The aim is 60 microseconds; the bound leaves room for a busy machine.
    assert (time.perf_counter() - start) / 256 < 600e-6


@pytest.mark.parametrize("n", [0, -1, 11173, 1.0, "5", True])
def test_n_out_of_range_is_an_error(n):
    with pytest.raises(ValueError, match="expected an integer from 1 to 11172"):
        top_n(random_heads(1), n)


def test_n_beyond_the_flat_head_is_an_error():
    with pytest.raises(ValueError, match="n=3 .* expected an integer from 1 to 2"):
        top_n({"syllable": np.ones((1, 2))}, 3, "가나")


def test_unknown_heads_are_an_error():
    heads = random_heads(1)
    heads.pop("final")
    with pytest.raises(ValueError, match="Heads 'initial', 'medial' came; expected"):
        check_probabilities(heads)


def test_wrong_number_of_classes_is_an_error():
    heads = random_heads(2) | {"medial": np.ones((2, 20))}
    with pytest.raises(ValueError, match=r"'medial' has shape \(2, 20\).*\(2, 21\)"):
        top_n(heads, 1)


def test_wrong_number_of_rows_is_an_error():
    heads = random_heads(2) | {"final": np.ones((3, 28))}
    with pytest.raises(ValueError, match=r"'final' has shape \(3, 28\).*\(2, 28\)"):
        top_n(heads, 1)


@pytest.mark.parametrize("bad", [np.nan, -0.1])
def test_bad_probabilities_are_an_error(bad):
    heads = random_heads(1)
    heads["final"][0, 3] = bad
    with pytest.raises(ValueError, match="'final' holds negative numbers or NaN"):
        top_n(heads, 1)


def test_labels_must_match_the_rows():
    with pytest.raises(ValueError, match="1 labels came for 2 rows"):
        syllable_ranks(random_heads(2), "가")


def weighed(heads, row, rare, text=0):
    """Returns all syllables, best first, and their weighed shares."""
    names, products = brute_force(heads, row)
    pairs = zip(names, products, strict=True)
    values = [p * weight(name, rare, text) for name, p in pairs]
    total = sum(values) or 1.0
    order = sorted(zip([-v for v in values], names, strict=True))
    return [name for _, name in order], [-value / total for value, _ in order]


@pytest.mark.parametrize("prior", [(0.3, 0), (0.01, 0), (0.3, 0.1), (1, 1)])
@pytest.mark.parametrize("n", [1, 5, 100, 11172])
@pytest.mark.parametrize("sharpness", [0.0, 1.0, 3.0, 6.0])
def test_rare_syllables_weigh_less_exactly(n, prior, sharpness):
    heads = random_heads(4, seed=2, sharpness=sharpness)
    syllables, probabilities = top_n(heads, n, prior=Prior(*prior))
    for row in range(4):
        expected, shares = weighed(heads, row, *prior)
        np.testing.assert_allclose(probabilities[row], shares[:n], rtol=1e-9)
        if sharpness:  # else all are alike but for rounding
            assert list(syllables[row]) == expected[:n]
        ranks = syllable_ranks(heads, [expected[2]] * 4, prior=Prior(*prior))
        assert ranks[row] == 3 or not sharpness


def test_rare_syllables_weigh_less_though_all_before_them_are_rare():
    # The 30 most probable products are of one syllable of KS X 1001 and many others.
    heads = {name: np.full((1, size), 1e-6) for name, size in SIZES.items()}
    heads["initial"][0, 11], heads["medial"][0, 10] = 1.0, 1.0  # 왜: few finals
    heads["final"][0] = np.linspace(1, 0.5, 28)[::-1]
    for n in (1, 2, 5, 20):
        expected, _ = weighed(heads, 0, 0.001)
        assert list(top_n(heads, n, prior=Prior(0.001, 0))[0][0]) == expected[:n]


def test_nothing_stays_nothing_whatever_is_rare():
    heads = {name: np.zeros((1, size)) for name, size in SIZES.items()}
    syllables, probabilities = top_n(heads, 3, prior=Prior(0.3, 0.1))
    assert "".join(syllables[0]) == "가각갂" and not probabilities.any()


def test_rare_classes_of_a_flat_head_weigh_less():
    values = {"syllable": np.array([[0.5, 0.3, 0.2]])}
    names, shares = top_n(values, 3, "뷁가각", Prior(0.1, 0))
    assert "".join(names[0]) == "가각뷁"
    np.testing.assert_allclose(shares[0], np.array([0.3, 0.2, 0.05]) / 0.55)
    assert syllable_ranks(values, ["뷁"], "뷁가각", Prior(0.1, 0)) == [3]
