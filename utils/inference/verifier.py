"""Tells how probable it is that pictures show what they are said to show."""

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from utils.hangul import FLAT_HEAD, syllable_indices
from utils.inference.attempts import at_place, attempt, places_of
from utils.inference.imaging import NoInkError
from utils.inference.looker import Looker
from utils.inference.network import BATCH
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.inference.restriction import choose_syllables, restrict
from utils.inference.streaming import prepare_together
from utils.kinds import Picture
from utils.pictures.several import (
    as_pictures,
    is_array,
    is_single_picture,
    refuse_iterator,
)


class Verifier(Looker):
    """Compares pictures of single syllables with the syllables they should show."""

    def verify(
        self,
        image: Picture | Sequence[Picture],
        syllable: str | Sequence[str],
        *,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
    ) -> Any:
        """Tells how probable it is that pictures show given syllables.

        Other than `predict` with a charset, whose probabilities are those given that
        one of its syllables is shown, this is the probability among all that the
        network can answer.

        Args:
            image: one picture or several, as for `predict`.
            syllable: what it should show; for several pictures one that all of them
                should, or as many syllables as pictures.
            rare: as for `predict`.
            text: as for `predict`.

        Returns:
            A probability 0-1, 0 of a picture without ink; for several pictures an
            array of them, `float64` (pictures,).

        Raises:
            TypeError: something is no picture, or no syllable.
            ValueError: a picture cannot be read, there are more or fewer syllables than
                pictures, or the network cannot answer one of them.
        """
        prior = Prior(rare, text)  # says what is wrong, before anything is read
        refuse_iterator(image, "make it a list.")
        images = as_pictures(image)
        single = is_single_picture(images)
        images = [images] if single else images
        wanted = _one_each(syllable, len(images))
        if wanted:
            choose_syllables(wanted, self.syllables)  # says if it cannot answer
        found = np.zeros(len(images))
        for start in range(0, len(images), BATCH):
            part = slice(start, start + BATCH)
            place = None if single else start
            found[part] = self._compare(images[part], wanted[part], prior, place)
        return float(found[0]) if single else found

    def _compare(self, images, wanted, prior, first):
        """Returns the probability of each picture's syllable: (pictures,)."""
        batch = prepare_together(images, partial(attempt, self.prepare))
        for (_, error), place in zip(batch, places_of(first, batch), strict=True):
            if error and not isinstance(error, NoInkError):
                raise error if place is None else at_place(error, place)
        found = np.zeros(len(batch))
        heads = self._heads(batch, first)
        if heads is None:
            return found
        read = np.array([error is None for _, error in batch])
        chosen = sorted(set(wanted))
        among, share = restrict(heads, chosen, self.syllables, prior)
        columns = [chosen.index(each) for each in np.array(wanted)[read]]
        found[read] = among[FLAT_HEAD][np.arange(len(columns)), columns] * share
        return found


def _one_each(syllable, count):
    """Returns a list of syllables, one a picture; a single one is that of all.

    Raises:
        TypeError: it is no text and no sequence of texts.
        ValueError: there are more or fewer, or one is no syllable.
    """
    if isinstance(syllable, bytes) or not (
        isinstance(syllable, (str, Sequence)) or is_array(syllable)
    ):
        raise TypeError(
            f"syllable={syllable!r}; expected a syllable, or one for each picture."
        )
    if isinstance(syllable, str):
        each = list(unicodedata.normalize("NFC", syllable))
    else:
        each = np.atleast_1d(np.asarray(syllable, object)).tolist()
    wanted = [unicodedata.normalize("NFC", str(one)) for one in each]
    syllable_indices(wanted)  # says which is none
    if len(wanted) == 1:
        return wanted * count
    if len(wanted) != count:
        raise ValueError(
            f"{len(wanted)} syllables for {count} pictures; hand over one that all "
            "should show, or one for each."
        )
    return wanted
