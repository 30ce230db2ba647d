"""Runs a network in two parts: easy pictures exit early, after the first."""

import numpy as np

from utils.backend import keras
from utils.inference.network import BATCH, apply_batch, apply_model
from utils.kinds import Heads, Network

MIDDLE_KEY = "middle"  # among the first part's outputs: input of the second part


class NoEarlyHeadsError(AttributeError, ValueError):
    """A network without early heads was asked for its cascade."""


class Cascade:
    """Reads pictures by early heads, and uncertain ones by the whole network.

    A picture exits early if the least certain of its early heads is certain enough.
    Only the others go through the second part, as smaller batches.

    Reference: Li, Teng, Jin, Lu (2018), https://arxiv.org/abs/1804.01259, the cascade;
    the rule is our own, as theirs was not available.

    Args:
        model: `keras.Model` from pictures to a dict of probabilities.
        training_model: the same layers, with early heads (`heads.exit_early`).

    Attributes:
        first: `keras.Model` from pictures to early probabilities, and the features in
            the middle.
        second: `keras.Model` from those features to the last probabilities.
    """

    def __init__(self, model: Network, training_model: Network) -> None:
        middle = training_model.get_layer("exit_pooling").input
        early = {
            name: keras.layers.Softmax(dtype="float32")(
                training_model.get_layer(f"{name}_exit").output
            )
            for name in model.output_names
        }
        self.first = keras.Model(model.inputs[0], {**early, MIDDLE_KEY: middle})
        self.second = keras.Model(middle, model.output)

    def read_early(self, images: np.ndarray) -> tuple[Heads, np.ndarray]:
        """Returns (probabilities, features in the middle) of the early heads.

        Args:
            images: `uint8` (pictures, size, size).
        """
        early = apply_model(self.first, images)
        return early, early.pop(MIDDLE_KEY)

    def __call__(
        self, images: np.ndarray, threshold: float
    ) -> tuple[Heads, np.ndarray]:
        """Reads prepared pictures.

        Args:
            images: `uint8` (pictures, size, size).
            threshold: probability that every early head's best class must reach.

        Returns:
            (probabilities, left): dict of `float32` arrays (pictures, classes), and a
            bool array (pictures,), True for those that exited early.
        """
        # Batch by batch: the features in the middle are large.
        parts = [
            self._read_batch(images[start : start + BATCH], threshold)
            for start in range(0, max(len(images), 1), BATCH)
        ]
        heads, left = zip(*parts, strict=True)
        joined = {name: np.concatenate([h[name] for h in heads]) for name in heads[0]}
        return joined, np.concatenate(left)

    def _read_batch(self, images, threshold):
        probabilities, middle = self.read_early(images)
        left = certainty(probabilities) >= threshold
        if not left.all():
            late = apply_batch(self.second, middle[~left])
            for name, values in late.items():
                probabilities[name] = np.array(probabilities[name])
                probabilities[name][~left] = values
        return probabilities, left


def certainty(probabilities: Heads) -> np.ndarray:
    """Returns the least certain head's highest probability.

    Args:
        probabilities: dict of arrays (pictures, classes).

    Returns:
        Array (pictures,), 0-1.
    """
    return np.min([each.max(axis=1) for each in probabilities.values()], axis=0)
