import pytest

from utils.hangul import is_syllable
from utils.inference.frequencies import (
    count_syllables,
    format_table,
    syllable_frequencies,
)


def test_syllables_are_counted_as_often_as_their_words_occur():
    shares = count_syllables({"나라": 2.0, "가나": 1.0, "ㅋㅋ": 50.0, "A나": 0.5})
    assert shares == {"나": 3.5 / 6.5, "라": 2 / 6.5, "가": 1 / 6.5}
    assert list(shares) == ["나", "라", "가"]


def test_the_table_can_be_written_as_it_is_read():
    table = format_table({"나": 0.5, "라": 0.0001234})
    assert table.splitlines()[-2:] == ["나\t5e+05", "라\t123"]
    assert all(line[0] == "#" for line in table.splitlines()[:-2])
    assert "CC BY-SA 4.0" in table


def test_the_shipped_table_is_of_running_text():
    shares = syllable_frequencies()
    assert all(is_syllable(syllable) for syllable in shares)
    assert sum(shares.values()) == pytest.approx(1, abs=0.001)
    # Particles and endings are what Korean text has most of; 뷁 is in no word.
    assert {"이", "다", "는", "에", "가", "을"} <= set(list(shares)[:12])
    assert "뷁" not in shares
