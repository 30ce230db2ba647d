"""Logits -> their gradient by the features, on the backends that Keras runs on."""

from collections.abc import Callable

import numpy as np

from utils.backend import keras


def backend_gradient() -> Callable[..., np.ndarray]:
    """Returns the function of this backend that differentiates logits by features.

    Returns:
        Function of (model from features to logits, features (batch, rows, columns,
        channels), class indices (batch,)) -> array of the features' shape.

    Raises:
        ValueError: the backend is not one whose gradients are known here.
    """
    backend = keras.backend.backend()
    if backend not in _GRADIENTS:
        raise ValueError(
            f"Grad-CAM knows the gradients of the Keras backends "
            f"{', '.join(_GRADIENTS)}; KERAS_BACKEND is {backend!r}. Use one of them."
        )
    return _GRADIENTS[backend]


def _tensorflow_gradient(tail, features, classes):
    import tensorflow as tf

    features = tf.convert_to_tensor(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        logits = tail(features, training=False)
        chosen = tf.gather(logits, classes, axis=1, batch_dims=1)
    return tape.gradient(chosen, features).numpy()


def _jax_gradient(tail, features, classes):
    import jax

    fixed = [
        [variable.value for variable in variables]
        for variables in (tail.trainable_variables, tail.non_trainable_variables)
    ]

    def total(features):
        logits, _ = tail.stateless_call(*fixed, features, training=False)
        # Rows do not meet, so the gradient of the sum is every row's own.
        return logits[np.arange(len(classes)), classes].sum()

    return np.asarray(jax.grad(total)(features))


_GRADIENTS = {"tensorflow": _tensorflow_gradient, "jax": _jax_gradient}
