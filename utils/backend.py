"""Keras, with TensorFlow's start-up chatter turned off before it is imported."""

import os
import random

import numpy as np

# TensorFlow reads this when it is loaded: informational lines off, warnings on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

try:
    import keras
except ImportError as error:
    raise ImportError(
        f"Keras cannot be imported ({error}); run pip install koocr[tensorflow], or in "
        "a checkout pip install -r requirements.txt. Exported networks are read "
        "without it: KoOCR(engine='onnx')."
    ) from None

__all__ = ["keras", "set_seed"]


def set_seed(seed):
    """Seeds everything random: initial weights, dropout, NumPy, Python.

    `keras.utils.set_random_seed` alone would import TensorFlow on any backend.
    """
    if keras.backend.backend() == "tensorflow":
        keras.utils.set_random_seed(seed)
    else:  # Keras draws its seeds from Python's generator
        random.seed(seed)
        np.random.seed(seed)
