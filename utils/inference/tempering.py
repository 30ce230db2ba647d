"""Calibrates probabilities by a temperature."""

import numpy as np

from utils.kinds import Heads


def temper(probabilities: Heads, temperature: float) -> Heads:
    """Divides the logits behind probabilities by a temperature.

    softmax(z / T) is p^(1/T), made to sum to 1; so the logits are not needed, and the
    joint distribution of three heads becomes its own power 1/T. The order of the
    syllables stays.

    Reference: Guo, Pleiss, Sun, Weinberger (2017), "On Calibration of Modern Neural
    Networks", section 4.2, https://arxiv.org/abs/1706.04599.

    Args:
        probabilities: dict of arrays (batch, classes).
        temperature: above 0; more than 1 makes an overconfident network less certain.

    Returns:
        Dict of `float32` arrays (batch, classes); the given one where it is 1.
    """
    if temperature == 1:
        return probabilities
    tempered = {}
    for name, values in probabilities.items():
        # Each row's largest is 1, so that no power of it vanishes.
        values = np.asarray(values, np.float64)
        powers = (values / values.max(axis=1, keepdims=True)) ** (1 / temperature)
        shares = powers / powers.sum(axis=1, keepdims=True)
        tempered[name] = shares.astype(np.float32)
    return tempered
