import numpy as np
import pytest

from utils.analysis.metrics import evaluate_probabilities
from utils.analysis.sources import Chunk
from utils.analysis.tally import NUM_EXAMPLES, Tally
from utils.hangul import COMPONENTS

SIZES = {name: len(classes) for name, classes in COMPONENTS.items()}


def make_chunk(count, seed, problems=()):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 6, 6), np.uint8)
    labels = np.array(list(rng.choice(list("각난닫"), count)), "<U1")
    groups = np.array([f"writer{i % 2}" for i in range(count)])
    names = {place: f"{seed}-{place}.png: damaged" for place in problems}
    return Chunk("photo", images, labels, groups, names)


def make_heads(labels, wrong=()):
    """Returns heads that read every label, but 힣 for the places `wrong`."""
    heads = {name: np.zeros((len(labels), size)) for name, size in SIZES.items()}
    for row, label in enumerate(labels):
        code = ord("힣" if row in wrong else label) - 0xAC00
        for name, part in zip(
            SIZES, (code // 588, code // 28 % 21, code % 28), strict=True
        ):
            heads[name][row, part] = 1
    return heads


def test_chunks_add_up_to_the_whole():
    tally, chunks = Tally(), [make_chunk(5, 0), make_chunk(8, 1)]
    heads = [make_heads(chunks[0].labels, {1}), make_heads(chunks[1].labels, {0, 7})]
    for chunk, each in zip(chunks, heads, strict=True):
        tally.add(chunk, each)
    whole = {name: np.concatenate([each[name] for each in heads]) for name in SIZES}
    labels = np.concatenate([chunk.labels for chunk in chunks])
    expected = evaluate_probabilities(whole, labels)
    assert len(tally.groups) == 13
    for name, values in tally.right.items():
        assert values.mean() == expected[name]
    assert [matrix.sum() for matrix in tally.matrices.values()] == [13] * 3
    assert np.trace(tally.matrices["initial"]) == 10


def test_pictures_that_could_not_be_prepared_are_wrong_in_everything():
    tally, chunk = Tally(), make_chunk(4, 0, problems=[2])
    tally.add(chunk, make_heads(chunk.labels))  # the network guesses right all the same
    for values in tally.right.values():
        assert values.tolist() == [True, True, False, True]
    assert tally.problems == ["0-2.png: damaged"]
    assert tally.examples == []
    assert tally.matrices["final"].sum() == 3


def test_examples_are_the_wrong_pictures():
    tally, chunk = Tally(), make_chunk(6, 3)
    tally.add(chunk, make_heads(chunk.labels, {1, 4}))
    for place, example in zip((1, 4), tally.examples, strict=True):
        np.testing.assert_array_equal(example.image, chunk.images[place])
        assert example.label == chunk.labels[place]
        assert (example.guess, example.probability) == ("힣", 1.0)
        assert example.group == chunk.groups[place]


def test_examples_are_an_even_sample():
    tally = Tally()
    for seed in range(10):
        chunk = make_chunk(NUM_EXAMPLES, seed)
        chunk = chunk._replace(groups=np.full(NUM_EXAMPLES, f"chunk{seed}"))
        tally.add(chunk, make_heads(chunk.labels, range(NUM_EXAMPLES)))
    groups = [example.group for example in tally.examples]
    assert len(groups) == NUM_EXAMPLES
    # Binomial of 48 at 1 / 10: more than 16 of one chunk has probability 1e-5.
    assert max(groups.count(f"chunk{seed}") for seed in range(10)) <= 16


def test_an_empty_tally_has_empty_arrays():
    tally = Tally()
    assert len(tally.groups) == 0
    assert all(values.shape == (0,) for values in tally.right.values())


def test_probabilities_must_be_those_of_the_chunk():
    with pytest.raises(ValueError, match="4 labels came for 3 pictures"):
        Tally().add(make_chunk(4, 0), make_heads("각각각"))
