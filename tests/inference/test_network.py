import gc
import weakref

import keras
import numpy as np
import pytest

from utils.inference.network import BATCH, apply_batch, apply_model, padded_size


def build():
    inputs = keras.Input((2, 2, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1.0)(inputs))
    sums = keras.layers.Dense(3, kernel_initializer="ones")(x)
    return keras.Model(inputs, {"b": sums, "a": keras.layers.Dense(2)(x)})


def test_batches_keep_their_order_and_their_names():
    images = np.arange((BATCH + 3) * 4, dtype=np.uint32).reshape(-1, 2, 2) % 251
    found = apply_model(build(), images.astype(np.uint8))
    assert set(found) == {"a", "b"}
    expected = np.repeat(images.sum((1, 2))[:, None], 3, 1)
    np.testing.assert_allclose(found["b"], expected)


def test_no_pictures_have_classes_all_the_same():
    found = apply_model(build(), np.zeros((0, 2, 2), np.uint8))
    assert {name: array.shape for name, array in found.items()} == {
        "a": (0, 2),
        "b": (0, 3),
    }


@pytest.mark.parametrize(
    ("count", "size"), [(1, 1), (2, 2), (3, 4), (17, 32), (33, 64), (96, 96), (97, 128)]
)
def test_few_sizes_stand_for_all(count, size):
    assert padded_size(count) == size
    assert len({padded_size(count) for count in range(1, BATCH + 1)}) == 13


def test_a_model_is_compiled_for_a_few_sizes_only():
    traced = []

    class Mean(keras.layers.Layer):
        def call(self, images):
            traced.append(images.shape)
            return keras.ops.mean(keras.ops.cast(images, "float32"), axis=(1, 2))

    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, {"mean": Mean()(inputs)})
    traced.clear()
    for count in range(1, 24):
        images = np.arange(16 * count).reshape(count, 4, 4).astype(np.uint8)
        found = apply_model(model, images)["mean"]
        np.testing.assert_allclose(found[:, 0], images.mean((1, 2)), rtol=1e-6)
    # Keras may trace twice at once.
    assert len(traced) <= 2 * len({1, 2, 4, 8, 16, 32})


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's")
def test_a_model_is_compiled_once_for_each_kind_of_picture_and_follows_its_weights():
    traced = []

    class Counting(keras.layers.Layer):
        def call(self, images):
            traced.append(images.shape)
            return images

    inputs = keras.Input((4, 4, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(Counting()(inputs))
    model = keras.Model(inputs, {"out": keras.layers.Dense(3, name="out")(pooled)})
    rng, seen = np.random.default_rng(0), len(traced)
    for count in (1, 5, 2, 70):
        images = rng.integers(0, 256, (count, 4, 4, 1)).astype(np.uint8)
        found = apply_batch(model, images)["out"]
        np.testing.assert_array_equal(found, model.predict_on_batch(images)["out"])
    kernel, bias = model.get_layer("out").get_weights()
    model.get_layer("out").set_weights([2 * kernel, bias + 1])
    changed = apply_batch(model, images)["out"]
    np.testing.assert_allclose(changed, 2 * (found - bias) + bias + 1, rtol=1e-5)
    calls = len(traced)
    for _ in range(3):
        apply_batch(model, images[:2])
    assert len(traced) == calls > seen
    apply_batch(model, images.astype(np.float32))
    assert len(traced) == calls + 1


def test_models_that_were_read_with_are_freed():
    model = build()
    apply_batch(model, np.zeros((1, 2, 2, 1), np.uint8))
    left = weakref.ref(model)
    del model
    gc.collect()
    assert left() is None
