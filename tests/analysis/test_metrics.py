import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, top_k_accuracy_score

from utils.analysis.metrics import (
    MEASURES,
    accuracy_table,
    confusion_matrices,
    evaluate_probabilities,
    score_rows,
    wilson_interval,
)
from utils.hangul import ALL_SYLLABLES, COMPONENTS

CLASSES = {name: len(classes) for name, classes in COMPONENTS.items()}


def one_hot_heads(syllables):
    heads = {name: np.zeros((len(syllables), n)) for name, n in CLASSES.items()}
    for row, syllable in enumerate(syllables):
        rest, final = divmod(ord(syllable) - 0xAC00, 28)
        heads["initial"][row, rest // 21] = 1
        heads["medial"][row, rest % 21] = 1
        heads["final"][row, final] = 1
    return heads


def random_heads(labels, seed=0):
    """Returns heads that are often right, and their joint (rows, 11172)."""
    rng = np.random.default_rng(seed)
    heads = {
        name: values * 0.4 + rng.random(values.shape) * 0.5
        for name, values in one_hot_heads(labels).items()
    }
    joint = np.einsum("ni,nm,nf->nimf", *(heads[name] for name in CLASSES))
    return heads, joint.reshape(len(labels), -1)


def random_labels(count, seed=0):
    return np.random.default_rng(seed).choice(list(ALL_SYLLABLES), count)


def test_accuracies_equal_sklearn():
    labels = random_labels(200)
    heads, joint = random_heads(labels)
    codes = np.array([ord(label) - 0xAC00 for label in labels])
    measured = evaluate_probabilities(heads, labels, top_n=7)
    best = joint.argmax(axis=1)
    assert measured["count"] == 200
    assert measured["syllable"] == accuracy_score(codes, best)
    every = np.arange(11172)
    assert measured["top_n"] == top_k_accuracy_score(codes, joint, k=7, labels=every)
    assert measured["initial"] == accuracy_score(codes // 588, best // 588)
    assert measured["medial"] == accuracy_score(codes // 28 % 21, best // 28 % 21)
    assert measured["final"] == accuracy_score(codes % 28, best % 28)
    assert 0 < measured["syllable"] < measured["top_n"] < 1


def test_flat_head_is_measured_like_three():
    labels = random_labels(100, seed=1)
    heads, joint = random_heads(labels, seed=1)
    flat = evaluate_probabilities({"syllable": joint}, labels)
    assert flat == evaluate_probabilities(heads, labels)


def test_flat_head_of_a_small_charset():
    values = np.array([[0.9, 0.1, 0.0], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    measured = evaluate_probabilities({"syllable": values}, list("각간힣"), 2, "각간난")
    assert measured["syllable"] == 1 / 3
    assert measured["top_n"] == 2 / 3
    assert measured["final"] == 1 / 3  # 간 read as 각; 힣 as 난


def test_one_wrong_jamo_is_counted_in_its_head_alone():
    right = score_rows(one_hot_heads("각각각"), list("낙걱갂"), 1).right
    assert right["syllable"].tolist() == [False] * 3
    assert right["initial"].tolist() == [False, True, True]
    assert right["medial"].tolist() == [True, False, True]
    assert right["final"].tolist() == [True, True, False]


def test_no_pictures_have_no_accuracy():
    measured = evaluate_probabilities(one_hot_heads(""), [])
    assert measured["count"] == 0
    assert all(math.isnan(measured[name]) for name in MEASURES)


def test_labels_must_match_the_pictures():
    with pytest.raises(ValueError, match="1 labels came for 2 pictures"):
        score_rows(one_hot_heads("가나"), ["가"])


# The interval's ends solve |p - share| = z * sqrt(p * (1 - p) / count): Wilson's
# definition, which the closed formula only rearranges.
@pytest.mark.parametrize(
    "right, count", [(1, 1), (0, 10), (5, 10), (97, 100), (1, 9999)]
)
def test_wilson_interval_solves_its_equation(right, count):
    low, high = wilson_interval(right, count)
    share = right / count
    assert 0 <= low <= share <= high <= 1
    for end in {low, high} - {0.0, 1.0}:
        distance = 1.959963984540054 * math.sqrt(end * (1 - end) / count)
        assert abs(end - share) == pytest.approx(distance, rel=1e-9)


def test_wilson_interval_of_a_published_example():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 15 of 148.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


@pytest.mark.parametrize("right, count", [(-1, 5), (6, 5), (0, 0)])
def test_wilson_interval_of_impossible_counts(right, count):
    with pytest.raises(ValueError, match="is no count of right pictures"):
        wilson_interval(right, count)


def test_table_has_a_row_for_every_group():
    right = {name: np.array([True, False, True, True]) for name in MEASURES}
    right["initial"] = np.array([True, True, False, False])
    table = accuracy_table(right, ["b", "b", "a", "b"])
    assert [row["group"] for row in table] == ["a", "b"]
    assert [row["count"] for row in table] == [1, 3]
    assert [row["syllable"] for row in table] == [1, 2 / 3]
    assert [row["initial"] for row in table] == [0, 2 / 3]
    assert (table[1]["low"], table[1]["high"]) == wilson_interval(2, 3)


def test_table_needs_a_group_for_every_picture():
    right = {name: np.array([True, False]) for name in MEASURES}
    with pytest.raises(ValueError, match="1 groups came for 2 pictures"):
        accuracy_table(right, ["a"])


def test_confusion_matrices_count_pairs():
    labels, guesses = random_labels(300, seed=2), random_labels(300, seed=3)
    matrices = confusion_matrices(labels, guesses)
    parts = {"initial": (588, 19), "medial": (28, 21), "final": (1, 28)}
    for name, (step, size) in parts.items():
        true, read = (
            [(ord(text) - 0xAC00) // step % size for text in texts]
            for texts in (labels, guesses)
        )
        expected = np.zeros((size, size), int)
        for row, column in zip(true, read, strict=True):
            expected[row, column] += 1
        np.testing.assert_array_equal(matrices[name], expected)


def test_confusion_needs_a_guess_for_every_label():
    with pytest.raises(ValueError, match="2 labels came for 1 guesses"):
        confusion_matrices(["가", "나"], ["가"])
