import numpy as np
import pytest
from conftest import glyph_picture

from utils.analysis.evaluation import measure
from utils.analysis.published import PUBLISHED, closed_charsets, published_rows
from utils.analysis.sources import read_chunks
from utils.data.patches import write_patch
from utils.hangul import ALL_SYLLABLES, ksx1001_syllables


@pytest.fixture
def folder(tmp_path):
    images = np.stack([glyph_picture(s) for s in "가각간"])
    for source in ("pe92", "seri95a", "clova"):
        write_patch(tmp_path / f"{source}_0.pickle", images, list("가각간"))
    write_patch(tmp_path / "seri95a_1.pickle", images[:1], list("힝"))
    return tmp_path


def test_classes_are_those_of_the_protocol(folder, tmp_path):
    charsets = closed_charsets(folder, ALL_SYLLABLES)
    assert charsets == {
        "pe92": ksx1001_syllables(),
        "seri95a": ("가", "각", "간", "힝"),
    }
    assert closed_charsets(folder, tuple("가각"))["seri95a"] == ("가", "각")
    assert closed_charsets(tmp_path / "pictures.zip", ALL_SYLLABLES) == {}


def flat(images):
    """Says 갂, which is none of the sets', and after it the true syllable or 각."""
    probabilities = np.zeros((len(images), len(ALL_SYLLABLES)))
    probabilities[:, 1] = 0.25  # 각
    probabilities[:, 2] = 0.75  # 갂
    probabilities[0, 0] = 0.5  # 가
    return {"syllable": probabilities}


def test_answers_are_among_the_classes(folder):
    chunks = list(read_chunks(folder, 32))
    tallies = measure(
        chunks, flat, 5, ALL_SYLLABLES, closed_charsets(folder, ALL_SYLLABLES)
    )
    assert not tallies["pe92"].right["syllable"].any()
    rows = published_rows(tallies)
    ours = {r["source"]: r for r in rows if r["from"] == "this run"}
    assert ours.keys() == {"pe92", "seri95a"}
    # Of 가각간 the first is said to be 가, the others 각.
    assert ours["pe92"]["top_1"].startswith("66.67 (")
    assert (ours["pe92"]["classes"], ours["seri95a"]["classes"]) == (2350, 4)
    theirs = [r["top_1"] for r in rows if r["source"] == "seri95a"][1:]
    assert theirs == [figure.top_1 for figure in PUBLISHED["seri95a"]]
    assert theirs == ["93.71", "95.96", "97.67"]  # HangulDB's README
