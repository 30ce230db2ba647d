"""Two texts -> how many syllables and spaces of the one are wrong."""

from typing import NamedTuple

from utils.hangul import is_syllable
from utils.lines.line import UNREAD

MARKS = " .,:'\"~-"  # no part of what is compared


class Errors(NamedTuple):
    """What is wrong with a line that was read.

    syllables: how many it has.
    edits: least number of syllables to put in, take out or change.
    spaces: of its inner gaps between syllables, how many are wrongly a space or none;
        0 where syllables are wrong, for which gap is which is then not clear.
    gaps: how many gaps were compared.
    """

    syllables: int
    edits: int
    spaces: int
    gaps: int


def compare_texts(true: str, read: str) -> Errors:
    """Compares what a line says with what it is read as.

    Letters and figures of other scripts count as `UNREAD`, `MARKS` do not count; other
    marks, such as ! and ?, are letters of another script too.

    Args:
        true: what it says.
        read: what it is read as.
    """
    wanted, got = (_comparable(text) for text in (true, read))
    edits = edit_distance(wanted.replace(" ", ""), got.replace(" ", ""))
    count = len(wanted.replace(" ", ""))
    if edits:
        return Errors(count, edits, 0, 0)
    wrong = _space_places(wanted) ^ _space_places(got)
    return Errors(count, 0, len(wrong), max(count - 1, 0))


def _comparable(text):
    """Returns a text with `UNREAD` for other scripts, without marks."""
    kept = (c for c in text if c == " " or c not in MARKS)
    shown = (c if is_syllable(c) or c == " " else UNREAD for c in kept)
    return " ".join("".join(shown).split())


def _space_places(text):
    """Returns after how many syllables there is a space: a set."""
    places, seen = set(), 0
    for character in text:
        if character == " ":
            places.add(seen)
        seen += character != " "
    return places


def edit_distance(one: str, other: str) -> int:
    """Returns how many characters must be put in, taken out or changed (Levenshtein).

    Args:
        one: a text.
        other: another.
    """
    row = list(range(len(other) + 1))
    for done, character in enumerate(one, 1):
        before, row[0] = row[0], done
        for at, wanted in enumerate(other, 1):
            change = before + (character != wanted)
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, change)
    return row[-1]
