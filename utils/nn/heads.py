"""Feature map -> named logits and probabilities: pooling links and heads."""

import keras
from keras import layers

from utils.nn.layers import (
    GlobalWeightedAveragePooling2D,
    GlobalWeightedOutputAveragePooling2D,
)

# Value of --fc_link -> layer from a feature map to a vector.
FC_LINKS = {
    "": layers.Flatten,
    "GAP": layers.GlobalAveragePooling2D,
    "GWAP": GlobalWeightedAveragePooling2D,
    "GWOAP": GlobalWeightedOutputAveragePooling2D,
}

POOLING = "pooling"  # name of the link's layer
DROPOUT = 0.5  # before the heads, as Melnyk et al. (2020)


def link(features, fc_link):
    """Pools a feature map (batch, height, width, channels) into (batch, units)."""
    return FC_LINKS[fc_link](name=POOLING)(features)


def classify(vector, classes):
    """Puts one softmax head per output straight on the pooled features.

    Args:
        vector: tensor (batch, units).
        classes: dict, output name -> number of classes.

    Returns:
        (logits, probabilities): dicts of tensors (batch, classes) by output name. The
        losses take the logits: cross entropy of a softmax loses its gradient where
        the softmax saturates.
    """
    vector = layers.Dropout(DROPOUT, name="dropout")(vector)
    logits = {name: _dense(name, count)(vector) for name, count in classes.items()}
    probabilities = {
        name: layers.Softmax(name=name, dtype="float32")(logits[name])
        for name in classes
    }
    return logits, probabilities


def _dense(name, count):
    """Returns a head's layer; its small start is that of Melnyk et al. (2020)."""
    start = keras.initializers.RandomNormal(stddev=1e-3)
    return layers.Dense(count, kernel_initializer=start, name=f"{name}_logits")
