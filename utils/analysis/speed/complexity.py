"""How much a network computes: multiply-adds, layer by layer."""

from typing import Any

from utils.backend import keras
from utils.kinds import Network

_WEIGHED = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)


def multiply_adds(model: Network) -> int:
    """Counts the multiply-adds of one picture through a network.

    Convolutions and dense layers count one for each weight at each place, as published
    tables do; pooling, normalisation and activations are left out. Layers of our own
    that contain others say themselves what they cost (`multiply_adds`).

    Args:
        model: `keras.Model` of fixed picture size.

    Returns:
        The number, an int.
    """
    return sum(layer_multiply_adds(layer) for layer in model.layers)


def layer_multiply_adds(layer: Any) -> int:
    """Counts the multiply-adds of one picture through one layer of a model."""
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    if hasattr(layer, "multiply_adds"):
        return layer.multiply_adds()
    if isinstance(layer, _WEIGHED):
        return _size(layer.output.shape[1:-1]) * _size(layer.kernel.shape)
    return 0


def _size(shape):
    """Returns the product of the sides."""
    product = 1
    for side in shape:
        product *= side
    return product
