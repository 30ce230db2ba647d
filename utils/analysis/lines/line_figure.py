"""Lines of text, and what they are read as, in one figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from utils.analysis.plots import hangul_font, literal, show_picture

_WIDTH, _HIGH, _CAPTION, _EDGE = 7.0, 0.45, 0.3, 0.1  # inches


def line_figure(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> Figure:
    """Draws pictures of lines below each other, all as high, a caption below each.

    Args:
        pictures: `uint8` (height, width) each, one or more.
        captions: a string for each.

    Returns:
        `matplotlib.figure.Figure`.
    """
    step = _HIGH + _CAPTION + _EDGE
    height = step * len(pictures)
    figure = Figure((_WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.autoscale(False)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        top = place * step + _EDGE
        scale = _HIGH / picture.shape[0]
        scale = min(scale, (_WIDTH - 2 * _EDGE) / picture.shape[1])
        right = _EDGE + picture.shape[1] * scale
        bottom = top + picture.shape[0] * scale
        extent = _EDGE, right, bottom, top
        show_picture(axes, picture, extent=extent, aspect="auto")
        how = {"font": hangul_font(10), "ha": "left", "va": "top"}
        axes.text(_EDGE, top + _HIGH + 0.04, literal(caption), **how)
    return figure
