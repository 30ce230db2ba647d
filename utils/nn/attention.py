"""Attention over the places of a feature map."""

import keras
from keras import layers, ops

from utils.nn.layers import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class Attention(layers.Layer):
    """Additive attention with learned positions, for several queries at once.

    e_p = v . tanh(W query + U (features_p + position_p) + extra_p), weights = softmax
    of e over the places.

    Reference: Bahdanau, Cho, Bengio (2015), section 3.1 and appendix A.1.2,
    https://arxiv.org/abs/1409.0473.

    Args:
        units: size of the space in which query and features meet.

    Call arguments: features (batch, places, channels); keys, what `keys` makes of them
    once and for all queries; query (batch, queries, any); extra (batch, queries,
    places, units) or None. Returns context (batch, queries, channels) and weights
    (batch, queries, places), which add up to one over the places.
    """

    def __init__(self, units=64, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, features_shape, keys_shape, query_shape, extra_shape=None):
        _, places, channels = features_shape
        self.of_features = layers.Dense(self.units, name="of_features")
        self.of_query = layers.Dense(self.units, use_bias=False, name="of_query")
        self.energy = layers.Dense(1, use_bias=False, name="energy")
        self.of_features.build((None, places, channels))
        self.of_query.build((None, None, query_shape[-1]))
        self.energy.build((None, None, places, self.units))
        self.positions = self.add_weight(
            name="positions", shape=(places, channels), initializer="random_normal"
        )

    def keys(self, features):
        """Returns what queries meet: (batch, places, units) of a built layer."""
        return self.of_features(features + self.positions)

    def call(self, features, keys, query, extra=None):
        met = keys[:, None] + self.of_query(query)[:, :, None]
        if extra is not None:
            met = met + extra
        weights = ops.softmax(self.energy(ops.tanh(met))[..., 0], axis=-1)
        return ops.matmul(weights, features), weights

    def get_config(self):
        return super().get_config() | {"units": self.units}
