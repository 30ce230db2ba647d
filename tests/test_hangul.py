import unicodedata

import numpy as np
import pytest

from utils.hangul import (
    ALL_SYLLABLES,
    COMPONENTS,
    FINALS,
    INITIALS,
    MEDIALS,
    NO_FINAL,
    is_syllable,
    join_indices,
    join_syllable,
    ksx1001_syllables,
    read_charset,
    split_indices,
    split_syllables,
    syllable_indices,
)


def by_unicode(syllable):
    """Jamo indices by Unicode's own decomposition."""
    initial, medial, *final = map(ord, unicodedata.normalize("NFD", syllable))
    return initial - 0x1100, medial - 0x1161, final[0] - 0x11A7 if final else 0


def test_all_syllables_split_as_unicode_decomposes():
    expected = np.array([by_unicode(s) for s in ALL_SYLLABLES]).T
    for syllables in (ALL_SYLLABLES, "".join(ALL_SYLLABLES), np.array(ALL_SYLLABLES)):
        found = split_syllables(syllables)
        assert list(found) == ["initial", "medial", "final"]
        np.testing.assert_array_equal(list(found.values()), expected)
        assert {values.dtype for values in found.values()} == {np.dtype(np.int32)}
    assert len(set(ALL_SYLLABLES)) == 11172 == len(ALL_SYLLABLES)


def test_join_is_the_inverse_of_split():
    places = np.arange(11172)
    np.testing.assert_array_equal(join_indices(**split_indices(places)), places)
    np.testing.assert_array_equal(syllable_indices(ALL_SYLLABLES), places)
    for syllable in ALL_SYLLABLES[::37]:
        assert join_syllable(*by_unicode(syllable)) == syllable
    assert join_syllable(0, 0) == "가"


@pytest.mark.parametrize(
    "jamo, first, kind",
    [
        (INITIALS, 0x1100, "CHOSEONG"),
        (MEDIALS, 0x1161, "JUNGSEONG"),
        (FINALS[1:], 0x11A8, "JONGSEONG"),
    ],
)
def test_jamo_are_those_of_unicode(jamo, first, kind):
    for place, letter in enumerate(jamo):
        name = unicodedata.name(chr(first + place)).removeprefix(f"HANGUL {kind} ")
        assert unicodedata.name(letter) == f"HANGUL LETTER {name}"


def test_components_are_the_tables():
    assert COMPONENTS == {"initial": INITIALS, "medial": MEDIALS, "final": FINALS}
    assert [len(jamo) for jamo in COMPONENTS.values()] == [19, 21, 28]
    assert FINALS[0] == NO_FINAL and NO_FINAL.strip()


def test_ksx1001_is_what_two_bytes_of_euc_kr_hold():
    # Longer codes are the standard's way to spell the other 8,822.
    codes = {s: s.encode("euc_kr") for s in ALL_SYLLABLES}
    expected = [s for s, code in codes.items() if len(code) == 2]
    assert len(expected) == 2350
    assert list(ksx1001_syllables()) == sorted(expected, key=codes.get)


@pytest.mark.parametrize("text", ["", "ㄱ", "a", "가나", "\u1100\u1161", "漢", None, 7])
def test_what_is_no_syllable_is_refused_and_shown(text):
    assert not is_syllable(text)
    with pytest.raises(ValueError, match="Entry 1 is .*expected one modern Hangul"):
        syllable_indices(["가", text])


def test_message_shows_code_points_and_types():
    with pytest.raises(ValueError, match=r"U\+1100 U\+1161"):
        syllable_indices(["\u1100\u1161"])
    with pytest.raises(ValueError, match="7 of type int"):
        syllable_indices([7])


def test_edges_of_the_block():
    assert is_syllable("가") and is_syllable("힣")
    assert not is_syllable(chr(ord("가") - 1)) and not is_syllable(chr(ord("힣") + 1))
    assert syllable_indices([]).shape == (0,)


@pytest.mark.parametrize(
    "indices, message",
    [
        ((19, 0, 0), "initial indices run from 19 to 19; expected integers, 0 to 18"),
        ((0, -1, 0), "medial indices run from -1 to -1"),
        ((0, 0, [3, 28]), "final indices run from 3 to 28; expected integers, 0 to 27"),
        ((0, 0.5, 0), "medial indices run from 0.5 to 0.5; expected integers"),
        ((0, 0, float("nan")), "final indices run from nan"),
    ],
)
def test_indices_outside_are_refused(indices, message):
    with pytest.raises(ValueError, match=message):
        join_indices(*indices)


def test_charsets_by_name():
    assert read_charset("all") == ALL_SYLLABLES
    assert read_charset("ksx1001") == ksx1001_syllables()


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_charset_file(tmp_path, as_path):
    path = tmp_path / "set.txt"
    # Byte order mark, blanks, a repeat, and a syllable in decomposed form.
    path.write_text("\ufeff가 나\n다\t가\r\n\u1112\u1161\u11ab", encoding="utf-8")
    assert read_charset(as_path(path)) == ("가", "나", "다", "한")


@pytest.mark.parametrize(
    "content, message",
    [
        (b" \n", "holds no syllable"),
        ("가나a".encode(), r"set.txt: Entry 2 is 'a' \(U\+0061\)"),
        ("가나".encode("euc_kr"), "set.txt: not UTF-8 text"),
    ],
)
def test_charset_file_out_of_order(tmp_path, content, message):
    (tmp_path / "set.txt").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_charset(tmp_path / "set.txt")


@pytest.mark.parametrize(
    "name", ["ksx", "", "/no/such/file", "가" * 2000 + "a", "a\0b"]
)
def test_unknown_charset_names_the_choices(name):
    with pytest.raises(ValueError, match="neither 'ksx1001' nor 'all' nor a file"):
        read_charset(name)
