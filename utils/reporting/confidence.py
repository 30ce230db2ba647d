"""Records -> the tables of a report that tell how far probabilities can be trusted."""

import math

from utils.analysis.trust import calibration

_POINTS = 200  # of the curve of risk against coverage


def calibration_rows(records):
    """Returns the bins of `calibration.reliability_bins`, of the readable pictures."""
    return calibration.reliability_bins(*_readable(records))


def risk_rows(records):
    """Returns points of risk against coverage: `threshold`, `coverage`, `risk`."""
    curve = calibration.risk_coverage(*_readable(records))
    step = max(1, math.ceil(len(curve.risk) / _POINTS))
    # From the end, so that the point where everything is kept stays.
    points = [part[::-1][::step][::-1].tolist() for part in curve]
    names = ("threshold", "coverage", "risk")
    return [dict(zip(names, row, strict=True)) for row in zip(*points, strict=True)]


def confidence_figures(records, chosen):
    """Returns `ece` and `area_under_risk` of the readable ones of some pictures.

    Args:
        records: `records.Records`.
        chosen: boolean array (pictures,).
    """
    confidence = _readable(records, chosen)
    curve = calibration.risk_coverage(*confidence)
    return {
        "ece": calibration.expected_calibration_error(*confidence),
        "area_under_risk": calibration.area_under_risk(curve),
    }


def _readable(records, chosen=None):
    """Returns (confidence, right) of the readable pictures."""
    kept = records.readable if chosen is None else records.readable & chosen
    return records.columns["confidence"][kept], records.right["syllable"][kept]
