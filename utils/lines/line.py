"""What a line of text was read as: a `Line`, and its `Part`s."""

from typing import Any, NamedTuple

from utils.inference.readings import Reading

Box = tuple[float, float, float, float]

UNREAD = "□"  # in a line's text for a piece that was not recognised, or rejected


class Part(NamedTuple):
    """A syllable of a line, or another character.

    text: the syllable, digit, Latin letter or mark; `UNREAD` where it was rejected or
        not recognised, but "" for a small mark that was not recognised.
    reading: its `Reading`; None where it is no syllable.
    box: (left, top, right, bottom) in pixels of the picture, upright: of its ink.
    space: whether a space stands before it.
    probability: of the syllable, given the charset, as its reading has it; or of a
        character among all that are no syllables; None where it was rejected or not
        recognised.
    """

    text: str
    reading: Reading | None
    box: Box
    space: bool
    probability: float | None = None

    def to_dict(self, detail: bool = True) -> dict[str, Any]:
        """Returns what JSON can hold of it, as `predict.py --json=true` prints it.

        Args:
            detail: as for `Reading.to_dict`.
        """
        box = [round(side, 1) for side in self.box]
        told = {"text": self.text, "box": box, "space": self.space}
        if self.reading:
            return told | self.reading.to_dict(detail)
        return told | {"probability": self.probability}

    def __repr__(self) -> str:
        """Names the character and its probability."""
        sure = "" if self.probability is None else f" {self.probability:.3f}"
        return f"<Part: {self.text}{sure}>"


class Line(NamedTuple):
    """A line of text, which `str` and `format` show as its text.

    text: its syllables, with spaces; see `Part.text`.
    parts: list of `Part`, from left to right; of a column from top to bottom.
    """

    text: str
    parts: list[Part]

    @property
    def rejected(self) -> bool:
        """Whether one of its syllables was rejected."""
        return any(part.reading and part.reading.rejected for part in self.parts)

    @property
    def probability(self) -> float | None:
        """That of its least certain syllable; None without any, or if one is rejected.

        Figures, Latin letters and marks have no part in it: theirs say less.
        """
        sure = [part.probability for part in self.parts if part.reading]
        known = [each for each in sure if each is not None]
        return min(known) if known and not self.rejected else None

    @property
    def box(self) -> Box | None:
        """(left, top, right, bottom) around all its parts; None without any."""
        if not self.parts:
            return None
        left, top, right, bottom = zip(*(part.box for part in self.parts), strict=True)
        return min(left), min(top), max(right), max(bottom)

    def to_dict(self, detail: bool = True) -> dict[str, Any]:
        """Returns what JSON can hold of it, as `predict.py --json=true` prints it.

        Args:
            detail: as for `Reading.to_dict`.
        """
        return {"text": self.text, "parts": [p.to_dict(detail) for p in self.parts]}

    def __str__(self) -> str:
        """Returns its text."""
        return self.text

    def __format__(self, spec: str) -> str:
        """Returns its text, formatted."""
        return format(self.text, spec)

    def __repr__(self) -> str:
        """Names its text and the probability of its least certain syllable."""
        sure = "" if self.probability is None else f" {self.probability:.3f}"
        return f"<Line: {self.text!r}{sure}>"
