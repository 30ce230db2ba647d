"""Reads pictures of single syllables, with any engine that gives probabilities."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from utils.inference.answers import Answering
from utils.inference.attempts import fill_in
from utils.inference.estimation import estimate_prior
from utils.inference.prior import DEFAULT_PRIOR, DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.inference.restriction import choose_syllables
from utils.inference.stream_reader import StreamReader
from utils.inference.text_reader import TextReader
from utils.inference.verifier import Verifier
from utils.kinds import FilePath, Picture
from utils.option_values import check_booleans
from utils.pictures.several import (
    as_pictures,
    as_several,
    is_single_picture,
    refuse_iterator,
)


class Reader(StreamReader, TextReader, Verifier):
    """Reads pictures of single Hangul syllables, one by one or together."""

    def __repr__(self) -> str:
        """Names the network, its image size and its number of syllables."""
        size, count = self.config.image_size, len(self.syllables)
        what = f"{self.config.network}, {size} pixels, {count:,} syllables"
        return f"<{type(self).__name__}: {what}>"

    def predict(
        self,
        image: Picture | Sequence[Picture],
        n: int = 1,
        scores: bool = False,
        *,
        charset: str | FilePath | Sequence[str] = "all",
        detail: bool = False,
        reject_below: float = 0.0,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
        together: bool = False,
        in_order: bool = False,
        return_errors: bool = False,
    ) -> Any:
        """Reads pictures of one syllable each.

        Args:
            image: one picture (path, bytes, file, PIL image or array, see
                `utils.pictures.grey.to_gray`), or several: a list of pictures,
                whose sizes may differ, or an array (N, H, W) or (N, H, W, C).
            n: how many syllables for each picture.
            scores: also tell the probabilities.
            charset: the syllables that can occur, `all`, `ksx1001`, or any string of
                them: probabilities are then those given that it is one of these.
            detail: answer with an `utils.inference.readings.Reading` each, which also
                tells the three jamo with their probabilities.
            reject_below: probability 0-1 that the best syllable must reach, and with a
                charset also that the picture shows one of it at all.
            rare: how likely a syllable outside the 2,350 of KS X 1001 is beside one of
                them, above 0 to 1. The network takes all 11,172 for alike, as 1 does.
            text: how far answers lean on how often text writes a syllable, 0 (not at
                all) to 1; 0.5 suits pictures cut from running text.
            together: the pictures belong together, those of a page or of a writer, say:
                what is sure of them tells what the others are likely to be. `rare` and
                `text` are then estimated by all of them, see `estimate_prior`, and
                what is given for them is no more than where that begins.
            in_order: the pictures are text in reading order, cut into syllables: each
                is read with those beside it, by how often words have one syllable after
                another, 256 at a time; the 32 best of each are weighed so. What holds
                no ink is a space where `reject_below` is above 0.
            return_errors: give what a picture that cannot be read raises in place of
                its answer.

        Returns:
            A list of `n` syllables, best first, or with `scores` of (syllable,
            probability) pairs; for several pictures a list of such lists. The n best
            are exact: of the weighed products of the heads, over all 11,172 (in order,
            those 32 come first). The list
            is empty for a rejected picture; with `reject_below` above 0, a picture
            without ink is rejected too.

        Warns:
            SeveralSyllablesWarning: a picture is wider or higher than syllables are,
                as most words of three and more of them are (`utils.inference.width`).

        Raises:
            TypeError: something is no picture.
            ValueError: a picture cannot be read or holds no ink (both unless
                `return_errors`), n is out of range, an option is illegal, or
                a single picture is to be read `together` or `in_order`. Of several
                pictures the message tells the place.
        """
        answering = Answering(
            self.syllables,
            n,
            scores,
            charset,
            detail,
            reject_below,
            rare,
            text,
            in_order,
        )
        refuse_iterator(image, "read it by predict_stream, or make it a list.")
        image = as_pictures(image)
        single = is_single_picture(image)
        check_booleans(together=together, return_errors=return_errors)
        if single and (together or in_order):
            raise ValueError(
                f"{'together' if together else 'in_order'}=True says that several "
                "pictures belong together, and one came; hand over a list or an array "
                "of them."
            )
        pictures = [image] if single else image
        parts = self._look(pictures, answering, single, return_errors)
        if together:
            parts = list(parts)
            read = [heads for _, heads in parts if heads]
            answering.prior = estimate_prior(
                read, self.syllables, answering.prior, answering.chosen
            )
        filled = (fill_in(found, heads, answering) for found, heads in parts)
        answers = list(chain.from_iterable(filled))
        return answers[0] if single else answers

    def estimate_prior(
        self,
        images: Sequence[Picture] | np.ndarray,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
        charset: str | FilePath | Sequence[str] = "all",
    ) -> Prior:
        """Estimates the `rare` and `text` that suit pictures that belong together.

        For a stream too long to be read twice: estimate by some hundred of its
        pictures, and hand `rare` and `text` of that to `predict_stream`.

        Args:
            images: list or array of pictures, as for `predict`. A handful tells
                something, and twenty nearly as much as any number.
            rare: where it begins; what a few pictures do not contradict remains.
            text: the same.
            charset: the syllables that can occur, as for `predict`.

        Returns:
            A `utils.inference.prior.Prior`, whose `rare` and `text` are numbers.

        Raises:
            TypeError: something is no picture.
            ValueError: a picture cannot be read, there are none, or an option is
                illegal.
        """
        images = as_several(images, "What pictures have in common takes")
        start = Prior(rare, text)  # says what is wrong, before anything is read
        return self.prior_of(self.prepare_all(images), start, charset)

    def prior_of(
        self,
        images: np.ndarray,
        start: Prior = DEFAULT_PRIOR,
        charset: str | FilePath | Sequence[str] = "all",
    ) -> Prior:
        """Estimates as `estimate_prior` does, from prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).
            start: the prior before any picture was seen.
            charset: as for `estimate_prior`.
        """
        chosen = choose_syllables(charset, self.syllables)
        read = self.probabilities(images)
        return estimate_prior([read], self.syllables, start, chosen)
