import numpy as np

from utils.nn.attention import Attention


def test_attention_is_the_softmax_of_additive_energies():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 6, 5)).astype("float32")
    query = rng.normal(size=(2, 3, 4)).astype("float32")
    extra = rng.normal(size=(2, 3, 6, 8)).astype("float32")
    layer = Attention(8)
    layer.build(features.shape, (2, 6, 8), query.shape)
    met = layer.keys(features)
    context, weights = (np.asarray(x) for x in layer(features, met, query, extra))
    u, bias = (np.asarray(w) for w in layer.of_features.weights)
    w, v = np.asarray(layer.of_query.kernel), np.asarray(layer.energy.kernel)
    positions = np.asarray(layer.positions)
    for row in range(2):
        for asked in range(3):
            keys = (features[row] + positions) @ u + bias
            energy = np.tanh(keys + query[row, asked] @ w + extra[row, asked]) @ v
            expected = np.exp(energy[:, 0]) / np.exp(energy).sum()
            np.testing.assert_allclose(weights[row, asked], expected, atol=1e-5)
            np.testing.assert_allclose(
                context[row, asked], expected @ features[row], atol=1e-5
            )


def test_config_makes_the_same_layer():
    assert Attention.from_config(Attention(7).get_config()).units == 7
