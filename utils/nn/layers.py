"""Layers of our own: in-model preparation, fused normalisation, weighted pooling."""

import math

import keras
from keras import ops

PACKAGE = "koocr"


@keras.saving.register_keras_serializable(PACKAGE)
class InkScale(keras.layers.Layer):
    """Turns dark-on-white pixels into ink: 255 becomes 0, black becomes 1.

    Inside the model, so that training, evaluation and prediction cannot disagree.
    Differs from Melnyk et al., who invert and keep 0-255: their first batch
    normalisation absorbs the factor, and O(1) inputs suit every other network too.

    Input shape: (batch, height, width, 1), any dtype, 0-255.
    Output shape: the same, in the compute dtype, 0-1.
    """

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)  # whole numbers come in as they are

    def call(self, images):
        return (255.0 - ops.cast(images, self.compute_dtype)) / 255.0


@keras.saving.register_keras_serializable(PACKAGE)
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation over the last axis, in one operation on TensorFlow.

    Keras composes it of some eight operations, each a pass through memory; on a CPU the
    fused one makes a training step of the Melnyk net about a fifth shorter. Its moving
    variance is the unbiased one (n / (n - 1) of Keras's). On other backends, and at
    prediction, it is Keras's own layer.

    Args: see `keras.layers.BatchNormalization`.
    """

    def call(self, inputs, training=None, mask=None):
        fused = keras.backend.backend() == "tensorflow" and len(inputs.shape) == 4
        fused = fused and not self.synchronized
        if not (training and self.trainable and fused) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            ops.cast(self.gamma, "float32"),
            ops.cast(self.beta, "float32"),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, batch in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs


class _WeightedPooling(keras.layers.Layer):
    """Sums a feature map over height and width under learned weights."""

    def _weight_shape(self, input_shape):
        raise NotImplementedError

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel", shape=self._weight_shape(input_shape), initializer="ones"
        )

    def call(self, features):
        return ops.sum(features * self.kernel, axis=(1, 2))

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[3]

    def multiply_adds(self):
        """Returns the multiply-adds of one picture: one a place and channel."""
        return math.prod(self.input.shape[1:])


@keras.saving.register_keras_serializable(PACKAGE)
class GlobalWeightedAveragePooling2D(_WeightedPooling):
    """GWAP: sums over positions under one weight per position and channel.

    y_c = sum over h, w of W_hwc x_hwc, W starting at one, as the official code has it:
    no factor 1 / HW, in spite of the name.

    Reference: Melnyk, You, Li: A High-Performance CNN Method for Offline Handwritten
    Chinese Character Recognition and Visualization (2020), section 3.2,
    https://arxiv.org/abs/1812.11489. Before it Li et al. (2018),
    https://arxiv.org/abs/1804.01259.

    Input shape: (batch, height, width, channels). Output shape: (batch, channels).
    """

    def _weight_shape(self, input_shape):
        if None in input_shape[1:]:
            raise ValueError(
                "GWAP needs a feature map of fixed size, for it has a weight for each "
                f"position; got shape {tuple(input_shape)}. Give the input its size."
            )
        return tuple(input_shape[1:])


@keras.saving.register_keras_serializable(PACKAGE)
class GlobalWeightedOutputAveragePooling2D(_WeightedPooling):
    """GWOAP: sums over positions, then weights each channel once.

    y_c = W_c times the sum over h, w of x_hwc, W starting at one. Before a linear head
    it is a rescaled sum-pooling: another optimisation path, no other function class.

    Reference: Melnyk, You, Li (2020), section 3.2, https://arxiv.org/abs/1812.11489.

    Input shape: (batch, height, width, channels). Output shape: (batch, channels).
    """

    def _weight_shape(self, input_shape):
        return (input_shape[3],)
