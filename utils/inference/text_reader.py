"""Reads pictures of text, with any engine that gives probabilities."""

from collections.abc import Sequence

import numpy as np

from utils.cleaning.paper import NoInkError
from utils.inference.answers import Answering
from utils.inference.imaging import read_gray
from utils.inference.looker import Looker
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT
from utils.kinds import FilePath, Heads, Picture
from utils.lines.pages import read_page
from utils.lines.reading import Line, LineReader
from utils.lines.strips import Page
from utils.option_values import check_booleans


class TextReader(Looker):
    """Reads words and lines of text."""

    def predict_lines(
        self,
        image: Picture,
        n: int = 1,
        *,
        charset: str | FilePath | Sequence[str] = "all",
        reject_below: float = 0.0,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
        vertical: bool = False,
    ) -> list[Line]:
        """Reads a picture of text: a word, a line, or several lines below each other.

        Lines are made level and cut wherever there is a gap or little ink. What lies
        between any two of these cuts is read, and the way through the line whose pieces
        are the likeliest syllables, and in the likeliest order, is the answer: see
        `utils.lines`. Its syllables are then read as `predict` does `in_order`.

        Args:
            image: one picture, as for `predict`.
            n: how many syllables for each place, 1 or more.
            charset: as for `predict`.
            reject_below: as for `predict`; a picture without ink then holds no line.
            rare: as for `predict`.
            text: as for `predict`.
            vertical: the lines are columns, read from top to bottom, the first of them
                at the right.

        Returns:
            List of `utils.lines.reading.Line`, in reading order: their `text`, with
            spaces, and their `parts`, each with its `Reading` and where it stands.
            Figures, Latin letters and marks have none: what they are is told apart, and
            less surely. `□` stands in the text for what is none of all these, and for
            syllables that were rejected.

        Raises:
            TypeError: it is no picture.
            ValueError: it cannot be read or holds no ink, n is out of range, or an
                option is illegal.
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
        check_booleans(vertical=vertical)
        if isinstance(image, (list, tuple)):
            raise TypeError(
                f"predict_lines reads one picture a call, got {len(image)} in a "
                f"{type(image).__name__}; call it for each."
            )
        size = self.config.image_size
        reader = LineReader(
            self.quick_probabilities, self.probabilities, size, answering
        )
        try:
            return read_page(Page(read_gray(image), vertical), reader)
        except NoInkError:
            if reject_below:
                return []
            raise

    def quick_probabilities(self, images: np.ndarray) -> Heads:
        """Reads prepared pictures as `probabilities` does, or faster and less well.

        Args:
            images: `uint8` (pictures, image_size, image_size).
        """
        return self.probabilities(images)
