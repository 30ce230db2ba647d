"""O among figures is a zero, and elsewhere a letter."""

import pytest

from utils.lines.line import Part
from utils.lines.zeros import with_zeros


def parts_of(text):
    """Parts that spell a text, of which "_" stands for one without text."""
    found, space = [], False
    for each in text:
        if each != " ":
            found.append(Part("" if each == "_" else each, None, (0, 0, 1, 1), space))
        space = each == " "
    return found


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        ("3O5호", "305호"),
        ("8OOO원", "8000원"),
        ("45,OOO원", "45,000원"),
        ("O1O-22", "010-22"),
        ("OK 가 O", "OK 가 O"),
        ("CO2", "CO2"),
        ("NO.1", "NO.1"),
        ("3 OK", "3 OK"),
        ("1, OK", "1, OK"),
        ("_1O_", "_10_"),
        ("가O나", "가O나"),
        ("", ""),
    ],
)
def test_zeros_are_told_by_what_stands_beside_them(read, shown):
    before = parts_of(read)
    found = with_zeros(before)
    assert found == [
        part._replace(text=other.text)
        for part, other in zip(before, parts_of(shown), strict=True)
    ]
