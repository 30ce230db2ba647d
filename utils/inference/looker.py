"""Prepares pictures and applies a network to them; errors name the picture."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from utils.inference.attempts import answer_errors, at_place, attempt, places_of
from utils.inference.imaging import prepare
from utils.inference.network import BATCH
from utils.inference.streaming import prepare_together
from utils.inference.width import warn_of_width
from utils.kinds import Heads, Picture
from utils.pictures.several import as_several


class Looker:
    """Prepares pictures of single syllables and applies a network to them.

    Subclasses have `config`, with `image_size`; `syllables`, the possible answers; and
    `probabilities(images)`, from `uint8` (pictures, size, size) to a dict of arrays
    (pictures, classes) by output name.
    """

    config: Any
    syllables: Sequence[str]
    probabilities: Callable[[np.ndarray], Heads]

    def prepare(self, image: Picture) -> np.ndarray:
        """Returns a picture prepared for the network: `uint8` (size, size).

        Raises:
            TypeError, ValueError: as `utils.inference.imaging.prepare`.
        """
        return prepare(image, self.config.image_size)

    def prepare_all(self, images: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """Returns prepared pictures: `uint8` (pictures, size, size).

        Raises:
            TypeError, ValueError: as `prepare`; the message tells the picture's index.
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
        """Reads a blank picture, so that compiling and allocating happen now."""
        side = self.config.image_size
        self.probabilities(np.full((1, side, side), 255, np.uint8))

    def _look(self, pictures, answering, single, return_errors=False):
        """Yields (result of `answer_errors`, heads) for every batch of pictures."""
        for start in range(0, len(pictures), BATCH):
            part = pictures[start : start + BATCH]
            batch = prepare_together(part, partial(attempt, self.prepare))
            place = None if single else start
            yield (
                answer_errors(batch, answering, return_errors, place),
                self._heads(batch, place),
            )

    def _heads(self, batch, first):
        """Returns the probabilities of a batch's readable pictures, None without any.

        Args:
            batch: pairs of a prepared picture or None, and an error or None.
            first: index of the first among those given; None for a single one.
        """
        placed = zip(batch, places_of(first, batch), strict=True)
        readable = [(image, place) for (image, error), place in placed if not error]
        if not readable:
            return None
        images, places = zip(*readable, strict=True)
        warn_of_width(squares := np.stack(images), places)
        return self.probabilities(squares)
