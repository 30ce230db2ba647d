import itertools

import numpy as np
import pytest

from tests.helpers.weighing import frequencies, is_ksx1001, weight
from utils.hangul import ALL_SYLLABLES, COMPONENTS, split_syllables
from utils.inference import estimation
from utils.inference.estimation import estimate_prior
from utils.inference.prior import DEFAULT_PRIOR, EVEN_PRIOR, Prior

RNG = np.random.default_rng(0)
EVERY = list(ALL_SYLLABLES)
COMMON = [syllable for syllable in EVERY if is_ksx1001(syllable)]
SHARES = np.array([frequencies().get(syllable, 0) for syllable in EVERY])
TEXT = list(RNG.choice(EVERY, 60, p=SHARES / SHARES.sum()))
CHART = list(RNG.choice(COMMON, 60))  # each of KS X 1001 as often
FONT = list(RNG.choice(EVERY, 60))


def heads_of(syllables, doubt=0.1):
    """Heads that give each picture's jamo all but `doubt`, the others that evenly."""
    heads = {}
    for name, targets in split_syllables(syllables).items():
        count = len(COMPONENTS[name])
        heads[name] = np.full((len(syllables), count), doubt / count)
        heads[name][np.arange(len(syllables)), targets] += 1 - doubt
    return heads


def test_text_a_chart_and_a_whole_font_are_told_apart():
    text, chart, font = (
        estimate_prior([heads_of(each)]) for each in (TEXT, CHART, FONT)
    )
    assert text.text >= 0.7
    assert chart.rare <= 0.01 and chart.text <= 0.1
    assert font.rare == 1 and font.text <= 0.1


def logarithm(syllables, heads, rare, text, start):
    """Of how probable pictures and prior are, over all 11,172 syllables by hand."""
    weights = np.array([weight(syllable, rare, text) for syllable in EVERY])
    joint = np.einsum(
        "bi,bm,bf->bimf", heads["initial"], heads["medial"], heads["final"]
    ).reshape(len(syllables), -1)
    evidence = np.log(joint @ (weights / weights.sum())).sum()
    tenfolds = np.log10(rare / start.rare) / 0.7
    return evidence - (tenfolds**2 + ((text - start.text) / 0.2) ** 2) / 2


@pytest.mark.parametrize("start", [DEFAULT_PRIOR, Prior(0.05, 0.4)])
@pytest.mark.parametrize("syllables", [TEXT[:4], CHART[:3], FONT[:2], "뷁"])
def test_it_is_the_most_probable_of_all_that_are_tried(syllables, start):
    heads = heads_of(list(syllables), doubt=0.3)
    pairs = list(itertools.product(estimation._RARE_VALUES, estimation._TEXT_VALUES))
    pairs += [(start.rare, start.text)]
    scores = [logarithm(syllables, heads, *pair, start) for pair in pairs]
    found = estimate_prior([heads], start=start)
    assert (found.rare, found.text) == pairs[int(np.argmax(scores))]


def test_a_flat_head_says_the_same():
    heads = heads_of(TEXT)
    products = [heads[name] for name in COMPONENTS]
    joint = np.einsum("bi,bm,bf->bimf", *products).reshape(len(TEXT), -1)
    found = estimate_prior([{"syllable": joint}], ALL_SYLLABLES)
    assert found == estimate_prior([heads])
    # One that knows KS X 1001 alone cannot tell how rare the others are.
    places = [EVERY.index(syllable) for syllable in COMMON]
    flat = joint[:, places] / joint[:, places].sum(axis=1, keepdims=True)
    known = estimate_prior([{"syllable": flat}], tuple(COMMON))
    assert known.rare == DEFAULT_PRIOR.rare and known.text >= 0.7


def test_where_only_some_can_occur_those_alone_are_told_of():
    digits = list("일이삼사오육칠팔구영")  # all frequent, and each as often here
    heads = heads_of(digits * 6)
    assert estimate_prior([heads]).text >= 0.5
    among = estimate_prior([heads], chosen=digits)
    assert (among.rare, among.text) == (DEFAULT_PRIOR.rare, 0)
    assert estimate_prior([heads], chosen=ALL_SYLLABLES) == estimate_prior([heads])


def test_batches_make_no_difference_and_few_pictures_little():
    heads = heads_of(TEXT)
    parts = [{k: v[at : at + 7] for k, v in heads.items()} for at in range(0, 60, 7)]
    assert estimate_prior(parts) == estimate_prior([heads])
    assert estimate_prior([]) == DEFAULT_PRIOR
    assert estimate_prior([], start=EVEN_PRIOR) == EVEN_PRIOR
    told_nothing = {name: np.zeros_like(values) for name, values in heads.items()}
    assert estimate_prior([told_nothing]) == DEFAULT_PRIOR


def test_of_many_pictures_some_are_looked_at_from_first_to_last(monkeypatch):
    monkeypatch.setattr(estimation, "MAX_PICTURES", 40)
    both = heads_of(TEXT[:40] + FONT[:40])
    half = {name: values[::2] for name, values in both.items()}
    assert estimate_prior([both]) == estimate_prior([half])
    assert estimate_prior([both]) != estimate_prior([heads_of(TEXT[:40])])


def test_what_are_no_heads_is_refused():
    with pytest.raises(ValueError, match="'initial' came"):
        estimate_prior([{"initial": np.ones((1, 19))}])
