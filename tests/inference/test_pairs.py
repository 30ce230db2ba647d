import pytest

from utils.hangul import is_syllable
from utils.inference.pairs import count_pairs, format_table, syllable_pairs


def test_pairs_are_counted_as_often_as_their_words_occur():
    pairs = count_pairs({"나라": 2.0, "나": 1.0, "ㅋㅋ": 50.0, "A나": 0.5, "": 9.0})
    # ^나 3, 나라 2, 라$ 2, 나$ 1: eight in all.
    assert pairs == {
        "^": {"나": pytest.approx(3e6 / 8)},
        "나": {"라": pytest.approx(2e6 / 8), "$": pytest.approx(1e6 / 8)},
        "라": {"$": pytest.approx(2e6 / 8)},
    }


def test_the_table_leaves_out_rare_pairs_and_says_what_it_is():
    table = format_table({"나": {"라": 12345.6, "$": 3.0, "무": 2.9}, "빙": {"$": 1}})
    assert table.splitlines()[-1] == "나\t$3\t라1.23e+04"
    assert "CC BY-SA 4.0" in table
    assert all(line[0] == "#" for line in table.splitlines()[:-1])


def test_the_shipped_table_is_of_running_text():
    pairs = syllable_pairs()
    assert all(is_syllable(first) for first in pairs if first != "^")
    followers = {after for row in pairs.values() for after in row}
    assert all(is_syllable(after) for after in followers if after != "$")
    total = sum(sum(row.values()) for row in pairs.values())
    assert 0.95e6 < total <= 1e6
    # 습니다 ends most polite sentences; 다 ends words, 습 does not.
    assert max(pairs["습"], key=pairs["습"].get) == "니"
    assert pairs["다"]["$"] > 10 * pairs["습"].get("$", 0)
