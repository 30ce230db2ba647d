"""An explanation -> one figure: the picture, its reading, and a row of maps a kind."""

from matplotlib.figure import Figure

from utils.analysis.maps.kinds import CONTRAST, GRAD_CAM, SIGNED
from utils.analysis.plots import show_map, show_picture
from utils.analysis.typeface import hangul_font

_CELL = 1.9  # inches


def explanation_figure(explanation):
    """Draws a picture, what the network sees of it, its guesses, and all its maps.

    Args:
        explanation: `explanation.Explanation`.

    Returns:
        `matplotlib.figure.Figure`: a row for each kind of map, a column for each head.
        All maps of a row share one scale of colours.
    """
    kinds, heads = explanation.maps, explanation.readings
    rows = max(3, len(kinds))
    size = (_CELL * (1 + len(heads)), (_CELL + 0.25) * rows)
    figure = Figure(size, layout="constrained")
    axes = figure.subplots(rows, 1 + len(heads), squeeze=False)
    for place in axes.ravel():
        place.set_axis_off()
    _draw_left(axes[:, 0], explanation)
    for row, (kind, maps) in enumerate(kinds.items()):
        top = max(float(abs(each).max()) for each in maps.values())
        for column, name in enumerate(heads, 1):
            place = axes[row, column]
            show_picture(place, explanation.picture)
            show_map(place, maps[name], top, kind in SIGNED)
            title = _title(kind, name, heads[name])
            place.set_title(title, font=hangul_font(9), pad=3)
    return figure


def _draw_left(axes, explanation):
    """Draws the first column: picture, view, guesses."""
    show_picture(axes[0], explanation.picture)
    axes[0].set_title("picture", font=hangul_font(9), pad=3)
    show_picture(axes[1], explanation.square)
    axes[1].set_title("network's view", font=hangul_font(9), pad=3)
    for place, (syllable, probability) in enumerate(explanation.guesses[:5]):
        text = f"{syllable}  {probability:.3f}"
        spot = {"transform": axes[2].transAxes, "va": "top"}
        axes[2].text(0.15, 0.98 - 0.19 * place, text, font=hangul_font(12), **spot)


def _title(kind, head, reading):
    """Returns what stands above a map."""
    if kind == CONTRAST:
        return f"why {reading.name} and not {reading.rival}"
    name = kind if kind == GRAD_CAM else f"{kind} map"
    return f"{name}: {head} {reading.name} {reading.probability:.2f}"
