"""Applies a Keras model to prepared pictures, in batches."""

from contextlib import nullcontext
from functools import cache
from threading import Lock

import numpy as np

from utils.kinds import Heads, Network

BATCH = 256  # pictures that are prepared, read and answered together
_MODEL_LOCK = Lock()  # threads must take turns, see `apply_batch`
_CPU_BATCH = 64  # pictures in one call without a GPU: 256 took 8 % longer on two cores


def apply_model(model: Network, images: np.ndarray) -> Heads:
    """Applies a model to prepared pictures.

    Args:
        model: `keras.Model` from (batch, size, size, 1) to a dict of probabilities.
        images: `uint8` (pictures, size, size), dark on white.

    Returns:
        Dict of `float32` arrays (pictures, classes) by output name.
    """
    images = np.asarray(images)[..., None]
    if not len(images):  # the shape is that of a blank one's, without it
        blank = np.zeros((1, *images.shape[1:]), images.dtype)
        return {name: each[:0] for name, each in apply_batch(model, blank).items()}
    step = _at_once()
    parts = [
        apply_batch(model, images[start : start + step])
        for start in range(0, len(images), step)
    ]
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@cache
def _at_once():
    """Returns how many pictures go through the network at once."""
    from utils.backend import keras  # here: other engines read without it

    devices = keras.distribution.list_devices()  # asked for GPUs, JAX without one fails
    return BATCH if any("gpu" in name for name in devices) else _CPU_BATCH


def apply_batch(model: Network, images: np.ndarray) -> Heads:
    """Applies a model to one batch of its inputs.

    JAX compiles a model anew for every number of pictures, so batches are padded with
    zeros to one of a few sizes; and Keras gives JAX the weights to overwrite, so that
    threads must take turns.

    Args:
        model: `keras.Model` from one array to a dict.
        images: array (pictures, ...), 1 picture or more.

    Returns:
        Dict of arrays (pictures, classes) by output name.
    """
    from utils.backend import keras  # here: other engines read without it

    # Not `predict`: its loop costs more than the network on a few pictures.
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _call_compiled(model, images)
    count = len(images)
    if backend == "jax":
        blank = ((0, padded_size(count) - count), *[(0, 0)] * (images.ndim - 1))
        images = np.pad(images, blank)
    with _MODEL_LOCK if backend == "jax" else nullcontext():
        found = model.predict_on_batch(images)
    return {name: values[:count] for name, values in found.items()}


def _call_compiled(model, images):
    """Applies a TensorFlow model to a batch by a compiled function.

    The function is compiled once for arrays of this kind and kept with the model, whose
    weights it reads in place. `predict_on_batch` looks up its function in every call,
    which takes a tenth of the time of one picture.
    """
    import tensorflow as tf

    known = vars(model).setdefault("_compiled", {})  # bypasses the tracking of Keras
    kind = images.dtype, images.shape[1:]
    with _MODEL_LOCK:  # two threads that trace a model disturb each other
        if kind not in known:
            spec = tf.TensorSpec([None, *images.shape[1:]], images.dtype)
            function = tf.function(lambda batch: model(batch, training=False))
            known[kind] = function.get_concrete_function(spec)
    found = known[kind](tf.constant(images))
    return {name: each.numpy() for name, each in found.items()}


def padded_size(count: int) -> int:
    """Returns the next power of two up to 32, above it the next multiple of 32."""
    return 1 << (count - 1).bit_length() if count <= 32 else -(-count // 32) * 32
