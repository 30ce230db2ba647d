"""Estimates the prior of syllables from pictures that belong together."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from utils.hangul import ALL_SYLLABLES, FLAT_HEAD
from utils.inference.decoding import check_probabilities
from utils.inference.prior import (
    DEFAULT_PRIOR,
    EVEN_PRIOR,
    Prior,
    class_weights,
    weighed_mass,
)
from utils.inference.restriction import select
from utils.inference.spreading import spread_places
from utils.kinds import Heads

MAX_PICTURES = 2_000  # that are looked at, evenly spread

# Values that are tried.
_RARE_VALUES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
_TEXT_VALUES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
# Standard deviations of both around the start: of log10(rare), and of text.
_RARE_DEVIATION, _TEXT_DEVIATION = 0.7, 0.2


def estimate_prior(
    parts: Sequence[Heads],
    syllables: Sequence[str] = ALL_SYLLABLES,
    start: Prior = DEFAULT_PRIOR,
    chosen: Sequence[str] = (),
) -> Prior:
    """Finds the prior under which the pictures are most probable.

    Pictures cut from text mostly show frequent syllables, those of a font's chart as
    many rare ones; the certain pictures tell which, for the uncertain ones. `rare` and
    `text` are those that make the pictures most probable, by empirical Bayes (Robbins
    1956), each with a normal distribution around the start that a handful of pictures
    outweighs. Saerens, Latinne, Decaestecker (2002) estimate the share of every class,
    https://doi.org/10.1162/089976602753284446: with 11,172 classes that would take more
    pictures than anybody has.

    Args:
        parts: batches of the pictures, dicts of arrays (pictures, classes) as for
            `decoding.top_n`. At most `MAX_PICTURES` of the pictures are looked at.
        syllables: the classes of a flat head.
        start: the prior before any picture was seen.
        chosen: the syllables that can occur; all that the network can answer unless
            given.

    Returns:
        One of the `Prior`s that are tried; `start` where there are no pictures.

    Raises:
        ValueError: the arrays are not those of the heads.
    """
    if not parts:
        return start
    heads = check_probabilities(_thinned(parts), syllables)
    heads, syllables, *_ = select(heads, chosen or syllables, syllables, EVEN_PRIOR)
    tried = [start, *(Prior(*pair) for pair in product(_RARE_VALUES, _TEXT_VALUES))]
    return max(
        tried,
        key=lambda prior: _evidence(heads, syllables, prior) - _strain(prior, start),
    )


def _thinned(parts):
    """Returns at most `MAX_PICTURES` of the pictures, evenly spread, as one dict."""
    counts = [len(next(iter(part.values()))) for part in parts]
    places = spread_places(sum(counts), MAX_PICTURES)
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
    """Returns the log likelihood of the pictures, up to a constant."""
    weights = class_weights(tuple(syllables), prior)
    mass = (
        heads[FLAT_HEAD] @ weights if FLAT_HEAD in heads else weighed_mass(heads, prior)
    )
    shown = mass[mass > 0]  # without pictures whose probabilities are all 0
    return np.log(shown / weights.mean()).sum()


def _strain(prior, start):
    """Returns the negative log density of a prior around `start`, up to a constant."""
    tenfolds = np.log10(prior.rare / start.rare) / _RARE_DEVIATION
    powers = (prior.text - start.text) / _TEXT_DEVIATION
    return (tenfolds**2 + powers**2) / 2
