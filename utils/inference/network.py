"""Prepared pictures -> probabilities, in batches."""

import numpy as np

BATCH = 256  # pictures that go through the network at once


def apply_model(model, images):
    """Applies a model to prepared pictures.

    Args:
        model: `keras.Model` from (batch, size, size, 1) to a dict of probabilities.
        images: `uint8` (pictures, size, size), dark on white.

    Returns:
        Dict of `float32` arrays (pictures, classes) by output name.
    """
    images = np.asarray(images)[..., None]
    if not len(images):  # no pictures still have classes: those of a blank one
        blank = np.zeros((1, *images.shape[1:]), images.dtype)
        return {name: each[:0] for name, each in model.predict_on_batch(blank).items()}
    # Not `predict`: its loop costs more than the network on a few pictures.
    parts = [
        model.predict_on_batch(images[start : start + BATCH])
        for start in range(0, len(images), BATCH)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
