"""Reads lines of text that were cut out of a picture."""

from itertools import compress

import numpy as np

from utils.inference.answers import Answering
from utils.inference.ordering import Place
from utils.kinds import ReadSquares
from utils.lines.candidates import candidates, likely_pieces
from utils.lines.characters import NON_CHARACTERS, learnt_characters
from utils.lines.line import UNREAD, Line, Part
from utils.lines.measures import SHAPE_MEASURES, certainties, shapes
from utils.lines.path import OTHER, best_path
from utils.lines.pieces import MAX_PIECE_WIDTH, Pieces
from utils.lines.scores import learnt_weights
from utils.lines.spaces import find_spaces, gaps_between
from utils.lines.strips import LINE_HEIGHT, Strip
from utils.lines.zeros import ALIKE, with_zeros
from utils.pictures.geometry import transform

_MAX_MARK_SIZE = 0.42  # of the height: a smaller piece that is no syllable is a mark
# Taken off the log score of the first in a run of pieces that are no syllables, unless
# it is a mark: the weights are learnt from text with far more digits and Latin letters
# than usual. These stand in runs; parts of handwritten syllables do not.
_OTHER_RUN_PENALTY = 3.0
_TOO_WIDE_PENALTY = 1e6  # taken off the log score: so wide a piece is no syllable
_UNREAD_PROBABILITY, _MARK_PROBABILITY = 0.02, 0.5  # stand in for a syllable's
_MIN_CHARACTER_SHARE = 0.5  # of all characters' probability: the best one is certain
_MIN_CHARACTER_SUM = 1e-9  # of all characters' probability, against division by 0


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
            box = _box(pieces.whole, strip.to_picture)
            part = Part(UNREAD, None, box, False, None)
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
            else _other(piece, next(characters), strip, space)
            for piece, is_read, space in zip(chosen, are_read, spaces, strict=True)
        ]
        parts = with_zeros(parts)
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
    """Returns the character that a piece shows, and its probability among all others.

    `UNREAD` and None if it is not certain.
    """
    of_characters = kinds[len(NON_CHARACTERS) :]
    best = int(of_characters.argmax())
    alike = ALIKE if shown[best] in ALIKE else shown[best]
    among = [place for place, each in enumerate(shown) if each in alike]
    share = float(
        of_characters[among].sum() / max(of_characters.sum(), _MIN_CHARACTER_SUM)
    )
    if share > _MIN_CHARACTER_SHARE:
        return shown[best], share
    return "" if _is_mark(piece) else UNREAD, None


def _log_score(pieces, chosen, parts):
    """Returns the log score of a line, see `LineReader.__call__`."""
    sure = np.maximum(list(map(_certainty, parts)), _UNREAD_PROBABILITY)
    return float(np.log(sure) @ pieces.ink_of(chosen))


def _certainty(part):
    """Returns the probability of a part."""
    if part.reading and not part.reading.rejected:
        return part.probability * part.reading.share
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
    text, box = reading.best or UNREAD, _box(piece, strip.to_picture)
    return Part(text, reading, box, space, reading.probability)


def _other(piece, told, strip, space):
    """Returns the `Part` of what is no syllable, told as `_character` does."""
    text, probability = told
    return Part(text, None, _box(piece, strip.to_picture), space, probability)


def _box(piece, to_picture):
    """Returns the upright box around a piece in pixels of the picture."""
    top, bottom, left, right = piece.box
    corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
    found = transform(to_picture, np.array(corners, float))
    return (*found.min(axis=0).tolist(), *found.max(axis=0).tolist())
