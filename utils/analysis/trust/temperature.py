"""Are probabilities what they promise? A temperature, and the error it leaves.

Reference: Guo, Pleiss, Sun, Weinberger (2017), "On Calibration of Modern Neural
Networks", https://arxiv.org/abs/1706.04599: temperature scaling (section 4.2) by the
likelihood of validation pictures, and the expected calibration error (section 2).
"""

import math
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from utils.analysis.samples import Sample, count, join
from utils.analysis.trust.calibration import expected_calibration_error
from utils.inference.tempering import temper
from utils.presets import RANGES

_LIMITS = RANGES["temperature"]  # between which the best is sought
_SMALLEST = 1e-38  # float32's: a softmax that says 0 means no more than this


def fit_temperature(sample: Sample) -> float:
    """Finds the temperature at which the true syllables are most likely.

    Args:
        sample: a `Sample`.

    Returns:
        Float between those of `utils.presets.RANGES`.

    Raises:
        ValueError: there is no picture.
    """
    if not count(sample):
        raise ValueError("There are no pictures to fit a temperature to.")
    found = minimize_scalar(
        lambda log: negative_log_likelihood(sample, math.exp(log)),
        bounds=[math.log(limit) for limit in _LIMITS],
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
    if not errors or temperature < 1.01 * _LIMITS[0]:
        return f"No temperature can be fitted from so few errors: {wrong}."
    if temperature > _LIMITS[1] / 1.01:
        return (
            f"No temperature can be fitted: {wrong}, and the best would be above "
            f"{_LIMITS[1]:g}."
        )
    return ""


def negative_log_likelihood(sample: Sample, temperature: float = 1.0) -> float:
    """Returns the mean of -log P(true syllable), natural, at a temperature.

    Args:
        sample: one picture at least; probabilities below 1e-38 count as that.
        temperature: above 0, by which logits are divided.
    """
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

    Args:
        sample: one picture at least.
        temperature: as for `negative_log_likelihood`.

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
        samples: dict, source -> `Sample`, as `samples.collect` gives them.

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


def _half(sample, start):
    """Returns every second picture of a `Sample`."""
    return Sample(*({k: v[start::2] for k, v in each.items()} for each in sample))
