"""Features that do not tell the writer: a discriminator, and what it teaches."""

import keras
from keras import ops

from utils.nn.heads import POOLING
from utils.nn.layers import PACKAGE

WRITER = "writer"  # name of the discriminator's output and of its targets
_UNITS = 512  # of its hidden layer, as the authors'


@keras.saving.register_keras_serializable(PACKAGE)
class WriterDiscriminator(keras.layers.Layer):
    """Tells written features from printed ones, and makes that hard.

    One pass gives two logits for each picture. The first is the discriminator's own:
    no gradient of it reaches the features. The second is the same number, but its
    gradient reaches the features alone, never the discriminator, and is scaled by
    `ratio`, which rises from zero over `warmup` calls in training: features first, then
    features that agree.

    Reference: Zhang, Liang, Nie, Liu, Peng: Robust offline handwritten character
    recognition through exploring writer-independent features under the guidance of
    printed data (2018), https://doi.org/10.1016/j.patrec.2018.02.006, by the authors'
    code. Differs: both steps are taken at once, on the same features, instead of one
    after the other; heads learn from printed pictures too.

    Args:
        ratio: share of the adversarial loss in what the features learn, 0 or more.
        warmup: training steps over which it rises, 1 or more.

    Input shape: (batch, units). Output shape: (batch, 2).
    """

    def __init__(self, ratio, warmup=1, **kwargs):
        super().__init__(**kwargs)
        self.ratio, self.warmup = ratio, warmup
        self.dropout = keras.layers.Dropout(0.5)

    def build(self, input_shape):
        self.hidden = self.add_weight(name="hidden", shape=(input_shape[-1], _UNITS))
        self.hidden_bias = self.add_weight(
            name="hidden_bias", shape=(_UNITS,), initializer="zeros"
        )
        self.last = self.add_weight(name="last", shape=(_UNITS, 1))
        self.last_bias = self.add_weight(
            name="last_bias", shape=(1,), initializer="zeros"
        )
        self.calls = self.add_weight(
            name="calls", shape=(), initializer="zeros", trainable=False
        )

    def call(self, features, training=None):
        share = self.ratio * ops.minimum(self.calls / self.warmup, 1.0)
        if training:
            self.calls.assign_add(1.0)
        still = ops.stop_gradient(features)
        # The value is that of the features; the gradient is `share` of theirs.
        scaled = share * features + ops.stop_gradient(features * (1 - share))
        weights = [self.hidden, self.hidden_bias, self.last, self.last_bias]
        own = self._judge(still, weights, training)
        fixed = [ops.stop_gradient(ops.convert_to_tensor(w)) for w in weights]
        return ops.concatenate([own, self._judge(scaled, fixed, training)], axis=-1)

    def _judge(self, features, weights, training):
        hidden, hidden_bias, last, last_bias = weights
        x = ops.relu(ops.matmul(features, hidden) + hidden_bias)
        x = self.dropout(x, training=training)
        return ops.matmul(x, last) + last_bias

    def compute_output_shape(self, input_shape):
        return input_shape[0], 2

    def get_config(self):
        return super().get_config() | {"ratio": self.ratio, "warmup": self.warmup}


class WriterLoss(keras.losses.Loss):
    """Cross entropy of both logits: the first on the truth, the second on its opposite.

    Targets are 1 for written pictures and 0 for printed ones, (batch,).
    """

    def call(self, labels, logits):
        truth = ops.cast(ops.reshape(labels, (-1, 1)), logits.dtype)
        wanted = ops.concatenate([truth, 1 - truth], axis=-1)
        losses = keras.losses.binary_crossentropy(
            ops.expand_dims(wanted, -1), ops.expand_dims(logits, -1), from_logits=True
        )
        return ops.sum(losses, axis=-1)


class WriterAccuracy(keras.metrics.BinaryAccuracy):
    """How often the discriminator is right; at one half it knows nothing."""

    def __init__(self, name="accuracy", **kwargs):
        super().__init__(name=name, threshold=0.0, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        truth = ops.reshape(y_true, (-1, 1))
        return super().update_state(truth, y_pred[:, :1], sample_weight)


def add_discriminator(model, ratio, warmup, fitted=True):
    """Returns the graph of a model with a discriminator on its pooled features.

    Args:
        model: `keras.Model` with a dict of logits, which stays as it is.
        ratio: share of the adversarial loss, 0 or more.
        warmup: training steps over which it rises, 1 or more.
        fitted: whether the discriminator learns.

    Returns:
        Dict of `inputs` and `outputs`, the model's and `writer`: (batch, 2).
    """
    judge = WriterDiscriminator(ratio, warmup, name=WRITER)
    judge.trainable = fitted
    verdict = judge(model.get_layer(POOLING).output)
    return {"inputs": model.input, "outputs": model.output | {WRITER: verdict}}
