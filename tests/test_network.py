import keras
import numpy as np

from utils.inference.network import BATCH, apply_model


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
