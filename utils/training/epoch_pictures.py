"""Pictures that a run shows of itself: samples as read, and confusion matrices."""

import numpy as np

from utils.analysis.confusion_figure import confusion_figure
from utils.analysis.plots import figure_pixels, sample_grid
from utils.hangul import COMPONENTS
from utils.inference import decoding
from utils.inference.network import apply_model
from utils.inference.prior import DEFAULT_PRIOR

EVERY = 5  # epochs from one set of confusion matrices to the next


class EpochPictures:
    """Draws what a network reads, epoch by epoch.

    Args:
        model: `keras.Model` with a dict of probabilities.
        images: `uint8` (pictures, size, size), prepared.
        labels: their true syllables.
        syllables: the classes of a flat head.

    Attributes:
        matrices: dict, component -> confusion matrix of the last validation; empty
            without one.
    """

    def __init__(self, model, images, labels, syllables):
        self.model, self.images, self.labels = model, images, list(labels)
        self.syllables, self.matrices = syllables, {}

    def draw(self, number):
        """Draws the pictures of an epoch, counted from 1.

        Returns:
            Dict, name -> `uint8` (height, width, 3): `predictions` always, and in the
            first and every fifth epoch `confusion_<component>` where there is a matrix.
        """
        pictures = {"predictions": self._predictions()}
        if number == 1 or number % EVERY == 0:
            for name, matrix in self.matrices.items():
                figure = confusion_figure(matrix, COMPONENTS[name], name)
                pictures[f"confusion_{name}"] = figure_pixels(figure)
        return pictures

    def _predictions(self):
        """Draws the samples with what they are and what they are read as."""
        heads = apply_model(self.model, np.asarray(self.images))
        found, values = decoding.top_n(heads, 1, self.syllables, DEFAULT_PRIOR)
        titles = [
            f"{label} {share:.2f}"
            if guess == label
            else f"{label} → {guess} {share:.2f}"
            for label, guess, share in zip(
                self.labels, found[:, 0], values[:, 0], strict=True
            )
        ]
        return figure_pixels(sample_grid(self.images, titles, 8))
