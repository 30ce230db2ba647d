"""What every engine that gives probabilities can do with pictures."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from utils.inference.answers import Answering
from utils.inference.attempts import (
    answer_errors,
    at_place,
    attempt,
    fill_in,
    places_of,
)
from utils.inference.estimation import estimate_prior
from utils.inference.imaging import prepare
from utils.inference.network import BATCH
from utils.inference.opening import is_encoded
from utils.inference.prior import RARE, TEXT, USUAL, Prior
from utils.inference.restriction import choose_syllables
from utils.inference.several import (
    as_pictures,
    as_several,
    is_iterator,
    is_single_picture,
)
from utils.inference.streaming import (
    batches,
    check_batch_size,
    picture_names,
    prepare_ahead,
    prepare_together,
)
from utils.inference.text_reader import TextReader
from utils.inference.width import warn_of_width
from utils.kinds import FilePath, Heads, Picture


class Reader(TextReader):
    """Reads pictures of single Hangul syllables.

    Subclasses have `config`, with `image_size`; `syllables`, what can be answered; and
    `probabilities(images)`, from `uint8` (pictures, size, size) to a dict of arrays
    (pictures, classes) by output name.
    """

    config: Any
    syllables: Sequence[str]
    probabilities: Callable[[np.ndarray], Heads]

    def __repr__(self) -> str:
        """Names the network, the side of its pictures and what it can answer."""
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
        rare: float = RARE,
        text: float = TEXT,
        together: bool = False,
        in_order: bool = False,
    ) -> Any:
        """Reads pictures of one syllable each.

        Args:
            image: one picture (path, bytes, file, PIL image or array, see
                `utils.inference.pictures.to_gray`), or several: a list of pictures,
                whose sizes may differ, or an array (N, H, W) or (N, H, W, C).
            n: how many syllables for each picture.
            scores: also tell the probabilities.
            charset: the syllables that can occur, `all`, `ksx1001`, or any string of
                them: probabilities are then those given that it is one of these.
            detail: answer with an `utils.inference.answers.Reading` each, which also
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

        Returns:
            A list of `n` syllables, best first, or with `scores` of (syllable,
            probability) pairs; for several pictures a list of such lists. The n best
            are exact: of the weighed products of the heads, over all 11,172 (in order,
            those 32 come first). The list
            is empty for a rejected picture; with `reject_below` above 0, a picture
            without ink is rejected too.

        Warns:
            SeveralSyllablesWarning: a picture is wider than syllables are, as most
                words of three and more of them are (`utils.inference.width`).

        Raises:
            TypeError: something is no picture.
            ValueError: a picture cannot be read or holds no ink, n is out of range, or
                an option is illegal, or a single picture is to be read `together` or
                `in_order`. Of several pictures the message tells the place.
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
        if is_iterator(image):
            raise TypeError(
                f"A picture, a list or an array of them was expected, got "
                f"{type(image).__name__}; read it by predict_stream, or make it a list."
            )
        image = as_pictures(image)
        single = is_single_picture(image)
        if single and (together or in_order):
            raise ValueError(
                f"{'together' if together else 'in_order'}=True says that several "
                "pictures belong together, and one came; hand over a list or an array "
                "of them."
            )
        parts = self._look([image] if single else image, answering, single)
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
        rare: float = RARE,
        text: float = TEXT,
        charset: str | FilePath | Sequence[str] = "all",
    ) -> Prior:
        """Estimates what `rare` and `text` suit pictures that belong together.

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
        start: Prior = USUAL,
        charset: str | FilePath | Sequence[str] = "all",
    ) -> Prior:
        """Estimates as `estimate_prior` does, by prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).
            start: where it begins.
            charset: as for `estimate_prior`.
        """
        chosen = choose_syllables(charset, self.syllables)
        read = self.probabilities(images)
        return estimate_prior([read], self.syllables, start, chosen)

    def predict_stream(
        self,
        pictures: Iterable[Picture] | FilePath,
        n: int = 1,
        scores: bool = False,
        return_errors: bool = False,
        batch_size: int = BATCH,
        **how: Any,
    ) -> Iterator[Any]:
        """Reads any number of pictures in bounded memory.

        Threads prepare pictures while the network reads those before. No more than a
        few batches of prepared pictures are in memory, and of the pictures themselves
        one for each core.

        Args:
            pictures: iterable of pictures, or the path of a folder of them.
            n: as for `predict`.
            scores: as for `predict`.
            return_errors: give what a picture that cannot be read raises in place of
                its answer, and go on.
            batch_size: pictures that go through the network at once.
            **how: `charset`, `detail`, `reject_below`, `rare`, `text` and `in_order`,
                as for `predict`; in order, the last picture of a batch is read without
                the one after it, and a picture that raises is a syllable nobody knows.

        Yields:
            The answers in order, as `predict` gives them; for a folder, pairs of path
            and answer, in order of name.

        Raises:
            TypeError, ValueError: as `predict`, without `return_errors` also of a
                picture; the folder holds none.
            OSError: the folder cannot be read.
        """
        if how.pop("together", False):
            raise ValueError(
                "A stream is read once, and together=True reads all before it answers: "
                "hand rare and text of estimate_prior, by some hundred of the pictures."
            )
        answering = Answering(self.syllables, n, scores, **how)
        if not isinstance(pictures, (str, os.PathLike)):
            pictures, kind = as_pictures(pictures), type(pictures).__name__
            if _is_one(pictures):
                raise TypeError(
                    "A stream is an iterable of pictures, or a folder of them; got one "
                    f"{kind}: hand over a list of it, or predict it."
                )
            return self._stream(pictures, answering, return_errors, batch_size)
        folder, names = Path(pictures), picture_names(pictures)
        paths = (folder / name for name in names)
        answers = self._stream(paths, answering, return_errors, batch_size)
        # The paths once more, for the threads are ahead with the first ones.
        return zip((folder / name for name in names), answers, strict=True)

    def prepare(self, image: Picture) -> np.ndarray:
        """Returns what the network sees of a picture: `uint8` (size, size).

        Raises:
            TypeError, ValueError: as `utils.inference.imaging.prepare`.
        """
        return prepare(image, self.config.image_size)

    def prepare_all(self, images: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """Returns what the network sees of pictures: `uint8` (pictures, size, size).

        Raises:
            TypeError, ValueError: as `prepare`; the message names the picture's place.
            ValueError: it is one picture, or an iterator of them.
        """
        images = as_several(images, "Pictures to prepare together come as", least=0)
        prepared = prepare_together(images, partial(attempt, self.prepare))
        for place, (_, error) in enumerate(prepared):
            if error:
                raise at_place(error, place)
        side = self.config.image_size
        squares = [image for image, _ in prepared]
        return np.stack(squares) if squares else np.zeros((0, side, side), np.uint8)

    def _read_blank(self):
        """Reads a blank picture: what compiles or allocates at first does so now."""
        side = self.config.image_size
        self.probabilities(np.full((1, side, side), 255, np.uint8))

    def _stream(self, pictures, answering, return_errors, batch_size):
        """Returns an iterator of answers; see `predict_stream`."""
        check_batch_size(batch_size)
        ready = prepare_ahead(pictures, self.prepare, 2 * batch_size)
        parts = batches(ready, batch_size)
        return chain.from_iterable(
            fill_in(
                answer_errors(batch, answering, return_errors, number * batch_size),
                self._heads(batch, number * batch_size),
                answering,
            )
            for number, batch in enumerate(parts)
        )

    def _look(self, pictures, answering, single):
        """Yields of every batch of pictures `answer_errors`, and the heads' dict."""
        for start in range(0, len(pictures), BATCH):
            part = pictures[start : start + BATCH]
            batch = prepare_together(part, partial(attempt, self.prepare))
            place = None if single else start
            yield (
                answer_errors(batch, answering, place=place),
                self._heads(batch, place),
            )

    def _heads(self, batch, first):
        """Returns what the network makes of a batch's pictures; None if it has none.

        Args:
            batch: pairs of a prepared picture or None, and an error or None.
            first: place of the first among those that came; None of a single one.
        """
        placed = zip(batch, places_of(first, batch), strict=True)
        readable = [(image, place) for (image, error), place in placed if not error]
        if not readable:
            return None
        images, places = zip(*readable, strict=True)
        warn_of_width(squares := np.stack(images), places)
        return self.probabilities(squares)


def _is_one(pictures):
    """Tells whether what came for a stream is one picture, which may be iterable."""
    if is_iterator(pictures):
        return False
    if not isinstance(pictures, Iterable) or isinstance(pictures, np.ndarray):
        return is_single_picture(pictures)
    return is_encoded(pictures)
