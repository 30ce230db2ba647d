"""A reader that shows where it looked."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from utils.inference.decoding import check_n
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.inference.restriction import choose_syllables
from utils.kinds import FilePath, Picture
from utils.measured_reader import MeasuredReader
from utils.pictures.several import (
    as_pictures,
    is_single_picture,
    refuse_iterator,
)

_GUESSES = 5  # that an explanation tells, unless another number is asked for


class ExplainedReader(MeasuredReader):
    """Reads pictures, and maps what of them speaks for its answers."""

    def explain(
        self,
        image: Picture | Sequence[Picture],
        n: int | None = None,
        *,
        against: str | None = None,
        charset: str | FilePath | Sequence[str] = "all",
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
    ) -> Any:
        """Maps where each head saw its jamo, over the pictures as they came.

        Args:
            image: one picture or several, as for `predict`.
            n: guesses told; None for 5, or as many as there are syllables.
            against: a syllable: the contrast maps tell why its jamo were not read,
                where they differ. None takes each head's next best.
            charset: as for `predict`.
            rare: as for `predict`.
            text: as for `predict`.

        Returns:
            `utils.analysis.maps.explanation.Explanation`, which notebooks show as its
            figure; for several pictures a list of them.

        Raises:
            TypeError: something is no picture, or no syllable.
            ValueError: a picture cannot be read or shows no ink (`NoInkError`), or the
                network does not know the syllable, or an option is illegal.
        """
        from utils.analysis.maps.explaining import classes_of, explain

        refuse_iterator(image, "explain them in lists.")
        images = as_pictures(image)
        several = not is_single_picture(images)
        images = list(images) if several else [images]
        known = len(choose_syllables(charset, self.syllables))
        count = min(_GUESSES, known) if n is None else n
        check_n(count, known)
        rivals = {}
        if against is not None:
            others = [_known(against, self.syllables)] * len(images)
            flat = not self.config.split_components
            rivals = classes_of(others, self.syllables, flat)
        prior = Prior(rare, text)
        told = explain(self, images, count, rivals, prior=prior, charset=charset)
        return told if several else told[0]


def _known(syllable, syllables):
    """Returns a syllable that the network can answer, in one character."""
    if not isinstance(syllable, str):
        raise TypeError(f"against={syllable!r}; expected a syllable.")
    return choose_syllables([unicodedata.normalize("NFC", syllable)], syllables)[0]
