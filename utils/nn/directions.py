"""Ink -> planes of stroke direction (DirectMap)."""

import math

import keras
import numpy as np
from keras import layers, ops

from utils.nn.layers import PACKAGE

PLANES = 8  # E, SE, S, SW, W, NW, N, NE: clockwise by 45 degrees, as y points down
RAW_PLANE = PLANES  # where the picture itself stands, behind them

# Change to the right, per pixel; its transpose: downward.
SOBEL = np.float32([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4


@keras.saving.register_keras_serializable(PACKAGE)
class DirectMap(layers.Layer):
    """Decomposes the gradient of ink into eight non-negative direction planes.

    Sobel gives (gx, gy), each within -1 to 1. The parallelogram rule splits the vector
    between its two neighbouring directions: ||gx| - |gy|| to the nearer axis, and
    sqrt(2) min(|gx|, |gy|) to the diagonal of its quadrant, so that the planes times
    their unit vectors add up to the gradient exactly. Average pooling then halves the
    picture. No weights are trained.

    Reference: Zhang, Bengio, Liu: Online and Offline Handwritten Chinese Character
    Recognition (2017), section 3, https://arxiv.org/abs/1606.05763. Differs: the shape
    is normalised by the preparation (crop, scale, centre), not by line density.

    Args:
        raw: keep the picture itself, pooled, as a ninth plane.
        pool: side of the pooling in pixels.

    Input shape: (batch, height, width, 1), ink 0-1.
    Output shape: (batch, height // pool, width // pool, 8 or 9), 0 to sqrt(2).
    """

    def __init__(self, raw=False, pool=2, **kwargs):
        super().__init__(**kwargs)
        self.raw, self.pool = raw, pool

    def call(self, ink):
        planes = direction_planes(ink)
        if self.raw:
            planes = ops.concatenate([planes, ink], axis=-1)
        return ops.average_pool(
            planes, self.pool, self.pool, data_format="channels_last"
        )

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        planes = PLANES + self.raw
        return batch, height // self.pool, width // self.pool, planes

    def multiply_adds(self):
        """Returns the multiply-adds of one picture: two filters of 3 x 3."""
        return 2 * 9 * math.prod(self.input.shape[1:])

    def get_config(self):
        return super().get_config() | {"raw": self.raw, "pool": self.pool}


def direction_planes(ink):
    """Returns the eight planes of a picture at its own resolution.

    Args:
        ink: float tensor (batch, height, width, 1).

    Returns:
        Tensor (batch, height, width, 8): E, SE, S, SW, W, NW, N, NE. At most two of
        the eight are not zero.
    """
    # Beyond the border the last pixel goes on: an even picture has no edges at all.
    padded = ops.pad(ink, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    kernels = np.stack([SOBEL, SOBEL.T], axis=-1)[:, :, None, :]
    kernels = ops.cast(kernels, ink.dtype)
    gradient = ops.conv(padded, kernels, padding="valid", data_format="channels_last")
    east, south = gradient[..., 0], gradient[..., 1]
    x, y = ops.abs(east), ops.abs(south)
    half = ops.relu
    diagonal = 2**0.5 * ops.minimum(x, y)

    def quadrant(towards_x, towards_y):
        both = ops.logical_and(towards_x > 0, towards_y > 0)
        return ops.where(both, diagonal, ops.zeros_like(diagonal))

    planes = [
        half(east - y),
        quadrant(east, south),
        half(south - x),
        quadrant(-east, south),
        half(-east - y),
        quadrant(-east, -south),
        half(-south - x),
        quadrant(east, -south),
    ]
    return ops.stack(planes, axis=-1)
