"""The comparison as one picture: accuracy against multiply-adds."""

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from utils.methods.table import JUDGED


def draw_methods(summaries):
    """Draws errors on handwriting of every row over what a picture costs it.

    Both axes are logarithmic, with few errors at the top: of methods that read nine
    pictures of ten, and one that reads none, the nine are what is compared.

    Args:
        summaries: list of `table.Summary`.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = Figure((10, 7), layout="constrained")
    axes = figure.add_subplot()
    for row in summaries:
        top_1, _ = row.accuracy[JUDGED]
        place = row.multiply_adds / 1e6, _errors(row)
        axes.errorbar(*place, yerr=100 * top_1.half, fmt="o", capsize=3, markersize=5)
    axes.set(xscale="log", yscale="log")
    axes.invert_yaxis()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter("{0:g}".format))
        axis.set_minor_formatter(FuncFormatter("{0:g}".format))
    _label(axes, summaries)
    axes.set_xlabel("million multiply-adds a picture")
    axes.set_ylabel("wrongly read pictures of unseen handwriting faces, %")
    axes.grid(alpha=0.3, which="both")
    return figure


def _errors(row):
    """Returns the wrongly read share in per cent, above 0 for the logarithm."""
    return max(0.01, 100 - 100 * row.accuracy[JUDGED][0].mean)


def _label(axes, summaries):
    """Names the points in a column beside the axes, in the order of their height."""
    ordered = sorted(summaries, key=_errors, reverse=True)
    count = max(1, len(ordered) - 1)
    for place, row in enumerate(ordered):
        point = row.multiply_adds / 1e6, _errors(row)
        axes.annotate(
            row.name,
            point,
            xytext=(1.03, 0.01 + 0.98 * place / count),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "lw": 0.4,
                "color": "0.6",
                "relpos": (0, 0.5),
                "shrinkA": 0,
            },
        )
