import numpy as np
import pytest

from utils.analysis.trust import calibration, trust_tables


def brute_bins(confidence, right, num_bins):
    """Puts every picture into its bin by comparing with both ends."""
    bins = []
    for number in range(num_bins):
        low, high = number / num_bins, (number + 1) / num_bins
        inside = [
            (c, r)
            for c, r in zip(confidence, right, strict=True)
            if low < c <= high or (number == 0 and c == 0)
        ]
        bins.append(inside)
    return bins


@pytest.mark.parametrize("num_bins", [1, 4, 10])
def test_bins_and_error_equal_brute_force(rng, num_bins):
    # Sixteenths are exact in binary, and many of them are ends of bins.
    confidence = rng.integers(0, 17, 300) / 16
    right = rng.random(300) < confidence**2
    found = calibration.reliability_bins(confidence, right, num_bins)
    expected = brute_bins(confidence, right, num_bins)
    assert [each["count"] for each in found] == [len(inside) for inside in expected]
    error = 0
    for each, inside in zip(found, expected, strict=True):
        if inside:
            means = np.mean(inside, axis=0)
            assert [each["confidence"], each["accuracy"]] == pytest.approx(means)
            error += len(inside) / 300 * abs(means[0] - means[1])
        else:
            assert np.isnan(each["accuracy"])
    ece = calibration.expected_calibration_error(confidence, right, num_bins)
    assert ece == pytest.approx(error)


def test_a_calibrated_set_has_no_error_and_a_boaster_all_of_it():
    confidence = np.repeat([0.25, 0.75], 4)
    right = np.array([1, 0, 0, 0, 1, 1, 1, 0], bool)
    assert calibration.expected_calibration_error(confidence, right) == 0
    ones = np.ones(4)
    assert calibration.expected_calibration_error(ones, np.zeros(4, bool)) == 1


def test_risk_equals_brute_force_at_every_threshold(rng):
    confidence = rng.integers(0, 9, 200) / 8
    right = rng.random(200) < 0.7
    curve = calibration.risk_coverage(confidence, right)
    assert curve.threshold.tolist() == sorted(set(confidence), reverse=True)
    for threshold, coverage, risk in zip(*curve, strict=True):
        kept = confidence >= threshold
        assert coverage == pytest.approx(kept.mean())
        assert risk == pytest.approx(1 - right[kept].mean())
    assert curve.coverage[-1] == 1


def test_area_by_hand():
    curve = calibration.risk_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True])
    np.testing.assert_allclose(curve.risk, [0, 0, 1 / 3, 1 / 4])
    assert calibration.area_under_risk(curve) == pytest.approx((1 / 3 + 1 / 4) / 4)


def test_no_pictures_have_no_figures():
    assert np.isnan(calibration.expected_calibration_error([], []))
    curve = calibration.risk_coverage([], [])
    assert len(curve.risk) == 0 and np.isnan(calibration.area_under_risk(curve))


def test_a_product_of_rounded_ones_is_one():
    assert calibration.reliability_bins([1 + 1e-7], [True])[-1]["count"] == 1


@pytest.mark.parametrize(
    ("confidence", "right", "message"),
    [
        ([0.5], [True, False], r"shape \(1,\) came for answers of shape \(2,\)"),
        ([1.5], [True], "not within 0-1"),
        ([np.nan], [True], "not within 0-1"),
    ],
)
def test_bad_input_is_refused(confidence, right, message):
    with pytest.raises(ValueError, match=message):
        calibration.risk_coverage(confidence, right)


def test_bins_are_one_or_more():
    with pytest.raises(ValueError, match="num_bins=0; expected 1 or more"):
        calibration.reliability_bins([0.5], [True], 0)


def test_a_temperature_that_makes_others_worse_is_not_saved():
    row = {"nll": 1.0, "nll_after": 1.25}
    with pytest.raises(ValueError, match=r"NLL 1\.0000 before, 1\.2500 after.*stays 2"):
        trust_tables._check_gain(row, 2.0)
    trust_tables._check_gain({"nll": 1.25, "nll_after": 1.0}, 2.0)
