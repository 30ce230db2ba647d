"""Keras, with TensorFlow's start-up chatter turned off before it is imported."""

import contextlib
import os
import random

import numpy as np

from utils.start_lines import without_start_lines

# TensorFlow reads this when it is loaded: informational lines off, warnings on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

BACKENDS = ("tensorflow", "jax")

try:
    with without_start_lines():
        import keras
except ImportError as error:
    if error.name == "torch":  # asked for by name: Keras chooses TensorFlow itself
        raise ImportError(
            "Keras is set to compute with torch, which is not installed; set "
            "KERAS_BACKEND=tensorflow or KERAS_BACKEND=jax."
        ) from None
    raise ImportError(
        f"Keras cannot be imported ({error}); run pip install -r "
        "requirements.txt in KoOCR's folder. Exported networks are read "
        "without it: KoOCR(engine='onnx')."
    ) from None
except ValueError as error:
    if "import backend" not in str(error):
        raise
    raise ImportError(
        f"Keras is set to compute with what it does not know ({error}); set "
        f"KERAS_BACKEND to {' or '.join(BACKENDS)}."
    ) from None

if keras.backend.backend() not in BACKENDS:
    raise ImportError(
        f"Keras is set to compute with {keras.backend.backend()}, and KoOCR computes "
        f"with {' or '.join(BACKENDS)}; set KERAS_BACKEND to one of them."
    )

__all__ = ["channels_last_float32", "keras", "set_seed"]


@contextlib.contextmanager
def channels_last_float32():
    """Builds what is inside as the weights are, whatever Keras is set to globally."""
    order, policy = keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_image_data_format(order)
        keras.config.set_dtype_policy(policy)


def set_seed(seed):
    """Seeds everything random: initial weights, dropout, NumPy, Python.

    `keras.utils.set_random_seed` alone would import TensorFlow on any backend.
    """
    if keras.backend.backend() == "tensorflow":
        keras.utils.set_random_seed(seed)
    else:  # Keras draws its seeds from Python's generator
        random.seed(seed)
        np.random.seed(seed)
