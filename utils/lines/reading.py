"""Reads lines of text that were cut out of a picture."""

from itertools import compress
from typing import NamedTuple

import numpy as np

from utils.inference.answers import Answering, Reading
from utils.inference.ordering import Place
from utils.kinds import ReadSquares
from utils.lines.candidates import candidates, likely_pieces
from utils.lines.characters import NON_CHARACTERS, learnt_characters
from utils.lines.measures import SHAPE_MEASURES, certainties, shapes
from utils.lines.path import OTHER, best_path
from utils.lines.pieces import MAX_PIECE_WIDTH, Pieces
from utils.lines.scores import learnt_weights
from utils.lines.spaces import find_spaces, gaps_between
from utils.lines.strips import LINE_HEIGHT, Strip
from utils.pictures.geometry import transform

UNREAD = "□"  # in a line's text for a piece that was not recognised, or rejected

_MAX_MARK_SIZE = 0.42  # of the height: a smaller piece that is no syllable is a mark
# Taken off the log score of the first in a run of pieces that are no syllables, unless
# it is a mark: the weights are learnt from text with far more digits and Latin letters
# than usual. These stand in runs; parts of handwritten syllables do not.
_OTHER_RUN_PENALTY = 4.0
_TOO_WIDE_PENALTY = 1e6  # taken off the log score: so wide a piece is no syllable
_UNREAD_PROBABILITY, _MARK_PROBABILITY = 0.02, 0.5  # stand in for a syllable's
_MIN_CHARACTER_SHARE = 0.5  # of all characters' probability: the best one is certain
_MIN_CHARACTER_SUM = 1e-9  # of all characters' probability, against division by 0


class Part(NamedTuple):
    """A syllable of a line, or another character.

    text: the syllable, digit, Latin letter or mark; `UNREAD` where it was rejected or
        not recognised, but "" for a small mark that was not recognised.
    reading: its `Reading`; None where it is no syllable.
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
        quick_probabilities: reads prepared pictures fast, for all candidate pieces.
        read: reads prepared pictures as well as possible, for the chosen syllables.
        size: side of prepared pictures in pixels.
        answering: made with `in_order` and `detail`; every line starts a copy of it.
    """

    def __init__(
        self,
        quick_probabilities: ReadSquares,
        read: ReadSquares,
        size: int,
        answering: Answering,
    ) -> None:
        self._quick_probabilities = quick_probabilities
        self._read, self._size = read, size
        self._answering = answering

    def __call__(self, strip: Strip) -> tuple[Line, float]:
        """Reads one line.

        Returns:
            (line, log_score): the mean of the log probabilities of its parts, weighted
            by their share of the ink; 0 where all are certain, otherwise below.
        """
        if not (strip.clean < 128).any():
            return Line("", []), 0.0
        pieces = Pieces(strip.clean, strip.vertical)
        answering = self._answering.begin_anew()
        chosen, indices, kinds = self._best_path(pieces, answering)
        if not chosen:  # a long stroke, say, and no way to cut it
            part = Part(UNREAD, None, _box(pieces.whole, strip.to_picture), False)
            return Line(UNREAD, [part]), float(np.log(_UNREAD_PROBABILITY))
        gaps = gaps_between(chosen)
        spaces = [False, *find_spaces(gaps, indices, strip.vertical).tolist()]
        are_read = (indices != OTHER).tolist()
        text = list(_places(chosen, are_read, spaces))
        syllables = list(compress(chosen, are_read))
        readings = iter(self._answer(pieces, syllables, answering, text))
        others = compress(zip(chosen, kinds, strict=True), indices == OTHER)
        shown = learnt_characters(strip.vertical).shown
        characters = iter([_character(*each, shown) for each in others])
        parts = [
            _syllable(piece, next(readings), strip, space)
            if is_read
            else Part(next(characters), None, _box(piece, strip.to_picture), space)
            for piece, is_read, space in zip(chosen, are_read, spaces, strict=True)
        ]
        line = "".join(" " * part.space + part.text for part in parts)
        return Line(" ".join(line.split()), parts), _log_score(pieces, chosen, parts)

    def _best_path(self, pieces, answering):
        """Returns the pieces of the best way to cut, their indices and their kinds.

        Indices are as for `find_spaces`, kinds as `Characters` gives them.
        """
        nothing = [], np.zeros(0, int), np.zeros((0, len(NON_CHARACTERS)))
        if not pieces.all:
            return nothing
        looks, weights = shapes(pieces), learnt_weights(pieces.vertical)
        kept = likely_pieces(pieces.ends, looks, weights.shapes)
        if not len(kept):
            return nothing
        some = [pieces.all[at] for at in kept]
        squares = pieces.squares(some, self._size)
        indices, values = candidates(self._quick_probabilities(squares), answering)
        widths = looks[kept, SHAPE_MEASURES.index("width")]
        kinds = learnt_characters(pieces.vertical)(squares, some)
        sure = certainties(values, widths, kinds)
        scores = np.hstack([looks[kept], sure]) @ weights.read.T
        penalty = np.where(list(map(_is_mark, some)), 0, _OTHER_RUN_PENALTY)
        scores[widths > MAX_PIECE_WIDTH, 0] = -_TOO_WIDE_PENALTY
        path = best_path(pieces.ends[kept], scores, indices, values, penalty)
        places, shown = map(list, zip(*path, strict=True)) if path else ([], [])
        chosen = [some[place] for place in places]
        return chosen, np.array(shown, int), kinds[places]

    def _answer(self, pieces, syllables, answering, text):
        """Returns the `Reading` of every piece that is a syllable."""
        if not syllables:
            return []
        return answering(self._read(pieces.squares(syllables, self._size)), text)


def _character(piece, kinds, shown):
    """Returns the character that a piece shows, `UNREAD` if it is not certain."""
    of_characters = kinds[len(NON_CHARACTERS) :]
    best = int(of_characters.argmax())
    if of_characters[best] > _MIN_CHARACTER_SHARE * max(
        of_characters.sum(), _MIN_CHARACTER_SUM
    ):
        return shown[best]
    return "" if _is_mark(piece) else UNREAD


def _log_score(pieces, chosen, parts):
    """Returns the log score of a line, see `LineReader.__call__`."""
    sure = np.maximum(list(map(_certainty, parts)), _UNREAD_PROBABILITY)
    return float(np.log(sure) @ pieces.ink_of(chosen))


def _certainty(part):
    """Returns the probability of a part."""
    if part.reading and not part.reading.rejected:
        return part.reading.syllables[0][1]
    return _UNREAD_PROBABILITY if part.text == UNREAD else _MARK_PROBABILITY


def _places(chosen, are_read, spaces):
    """Yields the `Place` of each piece and space, for reading in order."""
    for piece, is_read, space in zip(chosen, are_read, spaces, strict=True):
        if space:
            yield Place.SPACE
        if is_read:
            yield Place.READ
        else:  # after a mark, a word begins; after a figure, anything
            yield Place.SPACE if _is_mark(piece) else Place.LOST


def _is_mark(piece):
    """Tells whether a piece is as small as a punctuation mark."""
    top, bottom, left, right = piece.box
    return max(bottom - top, right - left) < _MAX_MARK_SIZE * LINE_HEIGHT


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
