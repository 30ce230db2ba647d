"""Text in reading order: all sequences of candidates, weighed one by one, tell."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

import utils.inference
from tests.helpers.weighing import frequencies
from utils.hangul import ALL_SYLLABLES, COMPONENTS, split_syllables, syllable_indices
from utils.inference.answers import Answering
from utils.inference.ordering import Order, Place
from utils.inference.pair_shares import space_odds


def table():
    """Returns {(first, after): times} of the file, without the library's reader."""
    path = Path(utils.inference.__path__[0]) / "pairs.tsv"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return {
        (row[0], entry[0]): float(entry[1:])
        for row in rows
        if row[0][0] != "#"
        for entry in row[1:]
    }


PAIRS = table()


def share(first, after):
    total = sum(times for (name, _), times in PAIRS.items() if name == first)
    return PAIRS.get((first, after), 0) / total if total else 0


def single(syllable):
    return frequencies().get(syllable, 0) + 1e-6


def begins(syllable):
    return 0.9 * share("^", syllable) + 0.1 * single(syllable)


def known(first):
    return 0.9 * any(name == first for name, _ in PAIRS)


def usually_ends():
    counts = {pair: times for pair, times in PAIRS.items() if pair[0] != "^"}
    return sum(t for (_, a), t in counts.items() if a == "$") / sum(counts.values())


def ends(first):
    """Share of a syllable's followers that end words, of unknown ones that of all."""
    return known(first) * share(first, "$") + (1 - known(first)) * usually_ends()


def follows(first, after, gap=Place.READ):
    """Probability of a syllable after another, to the power a half."""
    if gap == Place.LOST:
        return single(after) ** 0.5
    if gap == Place.SPACE:
        return (ends(first) * begins(after)) ** 0.5
    pair = share(first, after) + share(first, "$") * begins(after)
    return (known(first) * pair + (1 - known(first)) * single(after)) ** 0.5


def by_hand(candidates, values, gaps):
    """Sums the weights of all sequences by what each picture is in them."""
    found = np.zeros(values.shape)
    for way in product(range(values.shape[1]), repeat=len(values)):
        text = [row[place] for row, place in zip(candidates, way, strict=True)]
        weight = begins(text[0]) ** 0.5
        for first, after, gap in zip(text, text[1:], gaps[1:], strict=False):
            weight *= follows(first, after, gap)
        weight *= np.prod(values[np.arange(len(values)), way])
        found[np.arange(len(values)), way] += weight
    return found / found.sum(axis=1, keepdims=True)


def places(candidates):
    return syllable_indices("".join(candidates)).reshape(len(candidates), -1)


TEXTS = [
    (["숩습슴", "나니내", "다댜더"], None),
    (["한힌", "굼국", "언인", "뷁은"], None),
    (["뷁뷕", "가거"], None),
    (["나너", "괜팬", "가기"], [0, 0, 1, 0]),
    (["나너", "괜팬", "가기"], [0, 0, 2, 0]),
    (["나너", "는눈", "가기"], [0, 0, 2, 1, 0]),
]


@pytest.mark.parametrize("candidates, text", TEXTS)
def test_candidates_weigh_as_all_sequences_say(candidates, text):
    values = shares(1, len(candidates), len(candidates[0]))
    gaps = [0, 0, max(text)] if text else [0] * len(candidates)
    found = Order().weigh(places(candidates), values, text)
    assert found == pytest.approx(by_hand(candidates, values, gaps), rel=1e-9)


@pytest.mark.parametrize("pair", ["나는", "는사", "사람", "뷁은", "은뷁", "뷁뷕"])
def test_a_word_ends_as_pairs_and_single_syllables_say(pair):
    first, after = pair
    sure, mean = known(first), usually_ends()
    space = sure * share(first, "$") * begins(after) + (1 - sure) * mean * single(after)
    within = sure * share(first, after) + (1 - sure) * (1 - mean) * single(after)
    found = space_odds(*syllable_indices(pair)[:, None])
    assert found == pytest.approx(np.log(space / within), rel=1e-9)


def test_a_row_sums_to_what_it_did():
    values = 0.3 * shares(5, 2, 2)
    found = Order().weigh(places(["나너", "는눈"]), values)
    assert found == pytest.approx(0.3 * by_hand(["나너", "는눈"], values, [0, 0]))


def shares(seed, *shape):
    """Random rows that sum to 1."""
    values = np.random.default_rng(seed).random(shape)
    return values / values.sum(axis=1, keepdims=True)


def test_a_batch_goes_on_where_the_one_before_ended():
    candidates = ["숩습슴", "나니내", "다댜더"]
    values = shares(2, 3, 3)
    order = Order()
    first = order.weigh(places(candidates[:2]), values[:2])
    second = order.weigh(places(candidates[2:]), values[2:])
    # The last picture has no neighbour after it either way; those before lack it.
    assert second == pytest.approx(by_hand(candidates, values, [False] * 3)[2:])
    assert first == pytest.approx(by_hand(candidates[:2], values[:2], [False] * 2))


def test_a_batch_without_pictures_is_a_gap():
    values = shares(3, 2, 2)
    for text in ([Place.SPACE], [Place.SPACE, Place.LOST], [Place.LOST]):
        order = Order()
        order.weigh(places(["나너"]), values[:1])
        order.skip(text)
        found = order.weigh(places(["가기"]), values[1:])
        expected = by_hand(["나너", "가기"], values, [0, max(text)])
        assert found == pytest.approx(expected[1:])


def test_a_picture_of_which_nothing_is_told_is_read_by_its_neighbours():
    values = np.array([[1.0, 0], [0, 0], [1, 0]])
    found = Order().weigh(places(["습슴", "니내", "다댜"]), values)
    assert np.isfinite(found).all() and found.sum(axis=1) == pytest.approx([1, 0, 1])
    found = Order().weigh(places(["습슴", "니내", "다댜"]), values + 1e-9)
    assert found[1].argmax() == 0


def heads_of(text, doubt):
    """Returns heads sure of a text, but for what `doubt` gives: {place: syllable}."""
    heads = {name: np.full((len(text), len(k)), 1e-6) for name, k in COMPONENTS.items()}
    for name, values in split_syllables(list(text)).items():
        heads[name][np.arange(len(text)), values] = 0.4
    for place, other in doubt.items():
        for name, values in split_syllables([other]).items():
            heads[name][place, values] += 0.8
    return {
        name: values / values.sum(1, keepdims=True) for name, values in heads.items()
    }


def test_answers_lean_on_those_beside():
    heads = heads_of("미국금리", {1: "굼", 2: "굼"})
    alone = [best for (best,) in Answering(ALL_SYLLABLES, text=0)(heads)]
    assert alone != list("미국금리")
    answering = Answering(ALL_SYLLABLES, text=0, in_order=True, scores=True)
    read = answering(heads)
    assert "".join(best for ((best, _),) in read) == "미국금리"
    assert all(0 < value <= 1 for ((_, value),) in read)


@pytest.mark.parametrize("syllable", ["괜", "흔", "뷁", "됩"])
def test_what_is_sure_stays_though_no_word_ends_so(syllable):
    heads = heads_of(f"{syllable}아", {})
    answering = Answering(ALL_SYLLABLES, 1, True, in_order=True)
    text = [Place.READ, Place.SPACE, Place.READ]
    (((best, value),), _) = answering(heads, text)
    assert best == syllable and value > 0.8


def test_one_syllable_alone_can_only_be_itself():
    how = {"charset": "뷁", "scores": True, "in_order": True, "reject_below": 0.5}
    answers = Answering(ALL_SYLLABLES, 1, **how)(heads_of("뷁뷁", {}), [0, 1, 0])
    share_of_it = Answering(ALL_SYLLABLES, 1, scores=True)(heads_of("뷁", {}))[0][0][1]
    assert share_of_it > 0.9
    assert answers == [[("뷁", pytest.approx(1))]] * 2


def test_more_answers_change_none_before_them():
    rng = np.random.default_rng(0)
    heads = {name: rng.dirichlet([0.3] * len(k), 5) for name, k in COMPONENTS.items()}
    few, more, many = (
        Answering(ALL_SYLLABLES, n, True, in_order=True)(heads) for n in (5, 32, 100)
    )
    assert few == [row[:5] for row in more] == [row[:5] for row in many]
    assert more == [row[:32] for row in many]
    for row in many:
        assert len({syllable for syllable, _ in row}) == 100
        values = [value for _, value in row]
        assert values == sorted(values, reverse=True)


def test_what_nothing_is_known_of_is_rejected():
    heads = {name: np.full((2, len(k)), 1 / len(k)) for name, k in COMPONENTS.items()}
    alone = Answering(ALL_SYLLABLES, scores=True)(heads)[0][0][1]
    ((_, value),) = Answering(ALL_SYLLABLES, scores=True, in_order=True)(heads)[0]
    assert value < 40 * alone < 0.1


def test_fewer_syllables_than_candidates():
    heads = heads_of("한국", {})
    answers = Answering(ALL_SYLLABLES, 2, charset="한국", in_order=True)(heads)
    assert answers == [["한", "국"], ["국", "한"]]
