"""Cuts a picture of text into lines: level, equally high, dark on white."""

from typing import NamedTuple

import cv2
import numpy as np

from utils.cleaning.ground import remove_ground
from utils.cleaning.ink import wiped
from utils.cleaning.paper import NoInkError
from utils.cleaning.strokes import find_strokes
from utils.lines.blots import cover_blots
from utils.lines.direction import are_columns
from utils.lines.lamps import join_lamps
from utils.lines.rows import are_sure, find_rows
from utils.lines.rules import text_ink
from utils.lines.sheet import cover_surroundings
from utils.lines.tilt import find_tilt
from utils.pictures.geometry import lay_down, setting_up, turn
from utils.pictures.sizes import reduced, resized

LINE_HEIGHT = 80  # pixels: the height at which lines are cut and read
LINE_MARGIN = 0.15  # of the height, above and below each line
_MAX_SEARCH_PIXELS = 2_000_000  # of the copy in which lines are looked for
_MAX_ENLARGEMENT = 4  # times: rows that would need more are specks
_MAX_CUT_PIXELS = 24_000_000  # of the picture at the size in which lines are cut out


class Strip(NamedTuple):
    """One line of text.

    clean: `uint8` (height, width), dark on white, its text `LINE_HEIGHT` pixels high.
    to_picture: `float64` (2, 3), maps (x, y, 1) in pixels of `clean` to (x, y) in the
        picture.
    vertical: whether it is a column, turned into a line: its letters lie on their left
        side.
    """

    clean: np.ndarray
    to_picture: np.ndarray
    vertical: bool = False


class Page:
    """A picture of text, level, without its paper, and the rows of ink in it.

    Args:
        gray: `uint8` (height, width), dark on light or light on dark.
        vertical: its lines are columns, the first of them at the right. The picture is
            turned, so that they become lines of letters that lie on their side. None
            lets the picture tell.

    Attributes:
        rows: list of (top, bottom) in pixels of the level picture, from top to bottom.
        is_sure: whether it is certain that every row is a whole line.

    Raises:
        NoInkError: the picture holds no ink.
    """

    def __init__(self, gray: np.ndarray, vertical: bool | None = False) -> None:
        width = gray.shape[1]
        gray = cover_blots(cover_surroundings(join_lamps(gray)))
        strokes = find_strokes(gray)
        small, scale = reduced(gray, _MAX_SEARCH_PIXELS)
        small = remove_ground(small, strokes.at(scale))
        self._vertical = are_columns(small) if vertical is None else bool(vertical)
        if self._vertical:
            gray, small = lay_down(gray), lay_down(small)
        tilt, height = _look(small)
        scale = min(LINE_HEIGHT * scale / height, (_MAX_CUT_PIXELS / gray.size) ** 0.5)
        large, to_picture = _resized(gray, scale)
        clean = remove_ground(large, strokes.at(scale))
        clean, forth = turn(clean, tilt, 255)
        ink = text_ink(clean, self._vertical)
        self.rows = find_rows(ink)
        self.is_sure = are_sure(self.rows, ink)
        others = ((clean < 128) & (ink == 0)).view(np.uint8)
        self._clean = wiped(clean, others, ink)
        to_picture = _chain(to_picture, cv2.invertAffineTransform(forth))
        standing = setting_up(width) if self._vertical else np.eye(2, 3)
        self._to_picture = _chain(standing, to_picture)

    def ink(self, first: int, last: int) -> float:
        """Counts the ink of some rows, in pixels of the level picture.

        Args:
            first: index of the first row.
            last: index of the last row.
        """
        part = self._clean[self.rows[first][0] : self.rows[last][1]]
        return float(np.count_nonzero(part < 128))

    def strip(self, first: int, last: int) -> Strip:
        """Cuts a line out.

        Args:
            first: index of its first row.
            last: index of its last row.
        """
        top, bottom = self.rows[first][0], self.rows[last][1]
        room = round(LINE_MARGIN * (bottom - top))
        # The margin ends at the neighbouring rows.
        start = max(top - room, self.rows[first - 1][1] if first else 0)
        after = self.rows[last + 1][0] if last + 1 < len(self.rows) else None
        part = self._clean[start : min(bottom + room, after or len(self._clean))]
        short = room - top + start, bottom + room - start - len(part)
        part = np.pad(part, (short, (0, 0)), constant_values=255)
        scale = min(LINE_HEIGHT / (bottom - top), _MAX_ENLARGEMENT)
        sized, back = _resized(part, scale)
        back[1, 2] = top - room
        return Strip(sized, _chain(self._to_picture, back), self._vertical)


def _look(clean):
    """Returns a text's tilt, and how high its lines usually are, in pixels.

    Raises:
        NoInkError: the picture holds no ink.
    """
    tilt = find_tilt((clean < 128).view(np.uint8))
    rows = find_rows(text_ink(turn(clean, tilt, 255)[0]))
    if not rows:
        raise NoInkError("The picture holds no ink: nothing in it is dark enough.")
    return tilt, float(np.median([bottom - top for top, bottom in rows]))


def _resized(gray, scale):
    """Returns a picture resized, and the matrix (2, 3) that maps it back."""
    sized = resized(gray, scale)
    across, down = np.array(gray.shape[::-1]) / sized.shape[::-1]
    return sized, np.array([[across, 0, 0], [0, down, 0]])


def _chain(outer, inner):
    """Returns the matrix (2, 3) that does what `inner` does, then `outer`."""
    return outer @ np.vstack([inner, [0, 0, 1]])
