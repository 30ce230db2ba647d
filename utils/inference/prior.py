"""The prior probability of syllables, before a picture is seen.

To a network trained on all 11,172 syllables alike, an unclear 믜 is as likely as 미.
In text it is not: nearly all of it consists of the 2,350 syllables of KS X 1001, and
most of a few hundred of these. By Bayes' rule the probability of every syllable is
multiplied by its prior and normalised.
"""

import math
import numbers
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.hangul import COMPONENTS, ksx1001_syllables, syllable_indices
from utils.inference.frequencies import text_shares
from utils.kinds import Heads

# Both were chosen on handwriting and photographs, see docs/reading.md.
DEFAULT_RARE = 0.3  # probability of a syllable outside KS X 1001 over that of one in it
DEFAULT_TEXT = 0.1  # power of the frequencies in running text

_JAMO_COUNTS = tuple(len(jamo) for jamo in COMPONENTS.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class Prior:
    """The prior probability of each syllable.

    Args:
        rare: probability of a syllable outside the 2,350 of KS X 1001 over that of one
            of them, above 0 to 1; 1 makes all alike.
        text: power, 0 to 1, of a syllable's frequency in running text: 0 ignores it,
            0.5 suits pictures cut from text.

    Raises:
        ValueError: one of them is out of range.
    """

    rare: float = DEFAULT_RARE
    text: float = DEFAULT_TEXT

    def __post_init__(self):
        if not (_is_number(self.rare) and 0 < self.rare <= 1):  # NaN fails too
            raise ValueError(
                f"rare={self.rare!r}; expected a number above 0, at most 1 (all "
                "syllables alike). Where no syllable outside KS X 1001 can occur, say "
                "charset='ksx1001'."
            )
        if not (_is_number(self.text) and 0 <= self.text <= 1):
            raise ValueError(
                f"text={self.text!r}; expected a number from 0 (no notice of how often "
                "text writes a syllable) to 1."
            )

    @property
    def is_even(self) -> bool:
        """Whether all syllables are alike."""
        return self.rare == 1 and self.text == 0

    def weights(self, indices: np.ndarray) -> np.ndarray:
        """Returns the factors of probabilities, 1 at most.

        Args:
            indices: integers of any shape, as `hangul.syllable_indices`.

        Returns:
            `float64` array of the shape of `indices`, above 0.
        """
        return _weights(self)[indices]


EVEN_PRIOR = Prior(1.0, 0.0)  # all syllables alike, as the network learnt them
DEFAULT_PRIOR = Prior()


@lru_cache(maxsize=16)
def _weights(prior):
    """Returns the weights of all 11,172 syllables, the largest 1."""
    found = np.full(np.prod(_JAMO_COUNTS), float(prior.rare))
    found[syllable_indices(ksx1001_syllables())] = 1
    found *= text_shares() ** float(prior.text)
    return np.maximum(found / found.max(), np.finfo(float).tiny)


@lru_cache(maxsize=8)
def class_weights(syllables: tuple[str, ...], prior: Prior) -> np.ndarray:
    """Returns the weights of syllables, cached for the next batch: `float64`.

    Args:
        syllables: the classes, a tuple as the cache needs it.
        prior: by which they are weighted.

    Returns:
        Array (syllables,), above 0 to 1. Others hold it too: do not write to it.

    Raises:
        ValueError: one is not exactly one modern Hangul syllable.
    """
    return prior.weights(syllable_indices(syllables))


def weighed_mass(heads: Heads, prior: Prior) -> np.ndarray:
    """Returns the sum of the weighted products of three heads: `float64` (batch,).

    Args:
        heads: dict of `float64` arrays (batch, classes), as `decoding` checks them.
        prior: by which the syllables are weighted.
    """
    if prior.is_even:
        return math.prod(heads[name].sum(axis=1) for name in COMPONENTS)
    return (heads["final"] * _by_final(heads, prior)).sum(axis=1)


def weighed_marginals(heads: Heads, prior: Prior) -> Heads:
    """Returns each jamo's marginal probability under three heads and a prior.

    Args:
        heads: dict of `float64` arrays (batch, classes), as `decoding` checks them.
        prior: by which the syllables are weighted.

    Returns:
        Dict, component -> `float64` (batch, classes) whose rows sum to 1; rows of 0
        stay so.
    """
    found = {}
    for name, rest in _sums_of_others(heads, prior).items():
        values = heads[name] * rest
        total = values.sum(axis=1, keepdims=True)
        found[name] = values / np.where(total > 0, total, 1)
    return found


def _by_final(heads, prior):
    """Returns each final's factor, summed over initial and medial: (batch, finals)."""
    initial, medial = heads["initial"], heads["medial"]
    pairs = (initial[:, :, None] * medial[:, None, :]).reshape(len(initial), -1)
    return pairs @ _weights(prior).reshape(-1, _JAMO_COUNTS[2])


def _sums_of_others(heads, prior):
    """Returns each jamo's factor, summed over the other two heads: dict by head."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    table = _weights(prior).reshape(-1, _JAMO_COUNTS[2])  # (initial medial, final)
    ends = (final @ table.T).reshape(len(final), *_JAMO_COUNTS[:2])
    return {
        "initial": (ends @ medial[:, :, None])[:, :, 0],
        "medial": (initial[:, None, :] @ ends)[:, 0],
        "final": _by_final(heads, prior),
    }
