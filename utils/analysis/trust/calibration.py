"""How far probabilities can be trusted: calibration, and risk against coverage."""

from typing import NamedTuple

import numpy as np

NUM_BINS = 15  # as Guo et al. (2017)


class RiskCoverage(NamedTuple):
    """What is risked when only the surest answers are kept.

    threshold: `float64` (points,), falling: the least confidence that is kept.
    coverage: share of the pictures kept, 0-1, rising to 1.
    risk: share of the kept that are wrong, 0-1.
    """

    threshold: np.ndarray
    coverage: np.ndarray
    risk: np.ndarray


def reliability_bins(
    confidence: np.ndarray, right: np.ndarray, num_bins: int = NUM_BINS
) -> list[dict[str, float]]:
    """Compares confidence with accuracy in bins of equal width.

    Reference: Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural
    Networks, section 2, https://arxiv.org/abs/1706.04599. Bin b of B holds the
    confidences in ((b - 1) / B, b / B]; the first holds 0 too.

    Args:
        confidence: probabilities of the best guesses (pictures,), 0-1.
        right: booleans (pictures,), whether the guess is the true syllable.
        num_bins: how many, 1 or more.

    Returns:
        List of `num_bins` dicts: `low`, `high` (the bin's ends), `count`, and
        `confidence` and `accuracy`, the means over its pictures (NaN of none).

    Raises:
        ValueError: the arrays differ in length, or a confidence is not within 0-1.
    """
    confidence, right = _check(confidence, right)
    if num_bins < 1:
        raise ValueError(f"num_bins={num_bins!r}; expected 1 or more.")
    edges = np.linspace(0, 1, num_bins + 1)
    place = np.clip(np.searchsorted(edges, confidence) - 1, 0, num_bins - 1)
    count = np.bincount(place, minlength=num_bins)
    sums = [
        np.bincount(place, each, minlength=num_bins) for each in (confidence, right)
    ]
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: an empty bin has no mean
        means = [each / count for each in sums]
    names = ("low", "high", "count", "confidence", "accuracy")
    columns = (edges[:-1], edges[1:], count, *means)
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]


def expected_calibration_error(
    confidence: np.ndarray, right: np.ndarray, num_bins: int = NUM_BINS
) -> float:
    """Computes the mean gap between confidence and accuracy, weighted by bin.

    Reference: Guo et al. (2017), equation 3; Naeini, Cooper, Hauskrecht (2015),
    Obtaining Well Calibrated Probabilities Using Bayesian Binning.

    Args:
        confidence: as for `reliability_bins`.
        right: as for `reliability_bins`.
        num_bins: as for `reliability_bins`.

    Returns:
        Fraction 0-1; NaN without pictures.

    Raises:
        ValueError: as `reliability_bins`.
    """
    bins = reliability_bins(confidence, right, num_bins)
    total = sum(each["count"] for each in bins)
    if not total:
        return float("nan")
    gaps = (
        each["count"] * abs(each["accuracy"] - each["confidence"])
        for each in bins
        if each["count"]
    )
    return sum(gaps) / total


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> RiskCoverage:
    """Tells what share is wrong among the surest answers, for every share kept.

    Reference: El-Yaniv, Wiener (2010), On the Foundations of Noise-free Selective
    Classification, section 2, https://jmlr.org/papers/v11/el-yaniv10a.html.

    Args:
        confidence: probabilities of the best guesses (pictures,), 0-1.
        right: booleans (pictures,).

    Returns:
        `RiskCoverage` with a point for every distinct confidence: pictures that are
        equally sure are kept or left together.

    Raises:
        ValueError: as `reliability_bins`.
    """
    confidence, right = _check(confidence, right)
    order = np.argsort(-confidence, kind="stable")
    kept, wrong = confidence[order], np.cumsum(~right[order])
    last = np.flatnonzero(np.diff(kept, append=-1.0))  # of each run of equals
    return RiskCoverage(
        kept[last], (last + 1) / max(len(kept), 1), wrong[last] / (last + 1)
    )


def area_under_risk(curve: RiskCoverage) -> float:
    """Returns the mean risk over all coverages, 0-1: less is better, 0 no error.

    Args:
        curve: `RiskCoverage`.
    """
    if not len(curve.coverage):
        return float("nan")
    return float(np.sum(curve.risk * np.diff(curve.coverage, prepend=0.0)))


def _check(confidence, right):
    """Returns the two as arrays `float64` and `bool`, checked."""
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    if confidence.shape != right.shape or confidence.ndim != 1:
        raise ValueError(
            f"Confidences of shape {confidence.shape} came for answers of shape "
            f"{right.shape}; expected two of (pictures,)."
        )
    # Products of float32 softmaxes may come out a hair above 1.
    if not ((confidence >= 0) & (confidence <= 1 + 1e-6)).all():  # NaN fails too
        raise ValueError("A confidence is not within 0-1.")
    return np.minimum(confidence, 1.0), right
