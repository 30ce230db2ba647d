"""How likely a syllable is before its picture is seen.

A network that learnt from all 11,172 syllables alike takes a doubtful 믜 for as likely
as 미. Text is not written so: nearly all of it is in the 2,350 of KS X 1001, and a few
hundred of those are most of it. By Bayes' rule the probability of every syllable is
multiplied by how likely it was before, and the sum made 1.
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

# Both chosen on hands and photographs, see docs/reading.md.
RARE = 0.3  # how likely a syllable outside KS X 1001 is beside one of it
TEXT = 0.1  # how far the frequencies of running text count

_SIZES = tuple(len(jamo) for jamo in COMPONENTS.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class Prior:
    """How likely each syllable is before its picture is seen.

    Args:
        rare: how likely a syllable outside the 2,350 of KS X 1001 is beside one of
            them, above 0 to 1; 1 takes all alike.
        text: power, 0 to 1, of the frequency that a syllable has in running text: 0
            takes no notice of it, 0.5 suits pictures cut from text.

    Raises:
        ValueError: one of them is out of range.
    """

    rare: float = RARE
    text: float = TEXT

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

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Returns what probabilities are multiplied by, 1 at most.

        Args:
            codes: places in the Unicode block, integers of any shape, 0 to 11,171.

        Returns:
            `float64` array of the shape of `codes`, above 0.
        """
        return _weights(self)[codes]


EVEN = Prior(1.0, 0.0)  # what the network learnt: all alike
USUAL = Prior()


@lru_cache(maxsize=16)
def _weights(prior):
    """Returns the weights of all 11,172 syllables, the largest 1."""
    found = np.full(np.prod(_SIZES), float(prior.rare))
    found[syllable_indices(ksx1001_syllables())] = 1
    found *= text_shares() ** float(prior.text)
    return np.maximum(found / found.max(), np.finfo(float).tiny)


@lru_cache(maxsize=8)
def class_weights(syllables: tuple[str, ...], prior: Prior) -> np.ndarray:
    """Returns the weights of syllables, kept for the next batch: `float64`."""
    return prior.weights(syllable_indices(syllables))


def weighed_mass(heads: Heads, prior: Prior) -> np.ndarray:
    """Returns what the weighed products of three heads sum to: `float64` (batch,)."""
    if prior.is_even:
        return math.prod(heads[name].sum(axis=1) for name in COMPONENTS)
    return (heads["final"] * _by_final(heads, prior)).sum(axis=1)


def weighed_marginals(heads: Heads, prior: Prior) -> Heads:
    """Returns each jamo's probability in the weighed distribution of three heads.

    Args:
        heads: dict of `float64` arrays (batch, classes), as `decoding` checks them.
        prior: what they are weighed by.

    Returns:
        Dict, component -> `float64` (batch, classes) whose rows sum to 1; rows of
        which there is nothing stay 0.
    """
    found = {}
    for name, rest in _sums_of_others(heads, prior).items():
        values = heads[name] * rest
        total = values.sum(axis=1, keepdims=True)
        found[name] = values / np.where(total > 0, total, 1)
    return found


def _by_final(heads, prior):
    """Returns what initial and medial give each final, weighed: (batch, finals)."""
    initial, medial = heads["initial"], heads["medial"]
    pairs = (initial[:, :, None] * medial[:, None, :]).reshape(len(initial), -1)
    return pairs @ _weights(prior).reshape(-1, _SIZES[2])


def _sums_of_others(heads, prior):
    """Returns what the other two heads give each jamo, weighed, by head."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    table = _weights(prior).reshape(-1, _SIZES[2])  # (initial medial, final)
    ends = (final @ table.T).reshape(len(final), *_SIZES[:2])
    return {
        "initial": (ends @ medial[:, :, None])[:, :, 0],
        "medial": (initial[:, None, :] @ ends)[:, 0],
        "final": _by_final(heads, prior),
    }
