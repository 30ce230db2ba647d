import numpy as np
import pytest

from utils.hangul import COMPONENTS
from utils.nn.sequence import SequenceDecoder

FEATURES = np.random.default_rng(0).normal(size=(2, 2, 3, 5)).astype("float32")
SIZES = [len(jamo) for jamo in COMPONENTS.values()]


@pytest.fixture(scope="module")
def decoder():
    decoder = SequenceDecoder(16)
    decoder(FEATURES)
    rng = np.random.default_rng(1)  # from its small start all jamo look alike
    for weight in decoder.weights:
        weight.assign(rng.normal(size=weight.shape).astype("float32"))
    return decoder


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def test_probabilities_of_all_syllables_add_up_to_one(decoder):
    scores = np.asarray(decoder(FEATURES), "float64")
    assert scores.shape == (2, 11172)
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("jamo", [(0, 0, 0), (5, 7, 9), (18, 20, 27)])
def test_spelling_with_the_true_jamo_gives_the_exact_score(decoder, jamo):
    given = [np.int32([index, index]) for index in jamo[:2]]
    logits = np.split(np.asarray(decoder(FEATURES, *given)), np.cumsum(SIZES)[:2], 1)
    spelt = sum(
        log_softmax(each)[:, index] for each, index in zip(logits, jamo, strict=True)
    )
    place = (jamo[0] * 21 + jamo[1]) * 28 + jamo[2]
    exact = np.asarray(decoder(FEATURES))[:, place]
    np.testing.assert_allclose(spelt, exact, atol=1e-4)


def test_each_jamo_knows_those_before_and_not_those_after(decoder):
    def spell(initial, medial):
        given = np.int32([initial] * 2), np.int32([medial] * 2)
        return np.split(np.asarray(decoder(FEATURES, *given)), np.cumsum(SIZES)[:2], 1)

    first, other_medial, other_initial = spell(1, 2), spell(1, 3), spell(4, 2)
    np.testing.assert_array_equal(first[0], other_initial[0])
    np.testing.assert_allclose(first[1], other_medial[1], atol=1e-6)
    assert np.abs(first[1] - other_initial[1]).max() > 1e-2
    assert np.abs(first[2] - other_medial[2]).max() > 1e-2


def test_config_makes_the_same_layer(decoder):
    assert SequenceDecoder.from_config(decoder.get_config()).units == 16


def narrowed(decoder, beam):
    """The same weights, searching a beam."""
    other = SequenceDecoder(16, beam=beam)
    other(FEATURES)
    other.set_weights(decoder.get_weights())
    return np.asarray(other(FEATURES))


def test_a_beam_of_all_beginnings_is_exact(decoder):
    exact = np.asarray(decoder(FEATURES))
    np.testing.assert_allclose(narrowed(decoder, 19 * 21), exact, rtol=1e-4)


def test_a_beam_scores_what_it_reaches_exactly_and_nothing_else(decoder):
    exact, found = np.asarray(decoder(FEATURES), "float64"), narrowed(decoder, 3)
    for picture in range(len(FEATURES)):
        (reached,) = np.nonzero(found[picture] > -1e8)
        assert len(reached) == 3 * 28
        np.testing.assert_allclose(
            found[picture, reached], exact[picture, reached], atol=1e-4
        )
        # By hand: the best initials, then the best pairs that begin with one of them.
        by_pair = np.exp(exact[picture]).reshape(19, 21, 28).sum(axis=2)
        initials = np.argsort(by_pair.sum(axis=1))[-3:]
        pairs = [(by_pair[i, m], i * 21 + m) for i in initials for m in range(21)]
        best = {place for _, place in sorted(pairs)[-3:]}
        assert {place // 28 for place in reached} == best


def test_a_beam_costs_less(decoder):
    narrow = SequenceDecoder(16, beam=5)
    narrow(FEATURES)
    assert narrow.multiply_adds() < decoder.multiply_adds() / 10
