"""Reads streams of pictures in order and in bounded memory."""

import os
from collections.abc import Iterable, Iterator
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from utils.inference.answers import Answering
from utils.inference.attempts import answer_errors, fill_in
from utils.inference.looker import Looker
from utils.inference.network import BATCH
from utils.inference.streaming import (
    batches,
    check_batch_size,
    picture_names,
    prepare_ahead,
)
from utils.kinds import FilePath, Picture
from utils.pictures.opening import is_encoded
from utils.pictures.several import as_pictures, is_iterator, is_single_picture

# What else `predict_stream` takes, as `predict` does.
_OPTIONS = signature(Answering).parameters.keys() - {"syllables", "n", "scores"}


class StreamReader(Looker):
    """Reads streams of pictures of single Hangul syllables."""

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
                the one after it; a picture without ink is a space, and one that raises
                anything else a syllable nobody knows.

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
        if unknown := how.keys() - _OPTIONS:
            raise TypeError(
                f"predict_stream has no option {min(unknown)!r}; it has n, scores, "
                f"return_errors, batch_size, {', '.join(sorted(_OPTIONS))}."
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
        # New paths, for the threads are ahead in the first iterator.
        return zip((folder / name for name in names), answers, strict=True)

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


def _is_one(pictures):
    """Tells whether what came for a stream is one picture, which may be iterable."""
    if is_iterator(pictures):
        return False
    if not isinstance(pictures, Iterable) or isinstance(pictures, np.ndarray):
        return is_single_picture(pictures)
    return is_encoded(pictures)
