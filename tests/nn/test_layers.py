import keras
import numpy as np
import pytest

from utils.nn.layers import (
    FusedBatchNormalization,
    GlobalWeightedAveragePooling2D,
    GlobalWeightedOutputAveragePooling2D,
    InkScale,
)

POOLINGS = [GlobalWeightedAveragePooling2D, GlobalWeightedOutputAveragePooling2D]


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(3, 2, 4, 5)).astype("float32")


def test_ink_scale_turns_black_into_one_and_white_into_zero():
    images = np.array([[[[0], [255]], [[51], [255]]]], np.uint8)
    ink = np.asarray(InkScale()(images))
    np.testing.assert_allclose(ink[0, :, :, 0], [[1, 0], [0.8, 0]], atol=1e-6)


@pytest.mark.parametrize("layer", POOLINGS)
def test_pooling_starts_as_a_plain_sum(layer, features):
    pooled = np.asarray(layer()(features))
    np.testing.assert_allclose(pooled, features.sum((1, 2)), rtol=1e-4, atol=1e-5)


def test_gwap_weights_each_position_and_channel(features):
    layer = GlobalWeightedAveragePooling2D()
    layer.build(features.shape)
    kernel = np.random.default_rng(1).normal(size=(2, 4, 5)).astype("float32")
    layer.kernel.assign(kernel)
    expected = np.einsum("nhwc,hwc->nc", features, kernel)
    np.testing.assert_allclose(np.asarray(layer(features)), expected, atol=1e-4)


def test_gwoap_weights_each_channel_once(features):
    layer = GlobalWeightedOutputAveragePooling2D()
    layer.build(features.shape)
    kernel = np.arange(5, dtype="float32")
    layer.kernel.assign(kernel)
    expected = features.sum((1, 2)) * kernel
    np.testing.assert_allclose(np.asarray(layer(features)), expected, atol=1e-4)


def test_gwap_needs_a_fixed_size():
    with pytest.raises(ValueError, match="GWAP needs a feature map of fixed size"):
        GlobalWeightedAveragePooling2D()(keras.Input((None, 4, 5)))


@pytest.mark.parametrize(
    "layer", [*POOLINGS, FusedBatchNormalization, InkScale], ids=lambda c: c.__name__
)
def test_layers_survive_serialisation(layer, features, tmp_path):
    inputs = keras.Input(features.shape[1:])
    model = keras.Model(inputs, layer(name="tested")(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.get_layer("tested")) is layer
    np.testing.assert_allclose(
        model.predict_on_batch(features), loaded.predict_on_batch(features), rtol=1e-6
    )


def test_fused_normalisation_agrees_with_numpy_and_with_keras(features):
    ours, theirs = FusedBatchNormalization(), keras.layers.BatchNormalization()
    mean, variance = features.mean((0, 1, 2)), features.var((0, 1, 2))
    expected = (features - mean) / np.sqrt(variance + 1e-3)
    for layer in (ours, theirs):
        outputs = np.asarray(layer(features, training=True))
        np.testing.assert_allclose(outputs, expected, atol=1e-5)
        np.testing.assert_allclose(
            np.asarray(layer.moving_mean), 0.01 * mean, atol=1e-6
        )
    # Ours keeps the unbiased variance where the operation is fused: n / (n - 1).
    kept = np.asarray(ours.moving_variance) - 0.99
    count = features[..., 0].size
    np.testing.assert_allclose(kept, 0.01 * variance * count / (count - 1), rtol=0.05)
    np.testing.assert_allclose(
        np.asarray(ours(features)), np.asarray(theirs(features)), atol=1e-2
    )


def test_a_frozen_normalisation_keeps_its_statistics(features):
    layer = FusedBatchNormalization()
    layer.build(features.shape)
    layer.trainable = False
    layer(features, training=True)
    np.testing.assert_array_equal(np.asarray(layer.moving_mean), np.zeros(5))
