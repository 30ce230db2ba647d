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
    # No pictures still have classes, so that callers need no special case.
    starts = range(0, max(len(images), 1), BATCH)
    parts = [_apply_batch(model, images[start : start + BATCH]) for start in starts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _apply_batch(model, batch):
    if len(batch):
        # Not `predict`: its loop costs more than the network on a few pictures.
        return model.predict_on_batch(batch)
    shapes = model.output_shape
    return {name: np.zeros((0, shape[1]), np.float32) for name, shape in shapes.items()}
