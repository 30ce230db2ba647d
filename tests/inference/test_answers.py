from functools import partial

import numpy as np
import pytest

from tests.helpers.weighing import weight
from utils.hangul import ALL_SYLLABLES
from utils.inference.answers import Answering
from utils.inference.readings import Jamo, Reading

SIZES = {"initial": 19, "medial": 21, "final": 28}


def heads(*rows):
    """Heads of which each row gives a dict of class -> probability for every head."""
    found = {name: np.zeros((len(rows), size)) for name, size in SIZES.items()}
    for number, row in enumerate(rows):
        for name, values in zip(SIZES, row, strict=True):
            for place, value in values.items():
                found[name][number, place] = value
    return found


alike = partial(Answering, text=0)  # all of KS X 1001

# 가 or 나 (initial ㄱ .6, ㄴ .4), perhaps with ㄱ below; and a 힣 beyond doubt.
GIVEN = heads(
    ({0: 0.6, 2: 0.4}, {0: 1.0}, {0: 0.9, 1: 0.1}), ({18: 1.0}, {20: 1.0}, {27: 1.0})
)


def test_syllables_alone_and_with_probabilities():
    assert alike(ALL_SYLLABLES, 3)(GIVEN)[0] == ["가", "나", "각"]
    found = alike(ALL_SYLLABLES, 3, scores=True)(GIVEN)[0]
    assert [syllable for syllable, _ in found] == ["가", "나", "각"]
    assert [p for _, p in found] == pytest.approx([0.54, 0.36, 0.06])


def test_details_name_each_jamo_and_its_runner_up():
    first, second = alike(ALL_SYLLABLES, 2, detail=True)(GIVEN)
    assert [s for s, _ in first.syllables] == ["가", "나"]
    assert first.initial == Jamo("ㄱ", pytest.approx(0.6), "ㄴ", pytest.approx(0.4))
    assert first.final == Jamo("∅", pytest.approx(0.9), "ㄱ", pytest.approx(0.1))
    assert first.share == 1 and not first.rejected
    assert second.syllables[0] == ("힣", 1.0)
    assert second.medial == Jamo("ㅣ", 1.0, "ㅏ", 0.0)


def test_a_charset_restricts_syllables_and_jamo():
    answering = alike(ALL_SYLLABLES, 2, charset="나각", detail=True)
    reading = answering(GIVEN)[0]
    assert [s for s, _ in reading.syllables] == ["나", "각"]
    assert [p for _, p in reading.syllables] == pytest.approx(
        [0.36 / 0.42, 0.06 / 0.42]
    )
    assert reading.share == pytest.approx(0.42)
    assert reading.initial.jamo == "ㄴ"
    assert reading.initial.probability == pytest.approx(0.36 / 0.42)
    assert reading.final == Jamo(
        "∅", pytest.approx(0.36 / 0.42), "ㄱ", pytest.approx(0.06 / 0.42)
    )


def test_rare_settles_a_doubt_by_what_text_is_written_in():
    # 갂 (KS X 1001 does not have it) by .6, 각 (it has) by .4: final ㄲ is 2, ㄱ 1.
    doubt = heads(({0: 1.0}, {0: 1.0}, {2: 0.6, 1: 0.4}))
    assert Answering(ALL_SYLLABLES, 2, rare=1, text=0)(doubt)[0] == ["갂", "각"]
    for how in ({}, {"rare": 0.1}, {"text": 0}, {"rare": 0.5, "text": 1}):
        found = Answering(ALL_SYLLABLES, 2, scores=True, **how)(doubt)[0]
        expected = np.array([0.4 * weight("각", **how), 0.6 * weight("갂", **how)])
        assert [syllable for syllable, _ in found] == ["각", "갂"]
        assert [p for _, p in found] == pytest.approx(expected / expected.sum())
        (reading,) = Answering(ALL_SYLLABLES, 2, detail=True, **how)(doubt)
        assert reading.final.jamo == "ㄱ" and reading.share == 1
        assert reading.final.probability == pytest.approx(found[0][1])


@pytest.mark.parametrize(
    ("charset", "threshold", "kept"),
    [
        ("all", 0.0, [True, True]),
        ("all", 0.53, [True, True]),
        ("all", 0.55, [False, True]),
        ("나각", 0.41, [True, False]),  # .86 and a share of .42; nothing of 힣
        ("나각", 0.43, [False, False]),
        ("가나", 0.59, [True, False]),  # .6 and a share of .9
        ("가나", 0.61, [False, False]),
    ],
)
def test_rejected_pictures_have_no_syllables(charset, threshold, kept):
    how = {"charset": charset, "reject_below": threshold}
    for scores in (False, True):
        answers = alike(ALL_SYLLABLES, 1, scores=scores, **how)(GIVEN)
        assert [bool(answer) for answer in answers] == kept
    readings = alike(ALL_SYLLABLES, 1, detail=True, **how)(GIVEN)
    assert [not reading.rejected for reading in readings] == kept
    assert readings[0].medial.jamo == "ㅏ"  # the jamo are told all the same


def test_a_picture_without_ink_has_nothing_to_tell():
    assert Answering(ALL_SYLLABLES).without_ink() == []
    found = Answering(ALL_SYLLABLES, detail=True).without_ink()
    assert found == Reading([], None, None, None, 0.0, []) and found.rejected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n=0 syllables were asked for; expected an integer from 1 to 11172"),
        ({"n": 3, "charset": "가나"}, "n=3 .* expected an integer from 1 to 2"),
        ({"n": True}, "n=True"),
        ({"charset": "abc"}, "charset='abc' is neither"),
        ({"reject_below": -0.1}, "reject_below=-0.1; expected a probability"),
        ({"reject_below": 1.1}, "reject_below=1.1; expected a probability"),
        ({"reject_below": float("nan")}, "reject_below=nan; expected a probability"),
        ({"reject_below": "0.5"}, "reject_below='0.5'; expected a probability"),
        ({"rare": 0}, "rare=0; expected a number above 0, .* say charset='ksx1001'"),
        ({"rare": 1.5}, "rare=1.5; expected a number above 0"),
        ({"rare": float("nan")}, "rare=nan; expected a number above 0"),
        ({"text": -0.1}, "text=-0.1; expected a number from 0"),
        ({"text": 2}, "text=2; expected a number from 0"),
        ({"text": float("nan")}, "text=nan; expected a number from 0"),
        ({"text": True}, "text=True; expected a number from 0"),
        ({"reject_below": True}, "reject_below=True; expected a probability"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Answering(ALL_SYLLABLES, **options)
