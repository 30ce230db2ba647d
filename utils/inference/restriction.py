"""Restricts probabilities to the syllables of a charset."""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from utils.hangul import (
    COMPONENTS,
    FLAT_HEAD,
    NUM_SYLLABLES,
    read_charset,
    split_syllables,
    syllable_indices,
)
from utils.inference.decoding import check_probabilities
from utils.inference.prior import (
    EVEN_PRIOR,
    Prior,
    class_weights,
    weighed_marginals,
    weighed_mass,
)
from utils.kinds import FilePath, Heads


def choose_syllables(
    charset: str | FilePath | Sequence[str], syllables: Sequence[str]
) -> tuple[str, ...]:
    """Returns the syllables from which answers are chosen.

    Args:
        charset: `all`, `ksx1001`, the syllables themselves as a string or a sequence,
            or the path of a text file of them (see `utils.hangul.read_charset`).
        syllables: what the network can answer.

    Returns:
        Tuple of syllables, without repeats, in Unicode order; `syllables` for `all`.

    Raises:
        TypeError: the charset is nothing of these.
        ValueError: it names none, or syllables that the network cannot answer.
    """
    if isinstance(charset, str) and charset == "all":
        return tuple(syllables)
    if isinstance(charset, (str, os.PathLike)):
        charset = os.fspath(charset)
    elif isinstance(charset, Iterable):
        charset = list(charset)  # a generator can be iterated only once
        syllable_indices(charset)  # raises if one is none
        charset = "".join(charset)
    chosen = tuple(sorted(read_charset(charset)))
    missing = sorted(set(chosen) - set(syllables))
    if missing:
        raise ValueError(
            f"The network has no class for {len(missing)} syllables of the charset "
            f"({''.join(missing[:10])}); leave them out, or use a network with "
            "split_components=true, which spells all 11,172."
        )
    return chosen


def restrict(
    probabilities: Heads,
    chosen: Sequence[str],
    syllables: Sequence[str],
    prior: Prior = EVEN_PRIOR,
) -> tuple[Heads, np.ndarray]:
    """Restricts the joint distribution of the heads to some syllables, exactly.

    P(s | s is one of the chosen) = w(s) P(s) / sum of w P over the chosen, where w is
    the prior.

    Args:
        probabilities: as for `decoding.top_n`.
        chosen: the syllables that can occur.
        syllables: the classes of a flat head.
        prior: prior probability of each syllable, see `prior`.

    Returns:
        (restricted, share): a flat head's dict of one `float64` array (batch, chosen)
        whose rows sum to 1, in the order of `chosen`; and `float64` (batch,), their
        share of the whole weighted distribution. Rows in which it is 0 stay 0.

    Raises:
        ValueError: the arrays are not those of the heads.
    """
    heads = check_probabilities(probabilities, syllables)
    if FLAT_HEAD in heads:
        whole = heads[FLAT_HEAD] @ class_weights(tuple(syllables), prior)
        joint = heads[FLAT_HEAD][:, _places(tuple(chosen), tuple(syllables))]
    else:
        whole, jamo = weighed_mass(heads, prior), _jamo(tuple(chosen))
        initial, medial, final = (heads[name][:, jamo[name]] for name in COMPONENTS)
        joint = initial * medial * final
    joint = joint * class_weights(tuple(chosen), prior)
    mass = joint.sum(axis=1)
    share = np.minimum(mass / np.where(whole > 0, whole, 1), 1)
    return {FLAT_HEAD: joint / np.where(mass > 0, mass, 1)[:, None]}, share


def select(
    probabilities: Heads,
    chosen: Sequence[str],
    syllables: Sequence[str],
    prior: Prior = EVEN_PRIOR,
) -> tuple[Heads, Sequence[str], Prior, np.ndarray]:
    """Returns the arguments of `decoding.top_n` and `marginals`, restricted if needed.

    Three heads that answer from all syllables stay three heads, which is faster.

    Args:
        probabilities: as for `restrict`.
        chosen: as for `restrict`.
        syllables: as for `restrict`.
        prior: as for `restrict`.

    Returns:
        (probabilities, syllables, prior, share): the first three are arguments of
        `top_n`, `share` is that of `restrict`.
    """
    if FLAT_HEAD not in probabilities and len(chosen) == len(syllables):
        count = len(next(iter(probabilities.values())))
        return probabilities, syllables, prior, np.ones(count)
    restricted, share = restrict(probabilities, chosen, syllables, prior)
    return restricted, chosen, EVEN_PRIOR, share


def marginals(
    probabilities: Heads, syllables: Sequence[str], prior: Prior = EVEN_PRIOR
) -> Heads:
    """Returns each jamo's marginal probability, of three heads or a flat one.

    Args:
        probabilities: as for `decoding.top_n`.
        syllables: the classes of a flat head.
        prior: as for `decoding.top_n`, for three heads; a flat head is already
            weighted.

    Returns:
        Dict, component -> `float64` (batch, classes).
    """
    heads = check_probabilities(probabilities, syllables)
    if FLAT_HEAD not in heads:
        return heads if prior.is_even else weighed_marginals(heads, prior)
    spelt = _jamo(tuple(syllables))
    return {
        name: heads[FLAT_HEAD] @ np.eye(len(classes))[spelt[name]]
        for name, classes in COMPONENTS.items()
    }


@lru_cache(maxsize=8)
def _jamo(syllables):
    """Returns `split_syllables`, cached: 11,172 take long."""
    return split_syllables(syllables)


@lru_cache(maxsize=8)
def _places(chosen, syllables):
    """Returns the columns of the chosen classes in a flat head."""
    columns = np.full(NUM_SYLLABLES, -1)
    columns[syllable_indices(syllables)] = np.arange(len(syllables))
    return columns[syllable_indices(chosen)]
