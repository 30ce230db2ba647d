"""A confusion matrix as a figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from utils.analysis.typeface import hangul_font, literal


def confusion_figure(matrix: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Draws which class was read as which.

    Args:
        matrix: counts (classes, classes), rows true, columns read.
        classes: names of the classes.
        title: above the matrix.

    Returns:
        `matplotlib.figure.Figure`: colours show shares of the row, numbers the counts
        that are not zero.

    Raises:
        ValueError: the matrix is not of these classes.
    """
    matrix = np.asarray(matrix)
    if matrix.shape != (len(classes), len(classes)):
        raise ValueError(f"{len(classes)} classes came for a matrix {matrix.shape}.")
    side = 1.8 + 0.36 * len(classes)
    figure = Figure((side, side), layout="constrained")
    axes = figure.add_subplot()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # The square root lets errors of one per cent be seen beside the diagonal.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(classes)), classes, font=hangul_font(13))
    axes.set_yticks(range(len(classes)), classes, font=hangul_font(13))
    axes.tick_params(top=True, labeltop=True, length=0)
    axes.set_xlabel("read", font=hangul_font(11))
    axes.set_ylabel("true", font=hangul_font(11))
    axes.set_title(literal(title), font=hangul_font(13))
    for row, column in zip(*np.nonzero(matrix), strict=True):
        colour = "white" if shares[row, column] > 0.4 else "black"
        count = _short(matrix[row, column])
        cell = {"ha": "center", "va": "center", "color": colour}
        axes.text(column, row, count, font=hangul_font(7), **cell)
    return figure


def _short(count):
    """Writes a count in four letters at most."""
    for unit, name in ((10**6, "M"), (10**4, "k")):
        if count >= unit:
            return f"{count / (unit if name == 'M' else 1000):.0f}{name}"
    return str(count)
