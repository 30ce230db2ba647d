"""Are probabilities what they promise? A temperature, and the error it leaves.

Reference: Guo, Pleiss, Sun, Weinberger (2017), "On Calibration of Modern Neural
Networks", https://arxiv.org/abs/1706.04599: temperature scaling (section 4.2) by the
likelihood of validation pictures, and the expected calibration error (section 2).
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from utils.analysis.calibration import expected_calibration_error
from utils.analysis.sources import Chunk
from utils.hangul import split_syllables
from utils.inference.decoding import FLAT
from utils.inference.tempering import temper
from utils.kinds import ReadSquares

LIMITS = (0.05, 20.0)  # temperatures between which the best is sought

_SMALLEST = 1e-38  # float32's: a softmax that says 0 means no more than this


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
        if FLAT in found:
            known = np.isin(labels, syllables)
            found, labels = {FLAT: found[FLAT][known]}, labels[known]
            places = {syllable: place for place, syllable in enumerate(syllables)}
            targets = {FLAT: np.array([places[each] for each in labels], int)}
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


def fit_temperature(sample: Sample) -> float:
    """Finds the temperature at which the true syllables are most likely.

    Args:
        sample: a `Sample`.

    Returns:
        Float between `LIMITS`.

    Raises:
        ValueError: there is no picture.
    """
    if not count(sample):
        raise ValueError("There are no pictures to fit a temperature to.")
    found = minimize_scalar(
        lambda log: negative_log_likelihood(sample, math.exp(log)),
        bounds=[math.log(limit) for limit in LIMITS],
        method="bounded",
        options={"xatol": 1e-4},
    )
    return math.exp(found.x)


def why_unfitted(temperature: float, errors: int, pictures: int) -> str:
    """Tells why a temperature that was found must not be used.

    Where nothing is read wrongly, or nearly nothing, the likelihood rises up to
    certainty: what is found is where the search ends, and no property of the network.

    Args:
        temperature: what `fit_temperature` found, alone or times that of the weights.
        errors: pictures that are read wrongly.
        pictures: all of them.

    Returns:
        A sentence; "" if the temperature may be used.
    """
    wrong = f"{errors} of {pictures} pictures are read wrongly"
    # The search only comes near its limits.
    if not errors or temperature < 1.01 * LIMITS[0]:
        return f"No temperature can be fitted from so few errors: {wrong}."
    if temperature > LIMITS[1] / 1.01:
        return (
            f"No temperature can be fitted: {wrong}, and the best would be above "
            f"{LIMITS[1]:g}."
        )
    return ""


def negative_log_likelihood(sample: Sample, temperature: float = 1.0) -> float:
    """Returns the mean of -log P(true syllable), natural, at a temperature."""
    total = 0.0
    for name, values in sample.heads.items():
        logits = np.log(np.maximum(values, _SMALLEST, dtype=float)) / temperature
        norm = np.logaddexp.reduce(logits, axis=1)
        rows = np.arange(len(values))
        total += (norm - logits[rows, sample.targets[name]]).mean()
    return float(total)


def best_answers(
    sample: Sample, temperature: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the best syllables' probabilities, and whether they are right.

    Returns:
        `float64` and bool arrays (pictures,).
    """
    heads = temper(sample.heads, temperature)
    confidence = np.prod([v.max(axis=1).astype(float) for v in heads.values()], axis=0)
    hits = [heads[name].argmax(axis=1) == sample.targets[name] for name in heads]
    return confidence, np.all(hits, axis=0)


def calibration_rows(
    samples: dict[str, Sample],
) -> tuple[float, list[dict[str, Any]]]:
    """Fits a temperature to all pictures and tells what it is worth.

    The figures after are honest ones: each half of the pictures is judged at the
    temperature that the other half gave.

    Args:
        samples: dict, source -> `Sample`, as `collect` gives them.

    Returns:
        (temperature, rows): that of all pictures, and dicts with `source`, `count`,
        `syllable` (top-1), `confidence` (mean), and before and after `ece` and `nll`.

    Raises:
        ValueError: there are fewer than two pictures.
    """
    if sum(map(count, samples.values())) < 2:
        raise ValueError("Calibration needs two pictures at least.")
    halves = {
        name: [_half(sample, start) for start in (0, 1)]
        for name, sample in samples.items()
    }
    both = [join(list(parts)) for parts in zip(*halves.values(), strict=True)]
    if len(samples) > 1:
        halves["all"] = both
    temperatures = [fit_temperature(half) for half in reversed(both)]
    rows = [
        {"source": name} | _figures(parts, temperatures)
        for name, parts in halves.items()
    ]
    return fit_temperature(join(both)), rows


def _figures(halves, temperatures):
    """Returns the figures of a source whose halves have a temperature each."""
    sample = join(halves)
    confidence, right = best_answers(sample)
    pairs = [(h, t) for h, t in zip(halves, temperatures, strict=True) if count(h)]
    after = [best_answers(*pair) for pair in pairs]
    likelihoods = [negative_log_likelihood(*pair) * count(pair[0]) for pair in pairs]
    return {
        "count": len(right),
        "syllable": float(right.mean()),
        "confidence": float(confidence.mean()),
        "ece": expected_calibration_error(confidence, right),
        "ece_after": expected_calibration_error(
            *map(np.concatenate, zip(*after, strict=True))
        ),
        "nll": negative_log_likelihood(sample),
        "nll_after": sum(likelihoods) / len(right),
    }


def count(sample: Sample) -> int:
    """Returns the number of pictures of a `Sample`."""
    return len(next(iter(sample.targets.values())))


def _half(sample, start):
    """Returns every second picture of a `Sample`."""
    return Sample(*({k: v[start::2] for k, v in each.items()} for each in sample))
