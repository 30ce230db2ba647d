"""A picture of text -> its lines, read."""

from itertools import compress
from typing import NamedTuple

import numpy as np

from utils.inference.answers import Answering, Reading
from utils.inference.ordering import Place
from utils.kinds import ReadSquares
from utils.lines.candidates import candidates, likely_pieces
from utils.lines.characters import KNOWN, learnt_characters
from utils.lines.measures import SHAPES, certainties, shapes
from utils.lines.path import OTHER, best_path
from utils.lines.pieces import WIDEST, Pieces
from utils.lines.scores import learnt_weights
from utils.lines.spaces import find_spaces, gaps_between
from utils.lines.strips import HEIGHT, Strip
from utils.pictures.geometry import transform

UNREAD = "□"  # stands in a line's text for what is no syllable, or was rejected

_SMALL = 0.42  # of the height: what is no syllable and so small is a mark, not a letter
# What it takes off the score of what is no syllable, and no mark, where it does not
# follow another such: the weights are learnt of text with far more figures and Latin
# letters than most, which stand in runs, and parts of a hand's syllables do not.
_FEW = 4.0
_NEVER = 1e6
_UNREAD, _MARK = 0.02, 0.5  # what counts as the probability of what is no syllable
_LIKELY, _NONE = 0.5, 1e-9  # probability among characters that one is told, and none


class Part(NamedTuple):
    """A syllable of a line, or what else stands there.

    text: the syllable, or a figure, a Latin letter or a mark; `UNREAD` in its place
        where it was rejected, or what stands there is not clear; "" of a small mark
        that is not.
    reading: its `Reading`; None of what is no syllable.
    box: (left, top, right, bottom) in pixels of the picture, upright: of its ink.
    space: whether a space stands before it.
    """

    text: str
    reading: Reading | None
    box: tuple[float, float, float, float]
    space: bool


class Line(NamedTuple):
    """A line of text.

    text: its syllables, with spaces; see `Part.text`.
    parts: list of `Part`, from left to right; of a column from top to bottom.
    """

    text: str
    parts: list[Part]


class LineReader:
    """Reads lines of text.

    Args:
        glance: reads prepared pictures once, for pieces that may be anything.
        read: reads prepared pictures as well as it can, for what they turn out to be.
        size: side of prepared pictures.
        answering: in order, with `detail`; every line begins it anew.
    """

    def __init__(
        self,
        glance: ReadSquares,
        read: ReadSquares,
        size: int,
        answering: Answering,
    ) -> None:
        self._glance, self._read, self._size = glance, read, size
        self._answering = answering

    def __call__(self, strip: Strip) -> tuple[Line, float]:
        """Reads one line.

        Returns:
            (line, worth): the worth is 0 where all of it is sure, and else below: the
            sum of the logarithms of its parts' probabilities, by how much ink they are.
        """
        if not (strip.clean < 128).any():
            return Line("", []), 0.0
        pieces = Pieces(strip.clean, strip.vertical)
        answering = self._answering.begin_anew()
        chosen, codes, kinds = self._best_path(pieces, answering)
        if not chosen:  # a long stroke, say, and no way to cut it
            part = Part(UNREAD, None, _box(pieces.whole, strip.to_picture), False)
            return Line(UNREAD, [part]), float(np.log(_UNREAD))
        gaps = gaps_between(chosen)
        spaces = [False, *find_spaces(gaps, codes, strip.vertical).tolist()]
        are_read = (codes != OTHER).tolist()
        text = list(_places(chosen, are_read, spaces))
        syllables = list(compress(chosen, are_read))
        readings = iter(self._answer(pieces, syllables, answering, text))
        others = compress(zip(chosen, kinds, strict=True), codes == OTHER)
        shown = learnt_characters(strip.vertical).shown
        characters = iter([_character(*each, shown) for each in others])
        parts = [
            _syllable(piece, next(readings), strip, space)
            if is_read
            else Part(next(characters), None, _box(piece, strip.to_picture), space)
            for piece, is_read, space in zip(chosen, are_read, spaces, strict=True)
        ]
        line = "".join(" " * part.space + part.text for part in parts)
        return Line(" ".join(line.split()), parts), _worth(pieces, chosen, parts)

    def _best_path(self, pieces, answering):
        """Returns the pieces of the best way, with codes, and what kinds they may be.

        Codes are as `find_spaces` takes them, kinds as `Characters` gives them.
        """
        nothing = [], np.zeros(0, int), np.zeros((0, len(KNOWN)))
        if not pieces.all:
            return nothing
        looks, weights = shapes(pieces), learnt_weights(pieces.vertical)
        kept = likely_pieces(pieces.ends, looks, weights.shapes)
        if not len(kept):
            return nothing
        some = [pieces.all[at] for at in kept]
        squares = pieces.squares(some, self._size)
        codes, values = candidates(self._glance(squares), answering)
        widths = looks[kept, SHAPES.index("width")]
        kinds = learnt_characters(pieces.vertical)(squares, some)
        sure = certainties(values, widths, kinds)
        scores = np.hstack([looks[kept], sure]) @ weights.read.T
        entering = np.where(list(map(_is_mark, some)), 0, _FEW)
        scores[widths > WIDEST, 0] = -_NEVER
        path = best_path(pieces.ends[kept], scores, codes, values, entering)
        places, shown = map(list, zip(*path, strict=True)) if path else ([], [])
        chosen = [some[place] for place in places]
        return chosen, np.array(shown, int), kinds[places]

    def _answer(self, pieces, syllables, answering, text):
        """Returns the `Reading` of every piece that is a syllable."""
        if not syllables:
            return []
        return answering(self._read(pieces.squares(syllables, self._size)), text)


def _character(piece, kinds, shown):
    """Returns what a piece that is no syllable shows, `UNREAD` if it is not sure."""
    of_characters = kinds[len(KNOWN) :]
    best = int(of_characters.argmax())
    if of_characters[best] > _LIKELY * max(of_characters.sum(), _NONE):
        return shown[best]
    return "" if _is_mark(piece) else UNREAD


def _worth(pieces, chosen, parts):
    """Returns how sure a line is, see `LineReader.__call__`."""
    sure = np.maximum(list(map(_certainty, parts)), _UNREAD)
    return float(np.log(sure) @ pieces.ink_of(chosen))


def _certainty(part):
    """Returns the probability of a part."""
    if part.reading and not part.reading.rejected:
        return part.reading.syllables[0][1]
    return _UNREAD if part.text == UNREAD else _MARK


def _places(chosen, are_read, spaces):
    """Yields what stands at each place of the line, for reading in order."""
    for piece, is_read, space in zip(chosen, are_read, spaces, strict=True):
        if space:
            yield Place.SPACE
        if is_read:
            yield Place.READ
        else:  # after a mark, a word begins; after a figure, anything
            yield Place.SPACE if _is_mark(piece) else Place.LOST


def _is_mark(piece):
    """Tells whether a piece is no larger than marks of punctuation."""
    top, bottom, left, right = piece.box
    return max(bottom - top, right - left) < _SMALL * HEIGHT


def _syllable(piece, reading, strip, space):
    """Returns the `Part` of a syllable."""
    text = UNREAD if reading.rejected else reading.syllables[0][0]
    return Part(text, reading, _box(piece, strip.to_picture), space)


def _box(piece, to_picture):
    """Returns the upright box around a piece in pixels of the picture."""
    top, bottom, left, right = piece.box
    corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
    found = transform(to_picture, np.array(corners, float))
    return (*found.min(axis=0).tolist(), *found.max(axis=0).tolist())
