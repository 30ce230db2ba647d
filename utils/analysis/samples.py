"""Labelled pictures and a network -> its probabilities beside the true classes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from utils.analysis.sources import Chunk
from utils.hangul import FLAT_HEAD, split_syllables
from utils.kinds import ReadSquares


class Sample(NamedTuple):
    """Pictures of one source, as the network saw them.

    heads: dict of arrays (pictures, classes), probabilities.
    targets: dict of integer arrays (pictures,), the true classes.
    """

    heads: dict
    targets: dict


def collect(
    chunks: Iterable[Chunk], probabilities: ReadSquares, syllables: Sequence[str]
) -> dict[str, Sample]:
    """Applies a network to labelled pictures, keeping what calibration needs.

    Pictures that cannot be prepared are left out, and those whose syllable is no class
    of a flat head. Of each picture all probabilities stay in memory: 272 bytes with
    three heads, 4 bytes a class with a flat one.

    Args:
        chunks: iterable of `sources.Chunk`.
        probabilities: function from `uint8` (pictures, size, size) to the heads' dict.
        syllables: the classes of a flat head.

    Returns:
        Dict, source -> `Sample`.
    """
    parts: dict[str, list[Sample]] = {}
    for chunk in chunks:
        found = probabilities(chunk.images[chunk.readable])
        labels = chunk.labels[chunk.readable]
        if FLAT_HEAD in found:
            known = np.isin(labels, syllables)
            found, labels = {FLAT_HEAD: found[FLAT_HEAD][known]}, labels[known]
            places = {syllable: place for place, syllable in enumerate(syllables)}
            targets = {FLAT_HEAD: np.array([places[each] for each in labels], int)}
        else:
            targets = split_syllables(labels)
        parts.setdefault(chunk.source, []).append(Sample(found, targets))
    joined = {source: join(some) for source, some in parts.items()}
    return {source: sample for source, sample in joined.items() if count(sample)}


def join(samples: Sequence[Sample]) -> Sample:
    """Returns several `Sample` as one."""
    return Sample(
        *(
            {name: np.concatenate([each[name] for each in dicts]) for name in dicts[0]}
            for dicts in zip(*samples, strict=True)
        )
    )


def count(sample: Sample) -> int:
    """Returns the number of pictures of a `Sample`."""
    return len(next(iter(sample.targets.values())))
