"""Chunks of pictures and their probabilities -> what a source adds up to."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from utils.analysis.metrics import MEASURES, confusion_matrices, score_rows
from utils.analysis.sources import Chunk
from utils.hangul import ALL_SYLLABLES, FLAT_HEAD
from utils.inference.prior import EVEN_PRIOR, Prior
from utils.inference.restriction import restrict
from utils.kinds import Heads

CLOSED = "closed"  # right among the syllables of a set's protocol
NUM_EXAMPLES = 48  # wrongly read pictures that are kept of a source


class Example(NamedTuple):
    """A picture that was read wrongly.

    image: `uint8` (size, size). label, guess: syllables. probability: of the guess.
    group: the picture's family or writer.
    """

    image: np.ndarray
    label: str
    guess: str
    probability: float
    group: str


class Tally:
    """Adds up one source's chunks; of a picture only a few bytes stay in memory.

    Args:
        top_n: guesses that a picture has.
        syllables: the classes of a flat head.
        closed: the syllables of a set's protocol; with them `right` tells under
            `closed` of each picture whether it is read right among these alone.
        prior: as for `decoding.top_n`.

    Attributes:
        matrices: confusion matrix of every component (see `metrics`), of the pictures
            that could be prepared.
        examples: list of `Example`, a random sample of the wrongly read ones.
        problems: list of the messages about pictures that could not be prepared.
    """

    def __init__(
        self,
        top_n: int = 5,
        syllables: Sequence[str] = ALL_SYLLABLES,
        closed: Sequence[str] = (),
        prior: Prior = EVEN_PRIOR,
    ) -> None:
        self.top_n, self.syllables, self.closed = top_n, syllables, closed
        self.prior = prior
        self.matrices: dict[str, np.ndarray] = {}
        self.examples: list[Example] = []
        self.problems: list[str] = []
        names = (*MEASURES, CLOSED) if closed else MEASURES
        self._right: dict[str, list[np.ndarray]] = {name: [] for name in names}
        self._groups: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._num_wrong, self._random = 0, random.Random(0)

    @property
    def right(self) -> dict[str, np.ndarray]:
        """Dict of boolean arrays (pictures,), as `metrics.score_rows` gives them.

        A picture that could not be prepared is wrong in everything.
        """
        empty = np.zeros(0, bool)
        return {k: np.concatenate([empty, *parts]) for k, parts in self._right.items()}

    @property
    def groups(self) -> np.ndarray:
        """Array of strings (pictures,), the family or writer of each."""
        return np.concatenate([np.zeros(0, np.str_), *self._groups])

    @property
    def labels(self) -> np.ndarray:
        """Array of true syllables (pictures,)."""
        return np.concatenate([np.zeros(0, "<U1"), *self._labels])

    def add(self, chunk: Chunk, probabilities: Heads) -> None:
        """Adds a `sources.Chunk` and the model's probabilities of its pictures.

        Args:
            chunk: its pictures that could not be prepared count as wrong.
            probabilities: of all its pictures, as for `decoding.top_n`.

        Raises:
            ValueError: the probabilities are not those of the chunk's pictures, or
                `top_n` is more than there are syllables.
        """
        scores = score_rows(
            probabilities, chunk.labels, self.top_n, self.syllables, self.prior
        )
        readable = chunk.readable
        if self.closed:
            among, _ = restrict(probabilities, self.closed, self.syllables)
            best = np.asarray(self.closed)[among[FLAT_HEAD].argmax(axis=1)]
            scores.right[CLOSED] = best == chunk.labels
        for name, parts in self._right.items():
            parts.append(scores.right[name] & readable)
        self._groups.append(chunk.groups)
        self._labels.append(chunk.labels)
        self.problems += chunk.problems.values()
        pair = chunk.labels[readable], scores.guesses[readable, 0]
        for name, matrix in confusion_matrices(*pair).items():
            self.matrices[name] = self.matrices.get(name, 0) + matrix
        for place in np.flatnonzero(readable & ~scores.right["syllable"]):
            self._keep_example(chunk, scores, place)

    def _keep_example(self, chunk, scores, place):
        """Keeps an even sample of all wrong pictures: Vitter (1985), algorithm R."""
        self._num_wrong += 1
        slot = len(self.examples)
        if slot == NUM_EXAMPLES:
            slot = self._random.randrange(self._num_wrong)
        if slot < NUM_EXAMPLES:
            example = Example(
                chunk.images[place].copy(),  # a view would keep the whole chunk
                str(chunk.labels[place]),
                str(scores.guesses[place, 0]),
                float(scores.probabilities[place, 0]),
                str(chunk.groups[place]),
            )
            self.examples[slot : slot + 1] = [example]
