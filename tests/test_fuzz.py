"""A short run of what `python -m tests.fuzz` does for hours: seeds, and mutations."""

import warnings

import pytest
from fuzz.targets import TARGETS, write_corpus

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

# Readers in C++ take long to load; their seeds are tried, not mutations.
SLOW = ("weights", "exports")
EXAMPLES = 25  # of each other target


def feed(target, data, tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's on pictures that are damaged
        TARGETS[target].run(data, tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_end_as_documented(target, tmp_path_factory):
    paths = write_corpus(target, tmp_path_factory.mktemp("corpus"))
    assert len(paths) >= 3
    for path in paths:
        feed(target, path.read_bytes(), tmp_path_factory)


@st.composite
def damaged(draw, seeds):
    """A seed of which bytes are changed, cut out, doubled or put in."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 16)))
        data[start:end] = draw(st.binary(max_size=16)) * draw(st.integers(1, 3))
    return bytes(data)


@pytest.mark.parametrize("target", [name for name in TARGETS if name not in SLOW])
def test_damage_ends_as_documented(target, tmp_path_factory):
    @hypothesis.settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None
    )
    @hypothesis.given(damaged(TARGETS[target].seeds()))
    def try_one(data):
        feed(target, data, tmp_path_factory)

    try_one()


def test_a_finding_is_told(monkeypatch, tmp_path_factory):
    """The oracle itself: an error that is not documented comes through."""

    def broken(data, folder):
        raise KeyError("undocumented")

    monkeypatch.setitem(TARGETS, "broken", TARGETS["labels"]._replace(run=broken))
    with pytest.raises(KeyError, match="undocumented"):
        feed("broken", b"", tmp_path_factory)
