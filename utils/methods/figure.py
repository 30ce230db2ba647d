"""The comparison as one picture: accuracy against multiply-adds."""

from matplotlib.figure import Figure

from utils.methods.table import JUDGED


def draw_methods(summaries):
    """Draws top-1 on handwriting of every row over what a picture costs it.

    Args:
        summaries: list of `table.Summary`.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = Figure((10, 7), layout="constrained")
    axes = figure.add_subplot()
    for row in summaries:
        top_1, _ = row.accuracy[JUDGED]
        place = row.multiply_adds / 1e6, 100 * top_1.mean
        axes.errorbar(*place, yerr=100 * top_1.half, fmt="o", capsize=3, markersize=5)
    _label(axes, summaries)
    axes.set_xscale("log")
    axes.set_xlabel("million multiply-adds a picture")
    axes.set_ylabel("top-1 on unseen handwriting faces, %")
    axes.grid(alpha=0.3)
    return figure


def _label(axes, summaries):
    """Names the points in a column beside the axes, in the order of their height."""
    ordered = sorted(summaries, key=lambda row: row.accuracy[JUDGED][0].mean)
    count = max(1, len(ordered) - 1)
    for place, row in enumerate(ordered):
        point = row.multiply_adds / 1e6, 100 * row.accuracy[JUDGED][0].mean
        axes.annotate(
            row.name,
            point,
            xytext=(1.03, 0.01 + 0.98 * place / count),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": "0.6"},
        )
