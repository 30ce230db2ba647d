"""Chunks and a network -> what a report needs of every picture, and some pictures."""

import heapq
from typing import NamedTuple

import numpy as np

from utils.analysis.metrics import confusion_matrices, score_rows
from utils.bars import progress_bar
from utils.hangul import COMPONENTS, NUM_SYLLABLES, split_syllables
from utils.inference import decoding
from utils.inference.imaging import upright
from utils.inference.prior import EVEN_PRIOR

NUM_WORST = 60  # errors that are kept with their pictures
PAIR_EXAMPLES = 4  # pictures that are kept of every confused pair
_COLUMNS = ("source", "group", "name", "label", "guess", "confidence", "rank")


class Error(NamedTuple):
    """A picture that was read wrongly.

    index: its place among all pictures. name: of its file. source, group: where it
    belongs. label: the true syllable. guesses: list of (syllable, probability), best
    first. rank: the place of the true syllable among all, from 1. picture: `uint8`
    (height, width), grey, whole. square: `uint8` (size, size), the network's view.
    """

    index: int
    name: str
    source: str
    group: str
    label: str
    guesses: list
    rank: int
    picture: np.ndarray
    square: np.ndarray


class Records:
    """What one network read of some data.

    Args:
        top_n: guesses that a picture has.
        syllables: the classes of a flat head.
        prior: as for `decoding.top_n`.

    Attributes:
        right: dict of boolean arrays (pictures,), see `metrics.score_rows`; False for
            pictures that could not be prepared.
        readable: boolean array (pictures,), which could be.
        columns: dict of arrays (pictures,): `source`, `group`, `name`, `label`,
            `guess`, `confidence` (of the guess, 0-1), `rank` (of the true syllable,
            from 1; one more than there are syllables where unprepared).
        matrices: confusion matrix of every component, of the readable.
        worst: list of `Error`, those of the surest wrong guesses, the surest first.
        pairs: dict, (component, true, read) -> list of `square` pictures.
        problems: list of messages about pictures that could not be prepared.
    """

    def __init__(self, top_n, syllables, prior=EVEN_PRIOR):
        self.top_n, self.syllables, self.prior = top_n, syllables, prior
        self.right, self.columns = {}, {name: [] for name in _COLUMNS}
        self.readable, self.matrices, self.pairs, self.problems = [], {}, {}, []
        self._heap = []

    @property
    def worst(self):
        """List of `Error`, the surest first."""
        ordered = sorted(self._heap, key=lambda entry: entry[:2], reverse=True)
        return [error for _, _, error in ordered]

    def add(self, chunk, probabilities):
        """Adds a `sources.Chunk` and the heads' probabilities of its pictures.

        Args:
            chunk: the last one read, for its loaders are called.
            probabilities: of all its pictures, as for `decoding.top_n`.

        Raises:
            ValueError: the probabilities are not those of the chunk's pictures, or
                `top_n` is more than there are syllables.
        """
        start, count = len(self.columns["label"]), len(chunk.labels)
        how = self.syllables, self.prior
        scores = score_rows(probabilities, chunk.labels, self.top_n, *how)
        ranks = decoding.syllable_ranks(probabilities, chunk.labels, *how)
        readable = chunk.readable
        ranks[~readable] = NUM_SYLLABLES + 1
        for name, values in scores.right.items():
            self.right.setdefault(name, []).extend((values & readable).tolist())
        guesses, best = scores.guesses[:, 0], scores.probabilities[:, 0]
        names = [name for name, _ in chunk.loaders] or [""] * count
        rows = ([chunk.source] * count, chunk.groups, names, chunk.labels, guesses)
        for name, values in zip(_COLUMNS, (*rows, best, ranks), strict=True):
            self.columns[name].extend(np.asarray(values).tolist())
        self.readable.extend(readable.tolist())
        self.problems += chunk.problems.values()
        pair = chunk.labels[readable], guesses[readable]
        for name, matrix in confusion_matrices(*pair).items():
            self.matrices[name] = self.matrices.get(name, 0) + matrix
        wrong = np.flatnonzero(readable & ~scores.right["syllable"])
        self._keep_pairs(chunk, guesses, wrong)
        self._keep_worst(chunk, scores, ranks, wrong, start)

    def finish(self):
        """Turns lists into arrays, after the last chunk; returns the records.

        Raises:
            ValueError: there was no picture.
        """
        if not self.readable:
            raise ValueError("There are no pictures to report on.")
        self.right = {name: np.array(v, bool) for name, v in self.right.items()}
        self.columns = {name: np.array(v) for name, v in self.columns.items()}
        self.readable = np.array(self.readable, bool)
        return self

    def _keep_pairs(self, chunk, guesses, wrong):
        """Keeps the first pictures of every confused pair of jamo."""
        true, read = split_syllables(chunk.labels), split_syllables(guesses)
        for name in COMPONENTS:
            for place in wrong[true[name][wrong] != read[name][wrong]]:
                key = (name, int(true[name][place]), int(read[name][place]))
                kept = self.pairs.setdefault(key, [])
                if len(kept) < PAIR_EXAMPLES:
                    kept.append(chunk.images[place].copy())

    def _keep_worst(self, chunk, scores, ranks, wrong, start):
        """Keeps the pictures whose wrong reading is surest, the first of equals."""
        for place in wrong:
            key = (float(scores.probabilities[place, 0]), -(start + int(place)))
            if len(self._heap) < NUM_WORST:
                error = self._error(chunk, scores, ranks, place, -key[1])
                heapq.heappush(self._heap, (*key, error))
            elif key > self._heap[0][:2]:
                error = self._error(chunk, scores, ranks, place, -key[1])
                heapq.heapreplace(self._heap, (*key, error))

    @staticmethod
    def _error(chunk, scores, ranks, place, index):
        """Returns the `Error` of a picture of a chunk."""
        name, load = chunk.loaders[place] if chunk.loaders else ("", None)
        square = chunk.images[place].copy()
        pairs = zip(scores.guesses[place], scores.probabilities[place], strict=True)
        return Error(
            index,
            name,
            chunk.source,
            str(chunk.groups[place]),
            str(chunk.labels[place]),
            [(str(syllable), float(p)) for syllable, p in pairs],
            int(ranks[place]),
            upright(load()).copy() if load else square,
            square,
        )


def collect(network, chunks, top_n=5, prior=EVEN_PRIOR):
    """Reads all pictures with a network.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`.
        top_n: guesses that a picture has.
        prior: as for `decoding.top_n`.

    Returns:
        `Records`.

    Raises:
        ValueError: there was no picture.
    """
    records = Records(top_n, network.syllables, prior)
    with progress_bar(unit=" pictures", delay=2) as bar:
        for chunk in chunks:
            records.add(chunk, network.probabilities(chunk.images))
            bar.update(len(chunk.labels))
    return records.finish()
