"""A network of a few weights, with each kind of layer that weights treat apart."""

import keras
import numpy as np

from utils.nn import blocks
from utils.nn.layers import GlobalWeightedAveragePooling2D


def build(size=4, units=3):
    """Returns a model from (batch, size, size, 2): conv, bn, pooling, dense."""
    inputs = keras.Input((size, size, 2))
    x = keras.layers.Conv2D(5, 3, padding="same", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = GlobalWeightedAveragePooling2D(name="pooling")(x)
    return keras.Model(inputs, keras.layers.Dense(units, name="dense")(x))


def values(model):
    """Returns all weights as arrays."""
    return [np.asarray(weight) for weight in model.weights]


def thin(images):
    """A backbone of three convolutions, of which two can be split."""
    x = images
    for index, filters in enumerate((6, 8, 8)):
        name = blocks.FEATURES if index == 2 else f"thin{index}_relu"
        x = blocks.conv_block(x, filters, f"thin{index}", name, strides=2)
    return x
