"""Pieces of a line: what lies between two cuts, and may be a syllable."""

from typing import NamedTuple

import cv2
import numpy as np

from utils.inference.imaging import fit_ink
from utils.lines.cuts import find_cuts
from utils.lines.strips import LINE_HEIGHT
from utils.pictures.geometry import set_up

MAX_PIECE_WIDTH = 1.7  # times the line's height: no syllable is wider
# Share of a connected part that lies between two cuts: from the first on all of it
# belongs there, below the second none, and in between it is cut.
_MIN_WHOLE_SHARE, _MIN_CUT_SHARE = 0.8, 0.2
_TOUCH_KERNEL = np.ones((3, 3), np.uint8)  # grows a mask by the strokes' grey edge


class Piece(NamedTuple):
    """What lies between two cuts.

    start, end: indices of the two cuts.
    box: (top, bottom, left, right) of its ink in pixels of the strip, ends exclusive.
    whole: labels of the connected parts that belong to it entirely.
    cut: labels of the connected parts of which only a share belongs to it.
    """

    start: int
    end: int
    box: tuple[int, int, int, int]
    whole: np.ndarray
    cut: np.ndarray


class Pieces:
    """A line, its cuts, and the pieces between any two of them.

    In slanted writing strokes reach under the next syllable: so a connected part
    belongs entirely to the piece in which most of it lies.

    Args:
        clean: `uint8` (height, width), see `strips.Strip`; with ink.
        vertical: see `strips.Strip`.

    Attributes:
        cuts: the `Cuts`.
        columns: `float64` (width,), ink of every column in parts of `LINE_HEIGHT`.
        parts: `int32` (labels, 5), OpenCV's statistics of the connected parts of its
            ink, the paper's first.
        all: list of `Piece`, by where they start, then by where they end.
        ends: integers (pieces, 2), the cuts where each starts and ends.
        vertical: as given.
    """

    def __init__(self, clean: np.ndarray, vertical: bool = False) -> None:
        self._clean, self.vertical = clean, vertical
        ink = (clean < 128).view(np.uint8)
        self.cuts = find_cuts(ink)
        self.columns = ink.sum(axis=0) / LINE_HEIGHT
        count, self._labels, self.parts, _ = cv2.connectedComponentsWithStats(ink)
        self._stats = self.parts.tolist()
        shares = _shares(self._labels, count, self.cuts.places)
        pairs = _pairs(self.cuts.places, self.columns > 0)
        self.all = [self._piece(start, end, shares) for start, end in pairs]
        self.ends = np.array([(piece.start, piece.end) for piece in self.all], int)
        self.ends = self.ends.reshape(-1, 2)

    def squares(self, pieces: list[Piece], size: int) -> np.ndarray:
        """Returns pieces as upright squares, as the network takes them.

        Args:
            pieces: some of `all`, 1 or more.
            size: side of the squares in pixels.

        Returns:
            `uint8` (pieces, size, size), dark on white.
        """
        cut = map(self._cut_out, pieces)
        upright = map(set_up, cut) if self.vertical else cut
        return np.stack([fit_ink(picture, size) for picture in upright])

    @property
    def whole(self) -> Piece:
        """The line as one piece, which may be wider than any of `all`."""
        rows = np.flatnonzero((self._labels > 0).any(axis=1)).tolist()
        box = rows[0], rows[-1] + 1, *self.cuts.places[[0, -1]].tolist()
        parts = np.arange(1, len(self._stats))
        return Piece(0, len(self.cuts.places) - 1, box, parts, parts[:0])

    def ink_of(self, pieces: list[Piece]) -> np.ndarray:
        """Returns the share of the line's ink between the cuts of each piece.

        Args:
            pieces: some of `all`.

        Returns:
            `float64` (pieces,), 0-1.
        """
        left = np.append(0, self.columns.cumsum())
        ends = self.cuts.places[[[piece.start, piece.end] for piece in pieces]]
        return np.diff(left[ends.reshape(-1, 2)], axis=1)[:, 0] / left[-1]

    def _piece(self, start, end, shares):
        share = shares[end] - shares[start]
        whole = np.flatnonzero(share > _MIN_WHOLE_SHARE)
        cut = np.flatnonzero((share > _MIN_CUT_SHARE) & (share <= _MIN_WHOLE_SHARE))
        if not len(whole) + len(cut):
            cut = np.array([share.argmax()])  # no part lies mostly here
        left, right = self.cuts.places[[start, end]].tolist()
        boxes = [self._box(part, 0, len(self.columns)) for part in whole]
        boxes += [self._box(part, left, right) for part in cut]
        top, bottom, first, last = zip(*boxes, strict=True)
        box = min(top), max(bottom), min(first), max(last)
        return Piece(start, end, box, whole, cut)

    def _box(self, part, left, right):
        """Returns the box of the pixels of a connected part between two columns."""
        first, top, width, height, _ = self._stats[part]
        if first < left or first + width > right:
            start, end = max(first, left), min(first + width, right)
            ink = self._labels[top : top + height, start:end] == part
            x, y, width, height = cv2.boundingRect(ink.view(np.uint8))
            first, top = start + x, top + y
        return top, top + height, first, first + width

    def _cut_out(self, piece):
        """Returns a piece without the ink of others: `uint8`, dark on white."""
        top, bottom, left, right = piece.box
        top, left = max(0, top - 1), max(0, left - 1)  # the strokes' grey edge
        where = np.s_[top : bottom + 1, left : right + 1]
        labels, picture = self._labels[where], self._clean[where].copy()
        columns = np.arange(left, left + labels.shape[1])
        start, end = self.cuts.places[[piece.start, piece.end]]
        between = (columns >= start) & (columns < end)
        own = np.isin(labels, piece.whole) | (np.isin(labels, piece.cut) & between)
        others = (labels > 0) & ~own
        # The grey edge of other strokes goes with them.
        edge = cv2.dilate(others.view(np.uint8), _TOUCH_KERNEL) > 0
        edge &= cv2.dilate(own.view(np.uint8), _TOUCH_KERNEL) == 0
        picture[others | edge] = 255
        return picture


def _shares(labels, count, places):
    """Returns the share of each connected part left of each cut: (cuts, parts).

    The share of label 0, which is paper, is 0.
    """
    rows, columns = np.nonzero(labels)
    after = np.searchsorted(places, columns, side="right")  # 1: between the first two
    table = np.zeros((len(places) + 1, count))
    np.add.at(table, (after, labels[rows, columns]), 1)
    left = table.cumsum(axis=0)[:-1]
    return left / np.maximum(table.sum(axis=0), 1)


def _pairs(places, inked):
    """Yields pairs of cuts with ink between them, no wider than a syllable.

    Neighbouring cuts are always paired, however wide, so that a way leads through the
    line; what lies between them is then no syllable.
    """
    columns = np.flatnonzero(inked)
    bounds = np.searchsorted(columns, places)
    for start in range(len(places) - 1):
        for end in range(start + 1, len(places)):
            first, last = bounds[start], bounds[end] - 1
            if last < first:
                continue
            wide = columns[last] - columns[first] >= MAX_PIECE_WIDTH * LINE_HEIGHT
            if wide and end > start + 1:
                break
            yield start, end
