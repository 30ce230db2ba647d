"""The letter O among figures is a zero: they are drawn alike."""

import re
from collections.abc import Sequence

from utils.lines.line import Part

ALIKE = "0O"
# Behind a figure, or before one unless a letter is before it, as in CO2; or behind the
# comma or point of a number that goes on.
_ZERO = re.compile(r"(?<=\d)O|(?<=\d[,.])O(?=[O\d])|(?<![A-Za-z])O(?=\d)")
_NOTHING = "\0"  # stands for a part without text


def with_zeros(parts: Sequence[Part]) -> list[Part]:
    """Returns parts of a line, letters O among figures as zeros.

    Args:
        parts: of the line, from left to right.
    """
    text = "".join(" " * part.space + (part.text or _NOTHING) for part in parts)
    before = ""
    while before != text:
        before, text = text, _ZERO.sub("0", text)
    shown = text.replace(" ", "")
    return [
        part._replace(text=each) if part.text == "O" else part
        for part, each in zip(parts, shown, strict=True)
    ]
