"""How like two pictures are once they are prepared."""

import numpy as np

from utils.inference.imaging import prepare


def likeness(image, other):
    """Correlation of two pictures as the network sees them."""
    squares = [prepare(each, 64).ravel().astype(float) for each in (image, other)]
    return np.corrcoef(squares)[0, 1]
