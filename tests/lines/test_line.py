"""What a line tells of itself: its text, its box, its least certain syllable."""

import json

import pytest

from utils.inference.readings import Reading
from utils.lines.line import UNREAD, Line, Part


def part(text, probability, box=(0, 0, 9, 9)):
    """A syllable, or with `text` in Latin a character that is none."""
    if text.isascii():
        return Part(text, None, box, False, probability)
    guesses = [(text, probability or 0.1)]
    kept = guesses if probability else []
    reading = Reading(kept, None, None, None, 1.0, guesses)
    return Part(text if probability else UNREAD, reading, box, False, probability)


LINE = Line(
    "글a자", [part("글", 0.9), part("a", 0.2), part("자", 0.7, (12, -3, 20, 8))]
)


def test_a_line_is_its_text_and_its_least_certain_syllable():
    assert str(LINE) == "글a자" and repr(LINE) == "<Line: '글a자' 0.700>"
    assert LINE.probability == 0.7 and not LINE.rejected
    assert LINE.box == (0, -3, 20, 9)
    assert f"{LINE:>5}" == "  글a자"
    told = json.loads(json.dumps(LINE.to_dict(), ensure_ascii=False))
    assert told["text"] == "글a자" and [each["text"] for each in told["parts"]] == [
        *"글a자"
    ]
    assert told["parts"][1]["probability"] == 0.2
    assert told["parts"][2]["syllables"] == [{"syllable": "자", "probability": 0.7}]
    assert repr(LINE.parts[1]) == "<Part: a 0.200>"


def test_lines_without_a_certain_syllable_have_no_probability():
    assert Line("", []).probability is None and Line("", []).box is None
    assert Line("a", [part("a", 0.4)]).probability is None
    rejected = Line("글" + UNREAD, [part("글", 0.9), part("나", None)])
    assert rejected.rejected and rejected.probability is None
    assert repr(rejected) == "<Line: '글□'>" and repr(rejected.parts[1]) == "<Part: □>"


@pytest.mark.parametrize(
    ("reading", "shown"),
    [
        (Reading([("가", 0.9)], None, None, None, 1.0, [("가", 0.9)]), "가 0.900"),
        (Reading([], None, None, None, 1.0, [("가", 0.4)]), "rejected (가 0.400)"),
        (Reading([], None, None, None, 0.0, []), "rejected (no ink)"),
    ],
)
def test_readings_show_their_candidates(reading, shown):
    assert repr(reading) == f"<Reading: {shown}>"
    assert reading.rejected == (reading.best is None) == (reading.probability is None)
    if not reading.rejected:
        assert (reading.best, reading.probability) == reading.syllables[0]
