"""Keras, with TensorFlow's start-up chatter turned off before it is imported."""

import os

# TensorFlow reads this when it is loaded: informational lines off, warnings on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

import keras  # noqa: E402

__all__ = ["keras"]
