"""Jamo tables, syllables as jamo indices and back, and charsets.

A modern Hangul syllable is an initial consonant (초성, choseong), a medial vowel
(중성, jungseong) and an optional final consonant (종성, jongseong). Unicode lays the
19 x 21 x 28 = 11,172 of them out in that order from U+AC00, so that indices follow
from arithmetic (The Unicode Standard, section 3.12, "Conjoining Jamo Behavior").
"""

import os
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from utils.kinds import FilePath

INITIALS = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
MEDIALS = tuple("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
NO_FINAL = "∅"  # the name of final 0: the syllable ends in its vowel
FINALS = (NO_FINAL, *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

# Component name -> its classes. Everything that travels per component is keyed so.
COMPONENTS = {"initial": INITIALS, "medial": MEDIALS, "final": FINALS}

FLAT_HEAD = "syllable"  # the name of the one head where syllables are not split

FIRST_SYLLABLE = 0xAC00
NUM_SYLLABLES = len(INITIALS) * len(MEDIALS) * len(FINALS)
ALL_SYLLABLES = tuple(chr(FIRST_SYLLABLE + i) for i in range(NUM_SYLLABLES))


def syllable_indices(syllables: Iterable[object]) -> np.ndarray:
    """Returns the places of syllables in the Unicode block, 0 to 11,171.

    Args:
        syllables: a string, or a sequence or array of strings of one syllable each.

    Returns:
        `int32` array (syllables,).

    Raises:
        ValueError: an entry is not exactly one modern Hangul syllable.
    """
    texts: list[Any] = list(syllables)
    for position, text in enumerate(texts):
        if not is_syllable(text):
            raise ValueError(
                f"Entry {position} is {_describe(text)}; expected one modern Hangul "
                "syllable from 가 (U+AC00) to 힣 (U+D7A3)."
            )
    return np.array([ord(text) for text in texts], np.int32) - FIRST_SYLLABLE


def is_syllable(text: object) -> TypeGuard[str]:
    """Tells whether `text` is a string of exactly one modern Hangul syllable."""
    return (
        isinstance(text, str)
        and len(text) == 1
        and 0 <= ord(text) - FIRST_SYLLABLE < NUM_SYLLABLES
    )


def split_syllables(syllables: Iterable[object]) -> dict[str, np.ndarray]:
    """Splits syllables into jamo indices.

    Args:
        syllables: a string, or a sequence or array of one-syllable strings.

    Returns:
        Dict of `int32` arrays (syllables,): `initial` 0-18, `medial` 0-20, `final`
        0-27, where final 0 says that there is none.

    Raises:
        ValueError: an entry is not exactly one modern Hangul syllable.
    """
    return split_indices(syllable_indices(syllables))


def split_indices(indices: Any) -> dict[str, np.ndarray]:
    """Splits places in the Unicode block into a dict of jamo index arrays."""
    rest, final = np.divmod(np.asarray(indices), len(FINALS))
    initial, medial = np.divmod(rest, len(MEDIALS))
    return {"initial": initial, "medial": medial, "final": final}


def join_indices(initial: Any, medial: Any, final: Any) -> np.ndarray:
    """Returns the places in the Unicode block of jamo indices: the inverse of split.

    Args:
        initial: integer array or number, 0-18.
        medial: the same, 0-20.
        final: the same, 0-27; 0 where there is none.

    Returns:
        Integer array of the shape that the three broadcast to, 0 to 11,171.

    Raises:
        ValueError: an index is no integer or outside its component's classes, or the
            shapes do not broadcast.
    """
    given = {"initial": initial, "medial": medial, "final": final}
    for name, values in given.items():
        values, count = np.asarray(values), len(COMPONENTS[name])
        if not values.size:
            continue
        low, high = values.min(), values.max()
        if values.dtype.kind not in "biu" or low < 0 or high >= count:
            raise ValueError(
                f"{name} indices run from {low} to {high}; expected integers, 0 to "
                f"{count - 1}."
            )
    first = np.asarray(initial) * len(MEDIALS) + np.asarray(medial)
    return first * len(FINALS) + np.asarray(final)


def join_syllable(initial: int, medial: int, final: int = 0) -> str:
    """Joins three jamo indices into the syllable that they spell.

    Args:
        initial: 0-18.
        medial: 0-20.
        final: 0-27; 0 where there is none.

    Raises:
        ValueError: an index is no integer or out of range.
    """
    return ALL_SYLLABLES[int(join_indices(initial, medial, final))]


@cache
def ksx1001_syllables() -> tuple[str, ...]:
    """Returns the 2,350 syllables of KS X 1001 (rows 16 to 40), in its order."""
    rows, cells = range(0xB0, 0xC9), range(0xA1, 0xFF)
    return tuple(bytes([r, c]).decode("euc_kr") for r in rows for c in cells)


def read_charset(name: FilePath) -> tuple[str, ...]:
    """Returns the syllables that a charset option names, without repeats.

    Args:
        name: `ksx1001` (2,350), `all` (11,172), the path of a UTF-8 text file whose
            syllables count and whose white space does not, or the syllables themselves.

    Raises:
        TypeError: it is no text and no path.
        ValueError: no such charset or file, or the file holds anything else.
    """
    if name == "all":
        return ALL_SYLLABLES
    if name == "ksx1001":
        return ksx1001_syllables()
    if not isinstance(name, (str, os.PathLike)):
        raise TypeError(
            "charset is 'ksx1001', 'all', a path or the syllables themselves, not "
            f"{type(name).__name__}."
        )
    name = os.fspath(name)
    # Not Path.is_file, which raises on a name that is too long for one.
    if not os.path.isfile(name):
        composed = unicodedata.normalize("NFC", name)  # some systems take them apart
        if composed and all(map(is_syllable, composed)):
            return tuple(dict.fromkeys(composed))
        raise ValueError(
            f"charset={str(name)!r:.60} is neither 'ksx1001' nor 'all' nor a file; "
            "give one of the two names, the path of a text file of syllables, or the "
            "syllables themselves."
        )
    try:
        text = unicodedata.normalize("NFC", Path(name).read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"charset file {name}: not UTF-8 text ({error}).") from None
    syllables = tuple(dict.fromkeys("".join(text.split())))
    if not syllables:
        raise ValueError(f"charset file {name} holds no syllable.")
    try:
        syllable_indices(syllables)
    except ValueError as error:
        raise ValueError(f"charset file {name}: {error}") from None
    return syllables


def _describe(text):
    """Names what came instead of a syllable, with code points where that helps."""
    if not isinstance(text, str):
        return f"{text!r} of type {type(text).__name__}"
    points = " ".join(f"U+{ord(c):04X}" for c in text[:4])
    return f"{text[:20]!r}" + (f" ({points})" if text else "")
