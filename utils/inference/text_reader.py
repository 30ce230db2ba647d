"""Reads pictures of text, with any engine that gives probabilities."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from utils.cleaning.paper import NoInkError
from utils.inference.answers import Answering
from utils.inference.attempts import at_place, attempt, without_frames
from utils.inference.imaging import read_gray
from utils.inference.looker import Looker
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT
from utils.kinds import FilePath, Heads, Picture
from utils.lines.pages import read_page
from utils.lines.reading import LineReader
from utils.lines.strips import Page
from utils.option_values import check_booleans
from utils.pictures.several import as_pictures, is_single_picture, refuse_iterator


class TextReader(Looker):
    """Reads words and lines of text."""

    def predict_lines(
        self,
        image: Picture | Sequence[Picture],
        n: int = 1,
        *,
        charset: str | FilePath | Sequence[str] = "all",
        reject_below: float = 0.0,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
        vertical: bool | None = None,
        return_errors: bool = False,
    ) -> Any:
        """Reads pictures of text: a word, a line, or several lines below each other.

        Lines are made level and cut wherever there is a gap or little ink. What lies
        between any two of these cuts is read, and the way through the line whose pieces
        are the likeliest syllables, and in the likeliest order, is the answer: see
        `utils.lines`. Its syllables are then read as `predict` does `in_order`.

        Args:
            image: one picture or several, as for `predict`.
            n: how many syllables for each place, 1 or more.
            charset: as for `predict`.
            reject_below: as for `predict`; a picture without ink then holds no line.
            rare: as for `predict`.
            text: as for `predict`.
            vertical: the lines are columns, read from top to bottom, the first of them
                at the right. None lets each picture tell: see
                `utils.lines.direction`.
            return_errors: as for `predict`.

        Returns:
            List of `utils.lines.line.Line`, in reading order: their `text`, with
            spaces, and their `parts`, each with its `Reading` and where it stands; for
            several pictures a list of such lists.
            Figures, Latin letters and marks have none: what they are is told apart, and
            less surely. `□` stands in the text for what is none of all these, and for
            syllables that were rejected.

        Raises:
            TypeError: something is no picture.
            ValueError: a picture cannot be read or holds no ink (both unless
                `return_errors`), n is out of range, or an option is illegal.
                Of several pictures the message tells the place.
        """
        answering = Answering(  # says what is wrong, before anything is read
            self.syllables,
            n,
            charset=charset,
            detail=True,
            reject_below=reject_below,
            rare=rare,
            text=text,
            in_order=True,
        )
        check_booleans(return_errors=return_errors)
        if vertical not in (None, True, False):
            raise TypeError(f"vertical={vertical!r}; expected True, False or None.")
        refuse_iterator(image, "call predict_lines for each of them.")
        images = as_pictures(image)
        size = self.config.image_size
        reader = LineReader(
            self.quick_probabilities, self.probabilities, size, answering
        )
        single = is_single_picture(images)
        found: list[Any] = []
        for place, each in enumerate([images] if single else images):
            lines, error = attempt(
                partial(_read_text, vertical, reader, reject_below), each
            )
            if error and not return_errors:
                raise error if single else at_place(error, place)
            found.append(without_frames(error) if error else lines)
        return found[0] if single else found

    def quick_probabilities(self, images: np.ndarray) -> Heads:
        """Reads prepared pictures as `probabilities` does, or faster and less well.

        Args:
            images: `uint8` (pictures, image_size, image_size).
        """
        return self.probabilities(images)


def _read_text(vertical, reader, reject_below, image):
    """Returns the lines of one picture; none of one without ink that is rejected."""
    try:
        return read_page(Page(read_gray(image), vertical), reader)
    except NoInkError:
        if reject_below:
            return []
        raise
