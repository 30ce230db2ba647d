"""Pictures that belong together -> how likely syllables are among them."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from utils.hangul import ALL_SYLLABLES
from utils.inference.decoding import FLAT, check_probabilities
from utils.inference.prior import EVEN, USUAL, Prior, class_weights, weighed_mass
from utils.inference.restriction import select
from utils.inference.spreading import spread_places
from utils.kinds import Heads

MOST = 2_000  # pictures that are looked at, evenly spread

_RARE = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
_TEXT = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
# How far both are expected to lie from where they begin: standard deviations.
_TENFOLDS, _POWERS = 0.7, 0.2


def estimate_prior(
    parts: Sequence[Heads],
    syllables: Sequence[str] = ALL_SYLLABLES,
    start: Prior = USUAL,
    chosen: Sequence[str] = (),
) -> Prior:
    """Finds the prior under which pictures are most probable.

    What is sure tells what the unsure is likely to be: of pictures cut from text most
    show frequent syllables, of a font's chart as many rare ones. So `rare` and `text`
    are those that make the pictures most probable, by empirical Bayes (Robbins 1956);
    both with a normal distribution around where they begin, which a handful of pictures
    outweighs. Saerens, Latinne, Decaestecker (2002) let every class's share float,
    https://doi.org/10.1162/089976602753284446: of 11,172 that takes more pictures than
    anybody has.

    Args:
        parts: batches of the pictures, dicts of arrays (pictures, classes) as for
            `decoding.top_n`. Of more than `MOST` pictures as many are looked at.
        syllables: the classes of a flat head.
        start: what is held for likely before any picture.
        chosen: the syllables that can occur, of which alone the prior then tells; all
            that the network can answer unless given.

    Returns:
        A `Prior` of values that are tried; `start` where there are no pictures.

    Raises:
        ValueError: the arrays are not those of the heads.
    """
    if not parts:
        return start
    heads = check_probabilities(_thinned(parts), syllables)
    heads, syllables, *_ = select(heads, chosen or syllables, syllables, EVEN)
    tried = [start, *(Prior(*pair) for pair in product(_RARE, _TEXT))]
    return max(
        tried,
        key=lambda prior: _evidence(heads, syllables, prior) - _strain(prior, start),
    )


def _thinned(parts):
    """Returns `MOST` pictures of batches, evenly spread, or all, as one dict."""
    counts = [len(next(iter(part.values()))) for part in parts]
    places = spread_places(sum(counts), MOST)
    starts = np.cumsum([0, *counts[:-1]])
    own = [
        places[(places >= start) & (places < start + count)] - start
        for start, count in zip(starts, counts, strict=True)
    ]
    return {
        name: np.concatenate([p[name][at] for p, at in zip(parts, own, strict=True)])
        for name in parts[0]
    }


def _evidence(heads, syllables, prior):
    """Returns the logarithm of how probable the pictures are, but for a constant."""
    weights = class_weights(tuple(syllables), prior)
    mass = heads[FLAT] @ weights if FLAT in heads else weighed_mass(heads, prior)
    shown = mass[mass > 0]  # heads that say nothing tell nothing
    return np.log(shown / weights.mean()).sum()


def _strain(prior, start):
    """Returns how improbable a prior is itself, a negative logarithm."""
    tenfolds = np.log10(prior.rare / start.rare) / _TENFOLDS
    powers = (prior.text - start.text) / _POWERS
    return (tenfolds**2 + powers**2) / 2
