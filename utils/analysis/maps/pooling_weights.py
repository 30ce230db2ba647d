"""A network -> its pooling, if that is linear, and what it multiplies features with."""

from typing import Any

import numpy as np

from utils.backend import keras
from utils.kinds import Network
from utils.nn.heads import linear_pooling
from utils.nn.layers import (
    GlobalWeightedAveragePooling2D,
    GlobalWeightedOutputAveragePooling2D,
)

_WEIGHTED = (GlobalWeightedAveragePooling2D, GlobalWeightedOutputAveragePooling2D)


def find_linear_pooling(model: Network) -> Any:
    """Returns the pooling between the features and heads that are linear on it.

    Raises:
        ValueError: the heads are not linear on pooled features.
    """
    pooling = linear_pooling(model)
    if pooling is None:
        raise ValueError(
            "Exact maps need heads that are linear on the pooled features; this "
            "network's decoder attends to the feature map. Use Grad-CAM."
        )
    return pooling


def pooling_weights(pooling: Any, shape: tuple[int, ...]) -> np.ndarray | np.float32:
    """Returns what the pooling multiplies features with, broadcast to their shape.

    Args:
        pooling: layer.
        shape: (rows, columns, channels) of the features.

    Raises:
        ValueError: the pooling is not linear.
    """
    if isinstance(pooling, keras.layers.Flatten):
        return np.float32(1)
    if isinstance(pooling, keras.layers.GlobalAveragePooling2D):
        return np.float32(1 / (shape[0] * shape[1]))
    if isinstance(pooling, _WEIGHTED):
        return keras.ops.convert_to_numpy(pooling.kernel)
    raise ValueError(
        f"Exact maps need a linear pooling (fc_link '', GAP, GWAP or GWOAP); the model "
        f"pools with {type(pooling).__name__}. Use Grad-CAM."
    )
