"""Pictures, maps and curves -> data URIs that a page can hold."""

import base64
import io

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from PIL import Image

from utils.analysis.plots import map_colours
from utils.analysis.typeface import hangul_font, literal

SIDE = 128  # pixels: longer sides are reduced to it
_QUALITY = 80  # of JPEG, 0-100
_ALPHA = 0.5  # of a map over its picture


def picture_uri(gray, side=SIDE):
    """Returns a grey picture as a PNG data URI.

    Args:
        gray: `uint8` (height, width).
        side: the longer side in pixels at most.
    """
    return _uri(_reduce(Image.fromarray(np.ascontiguousarray(gray)), side), "png")


def heat_uri(gray, values, top, signed, side=SIDE):
    """Returns a map laid over its picture as a JPEG data URI.

    Args:
        gray: `uint8` (height, width).
        values: map (height, width).
        top: the value at the end of the scale of colours.
        signed: see `plots.map_colours`.
        side: the longer side in pixels at most.
    """
    scale = map_colours(float(top), signed)
    share = (values - scale["vmin"]) / (scale["vmax"] - scale["vmin"])
    colours = colormaps[scale["cmap"]](np.clip(share, 0, 1))[..., :3] * 255
    mixed = _ALPHA * colours + (1 - _ALPHA) * gray[..., None]
    image = Image.fromarray(np.round(mixed).astype(np.uint8))
    return _uri(_reduce(image, side), "jpeg", quality=_QUALITY)


def top_n_curve(rows):
    """Draws `breakdown.top_n_rows`: accuracy by n, a line for each source.

    Returns:
        SVG as a data URI.
    """
    figure, axes = _axes("n", "%")
    for name in dict.fromkeys(row["source"] for row in rows):
        part = [row for row in rows if row["source"] == name]
        n = [row["n"] for row in part]
        shares, low, high = (
            [100 * row[key] for row in part] for key in ("accuracy", "low", "high")
        )
        label = literal(_shorten(name))
        (line,) = axes.plot(n, shares, marker=".", label=label)
        axes.fill_between(n, low, high, color=line.get_color(), alpha=0.15, lw=0)
    axes.set_xscale("log")
    ticks = [1, 2, 3, 5, 10, 20]
    axes.set_xticks(ticks, ticks)
    axes.set_xticks([], minor=True)
    axes.legend(prop=hangul_font(8))
    return _svg(figure)


def reliability_curve(bins):
    """Draws `confidence.calibration_rows`: accuracy by confidence; returns an SVG URI.

    The second line tells what share of the pictures a bin holds.
    """
    figure, axes = _axes("confidence", "accuracy")
    filled = [each for each in bins if each["count"]]
    middles = [(each["low"] + each["high"]) / 2 for each in filled]
    width = 0.9 / len(bins)
    axes.bar(middles, [each["accuracy"] for each in filled], width, alpha=0.8)
    axes.plot([0, 1], [0, 1], "--", color="gray")
    total = sum(each["count"] for each in filled)
    twin = axes.twinx()
    twin.plot(middles, [each["count"] / total for each in filled], ".-", color="C1")
    twin.set_ylabel("share of pictures", font=hangul_font(9), color="C1")
    for each in (axes, twin):
        each.set_ylim(0, 1)
    axes.set_xlim(0, 1)
    return _svg(figure)


def risk_curve(rows):
    """Draws `confidence.risk_rows`: risk by coverage; returns an SVG URI."""
    figure, axes = _axes("coverage", "risk")
    coverage = [row["coverage"] for row in rows]
    axes.plot(coverage, [row["risk"] for row in rows])
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    return _svg(figure)


def _axes(across, up):
    """Returns (figure, axes) of a curve."""
    figure = Figure((4.6, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(across, font=hangul_font(9))
    axes.set_ylabel(up, font=hangul_font(9))
    axes.grid(alpha=0.3)
    return figure, axes


def _svg(figure):
    """Returns a figure as an SVG data URI: drawn outlines, no letters, no date."""
    buffer = io.BytesIO()
    settings = {"format": "svg", "transparent": True, "metadata": {"Date": None}}
    figure.savefig(buffer, **settings)
    return _data("image/svg+xml", buffer.getvalue())


def _shorten(name, most=24):
    """Returns a name that fits into a legend; what begins with _ would be left out."""
    name = "all" if name == "*" else name
    name = f" {name}" if name.startswith("_") else name
    return name if len(name) <= most else name[: most - 1] + "…"


def _reduce(image, side):
    """Returns a picture whose longer side is `side` pixels at most."""
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _uri(image, kind, **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, optimize=True, **settings)
    return _data(f"image/{kind}", buffer.getvalue())


def _data(kind, content):
    """Returns a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
