"""How likely a syllable is before its picture is seen: KS X 1001, and the rest.

A network that learnt from all 11,172 syllables alike takes a doubtful 믜 for as likely
as 미. Text is not written so: nearly all of it is in the 2,350 of KS X 1001. By Bayes'
rule the probability of every other one is multiplied by `rare`, and the sum made 1.
"""

import math
import numbers
from functools import lru_cache
from typing import Any

import numpy as np

from utils.hangul import COMPONENTS, ksx1001_syllables, syllable_indices
from utils.kinds import Heads

# How likely a syllable outside KS X 1001 is taken to be beside one of it. Chosen on
# hands and photographs, see README.md; of others in unseen fonts it costs 7 of 17,616.
RARE = 0.3

_SIZES = tuple(len(jamo) for jamo in COMPONENTS.values())
_COMMON = np.zeros(np.prod(_SIZES), bool)
_COMMON[syllable_indices(ksx1001_syllables())] = True
_TABLE = _COMMON.reshape(-1, _SIZES[2]).astype(float)  # (initial medial, final)


def check_rare(rare: Any) -> None:
    """Checks how rare syllables outside KS X 1001 are taken to be.

    Raises:
        ValueError: it is no number above 0, at most 1.
    """
    is_number = isinstance(rare, numbers.Real) and not isinstance(rare, bool)
    if not (is_number and 0 < rare <= 1):  # so put, NaN fails too
        raise ValueError(
            f"rare={rare!r}; expected a number above 0, at most 1 (all syllables "
            "alike). Where no syllable outside KS X 1001 can occur, say "
            "charset='ksx1001'."
        )


def weights(codes: np.ndarray, rare: float) -> np.ndarray:
    """Returns 1 of each syllable of KS X 1001, `rare` of the others.

    Args:
        codes: places in the Unicode block, integers of any shape, 0 to 11,171.
        rare: see `RARE`; above 0.

    Returns:
        `float64` array of the shape of `codes`.
    """
    return np.where(_COMMON[codes], 1.0, rare)


@lru_cache(maxsize=8)
def class_weights(syllables: tuple[str, ...], rare: float) -> np.ndarray:
    """Returns `weights` of syllables, kept for the next batch: `float64`."""
    return weights(syllable_indices(syllables), rare)


def weighed_mass(heads: Heads, rare: float) -> np.ndarray:
    """Returns what the weighed products of three heads sum to: `float64` (batch,)."""
    whole = math.prod(heads[name].sum(axis=1) for name in COMPONENTS)
    common = (heads["final"] * _common_by_final(heads)).sum(axis=1)
    return rare * whole + (1 - rare) * common


def weighed_marginals(heads: Heads, rare: float) -> Heads:
    """Returns each jamo's probability in the weighed distribution of three heads.

    Args:
        heads: dict of `float64` arrays (batch, classes), as `decoding` checks them.
        rare: see `RARE`; above 0.

    Returns:
        Dict, component -> `float64` (batch, classes) whose rows sum to 1; rows of
        which there is nothing stay 0.
    """
    sums = {name: heads[name].sum(axis=1, keepdims=True) for name in COMPONENTS}
    found = {}
    for name, rest in _common_sums(heads).items():
        others = [sums[other] for other in COMPONENTS if other != name]
        values = heads[name] * (rare * others[0] * others[1] + (1 - rare) * rest)
        total = values.sum(axis=1, keepdims=True)
        found[name] = values / np.where(total > 0, total, 1)
    return found


def _common_by_final(heads):
    """Returns what initial and medial give each final within KS X 1001."""
    initial, medial = heads["initial"], heads["medial"]
    pairs = (initial[:, :, None] * medial[:, None, :]).reshape(len(initial), -1)
    return pairs @ _TABLE


def _common_sums(heads):
    """Returns what the other two heads give each jamo within KS X 1001, by head."""
    initial, medial, final = (heads[name] for name in COMPONENTS)
    ends = (final @ _TABLE.T).reshape(len(final), *_SIZES[:2])
    return {
        "initial": (ends @ medial[:, :, None])[:, :, 0],
        "medial": (initial[:, None, :] @ ends)[:, 0],
        "final": _common_by_final(heads),
    }
