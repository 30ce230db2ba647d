"""Oracle: the joint distribution of all 11,172, by Unicode's own formula."""

import unicodedata

import numpy as np
import pytest

from tests.helpers.weighing import weight
from utils.hangul import ALL_SYLLABLES, COMPONENTS, FLAT_HEAD, ksx1001_syllables
from utils.inference.prior import Prior
from utils.inference.restriction import choose_syllables, marginals, restrict

SIZES = {"initial": 19, "medial": 21, "final": 28}


def random_heads(rows, seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: rng.dirichlet(np.full(size, 0.3), rows).astype(np.float32)
        for name, size in SIZES.items()
    }


def all_products(heads, row):
    """Dict, syllable -> product of its jamo's probabilities."""
    a, b, c = (heads[name][row].astype(float) for name in SIZES)
    return {
        chr(0xAC00 + (i * 21 + m) * 28 + f): a[i] * b[m] * c[f]
        for i in range(19)
        for m in range(21)
        for f in range(28)
    }


CHARSETS = [
    "ksx1001",
    "가나다라마바사아자차카타",
    "뷁",
    ALL_SYLLABLES[::-7],
    "힣가",
]


@pytest.mark.parametrize("charset", CHARSETS, ids=["ks", "14", "one", "many", "two"])
def test_restriction_is_the_joint_distribution_renormalised(charset):
    heads = random_heads(4)
    chosen = choose_syllables(charset, ALL_SYLLABLES)
    restricted, share = restrict(heads, chosen, ALL_SYLLABLES)
    assert restricted[FLAT_HEAD].shape == (4, len(chosen))
    for row in range(4):
        products = all_products(heads, row)
        mass = sum(products[syllable] for syllable in chosen)
        expected = [products[syllable] / mass for syllable in chosen]
        np.testing.assert_allclose(restricted[FLAT_HEAD][row], expected, rtol=1e-12)
        assert share[row] == pytest.approx(mass / sum(products.values()))


def test_flat_head_is_restricted_alike():
    classes = ksx1001_syllables()[::-1]
    values = np.random.default_rng(1).random((3, len(classes)))
    chosen = choose_syllables("힘한강", classes)
    assert "".join(chosen) == "강한힘"  # in Unicode order, as all answers are
    restricted, share = restrict({FLAT_HEAD: values}, chosen, classes)
    columns = [classes.index(syllable) for syllable in chosen]
    part = values[:, columns]
    np.testing.assert_allclose(restricted[FLAT_HEAD], part / part.sum(1, keepdims=True))
    np.testing.assert_allclose(share, part.sum(1) / values.sum(1))


def test_all_of_them_leave_the_distribution_as_it_is():
    heads = random_heads(2)
    restricted, share = restrict(heads, ALL_SYLLABLES, ALL_SYLLABLES)
    np.testing.assert_allclose(share, 1)
    products = list(all_products(heads, 1).values())
    np.testing.assert_allclose(restricted[FLAT_HEAD][1], products / np.sum(products))


def test_syllables_that_hold_nothing_stay_at_nothing():
    heads = {name: np.eye(size)[[0]] for name, size in SIZES.items()}  # 가 alone
    restricted, share = restrict(heads, ("나", "다"), ALL_SYLLABLES)
    assert restricted[FLAT_HEAD].tolist() == [[0, 0]] and share.tolist() == [0]


@pytest.mark.parametrize("heads", ["three", "flat", "restricted"])
def test_marginals_add_up_all_syllables_of_a_jamo(heads):
    given, classes = random_heads(3), ALL_SYLLABLES
    if heads == "flat":
        classes = ksx1001_syllables()
        values = np.random.default_rng(2).dirichlet(np.ones(len(classes)), 3)
        given = {FLAT_HEAD: values}
    elif heads == "restricted":
        classes = choose_syllables("값강남갑곰", classes)
        given, _ = restrict(given, classes, ALL_SYLLABLES)
    found = marginals(given, classes)
    for row in range(3):
        joint = all_products(given, row) if heads == "three" else {}
        joint = joint or dict(zip(classes, given[FLAT_HEAD][row], strict=True))
        sums = {name: np.zeros(size) for name, size in SIZES.items()}
        for syllable, value in joint.items():
            code = ord(syllable) - 0xAC00
            sums["initial"][code // 588] += value
            sums["medial"][code // 28 % 21] += value
            sums["final"][code % 28] += value
        for name in COMPONENTS:
            np.testing.assert_allclose(found[name][row], sums[name], atol=1e-6)


def test_charsets_are_chosen_by_name_string_sequence_and_file(tmp_path):
    assert choose_syllables("all", ALL_SYLLABLES) is ALL_SYLLABLES
    assert len(choose_syllables("ksx1001", ALL_SYLLABLES)) == 2350
    path = tmp_path / "charset.txt"
    path.write_text("나 가\n나", "utf-8")
    for charset in ("나가나", ["나", "가"], ("가", "나"), np.array(["나", "가"]), path):
        assert choose_syllables(charset, ALL_SYLLABLES) == ("가", "나")


@pytest.mark.parametrize(
    ("charset", "classes", "message"),
    [
        ("", ALL_SYLLABLES, "charset='' is neither"),
        ((), ALL_SYLLABLES, "charset='' is neither"),
        ("가a", ALL_SYLLABLES, "charset='가a' is neither"),
        (["가", "ab"], ALL_SYLLABLES, "Entry 1 is 'ab'.*expected one modern Hangul"),
        (["가", 3], ALL_SYLLABLES, "Entry 1 is 3 of type int"),
        ("가힣뷁", ("가", "나"), r"no class for 2 syllables of the charset \(뷁힣\)"),
    ],
)
def test_other_charsets_are_refused(charset, classes, message):
    with pytest.raises(ValueError, match=message):
        choose_syllables(charset, classes)


def test_decomposed_hangul_and_generators_name_syllables_too():
    apart = unicodedata.normalize("NFD", "한글")
    assert len(apart) == 6 and choose_syllables(apart, ALL_SYLLABLES) == ("글", "한")
    each = (syllable for syllable in "한글")
    assert choose_syllables(each, ALL_SYLLABLES) == ("글", "한")


@pytest.mark.parametrize("charset", [None, 3])
def test_what_names_no_syllables_is_refused(charset):
    with pytest.raises(TypeError, match="the syllables themselves, not (None|int)"):
        choose_syllables(charset, ALL_SYLLABLES)


@pytest.mark.parametrize("charset", ["all", ALL_SYLLABLES[::-7], "뷁"])
def test_rare_syllables_weigh_less(charset):
    heads = random_heads(3, seed=4)
    chosen = choose_syllables(charset, ALL_SYLLABLES)
    restricted, share = restrict(heads, chosen, ALL_SYLLABLES, Prior(0.2, 0.4))
    for row in range(3):
        products = all_products(heads, row)
        weighed = [products[s] * weight(s, 0.2, 0.4) for s in chosen]
        expected = np.array(weighed) / sum(weighed)
        np.testing.assert_allclose(restricted[FLAT_HEAD][row], expected, rtol=1e-12)
        everything = [p * weight(s, 0.2, 0.4) for s, p in products.items()]
        assert share[row] == pytest.approx(sum(weighed) / sum(everything), rel=1e-6)


@pytest.mark.parametrize(("rare", "text"), [(1, 0), (0.3, 0), (0.01, 0.2), (1, 1)])
def test_jamo_are_those_of_the_weighed_distribution(rare, text):
    heads = random_heads(3, seed=5)
    found = marginals(heads, ALL_SYLLABLES, Prior(rare, text))
    for row in range(3):
        products = all_products(heads, row)
        sums = {name: np.zeros(len(jamo)) for name, jamo in COMPONENTS.items()}
        for code, syllable in enumerate(ALL_SYLLABLES):
            value = products[syllable] * weight(syllable, rare, text)
            sums["initial"][code // 588] += value
            sums["medial"][code // 28 % 21] += value
            sums["final"][code % 28] += value
        for name, values in sums.items():
            expected = values / values.sum()
            np.testing.assert_allclose(found[name][row], expected, rtol=1e-5, atol=1e-9)
