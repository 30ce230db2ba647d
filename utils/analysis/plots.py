"""Arrays -> figures: confusion matrices, heat maps, grids of pictures.

Figures are made as objects, without pyplot, so that drawing changes no global state
and needs no screen.
"""

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError(
        f"Figures are drawn by Matplotlib, which cannot be imported ({error}); run pip "
        "install -r requirements.txt in KoOCR's folder."
    ) from None

from utils.analysis.typeface import hangul_font, literal
from utils.data.atomic import write_atomically
from utils.kinds import FilePath

_CELL = 1.1  # inches, side of a picture in a grid with the gaps about it
_TITLE, _GAP = 0.2, 0.03  # inches
_DPI = 150


def save_figure(path: FilePath, figure: Figure) -> None:
    """Writes a figure as PNG, atomically.

    Args:
        path: of the file.
        figure: drawn at 150 dots an inch.

    Raises:
        ValueError: a letter of it is in none of the fonts and would show as a box.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph .* missing", append=False)
        try:
            figure.savefig(buffer, format="png", dpi=_DPI)
        except UserWarning as warning:
            raise ValueError(f"{path}: a letter cannot be drawn ({warning}).") from None
    write_atomically(path, buffer.getvalue())


def figure_pixels(figure: Figure, dpi: int = 80) -> np.ndarray:
    """Returns a figure as a picture, `uint8` (height, width, 3).

    Args:
        figure: whose resolution is set to `dpi`.
        dpi: pixels an inch.
    """
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def sample_grid(
    images: Sequence[np.ndarray] | np.ndarray,
    titles: Sequence[str],
    columns: int = 10,
    span: int = 1,
) -> Figure:
    """Draws pictures in rows, each below its title.

    Args:
        images: arrays (height, width), 0 black to 255 white, or `uint8` (height, width,
            3); sizes may differ.
        titles: a string for each.
        columns: pictures in a row.
        span: pictures that a title stands above the middle of, its own first.

    Raises:
        ValueError: there are no pictures, or more or fewer than titles.
    """
    if len(images) != len(titles) or not len(images):
        raise ValueError(f"{len(titles)} titles came for {len(images)} pictures.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    width, height = columns * _CELL, rows * (_CELL + _TITLE)
    figure = Figure((width, height))
    # One for all pictures, in inches: axes for each would take three times as long.
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.autoscale(False)
    for place, (image, title) in enumerate(zip(images, titles, strict=True)):
        row, column = divmod(place, columns)
        corner = column * _CELL, row * (_CELL + _TITLE) + _TITLE
        show_picture(axes, image, extent=_extent(image, *corner), aspect="auto")
        caption = {"font": hangul_font(9), "ha": "center", "va": "bottom"}
        axes.text(corner[0] + span * _CELL / 2, corner[1], literal(title), **caption)
    return figure


def _extent(image, left, top):
    """Returns (left, right, bottom, top) of a picture in its cell, aspect kept."""
    sides = np.array(image.shape[:2])
    height, width = sides / sides.max() * (_CELL - 2 * _GAP)
    left, top = left + (_CELL - width) / 2, top + (_CELL - height) / 2
    return left, left + width, top + height, top


def heat_map_grid(
    images: Sequence[np.ndarray] | np.ndarray,
    maps: Any,
    captions: Any,
    signed: Sequence[str] = (),
) -> Figure:
    """Draws each picture beside its maps, laid over it.

    Args:
        images: `uint8` (pictures, size, size).
        maps: dict, column title -> (pictures, size, size). A column's maps share one
            scale of colours.
        captions: a dict for each picture, column title -> text above its map; under
            `picture` the text above the picture.
        signed: the columns where a map speaks for (red) and against (blue); in the
            others zero is the least.

    Raises:
        ValueError: there are no pictures, or more or fewer than maps or captions.
    """
    counts = {len(images), len(captions), *(len(each) for each in maps.values())}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"Pictures, maps and captions differ in number: {counts}.")
    axes, figure = _grid(len(images), 1 + len(maps), cell=1.4)
    places = iter(axes)
    for row, image in enumerate(images):
        place = next(places)
        show_picture(place, image)
        caption = literal(captions[row]["picture"])
        place.set_title(caption, font=hangul_font(9), pad=2)
        for name, each in maps.items():
            place = next(places)
            show_picture(place, image)
            show_map(place, each[row], np.abs(each).max(), name in signed)
            caption = literal(captions[row][name])
            place.set_title(caption, font=hangul_font(9), pad=2)
    return figure


def _grid(rows, columns, cell):
    """Returns (axes in reading order, figure), all axes empty."""
    size = (columns * cell, rows * (cell + _TITLE))
    figure = Figure(size, layout="constrained")
    # Ticks that nobody sees are laid out all the same, in half of the time.
    bare = {"xticks": [], "yticks": []}
    axes = figure.subplots(rows, columns, squeeze=False, subplot_kw=bare).ravel()
    for place in axes:
        place.set_axis_off()
    return axes, figure


def show_picture(axes: Any, image: np.ndarray, **how: Any) -> None:
    """Shows a picture in axes.

    Args:
        axes: `matplotlib.axes.Axes`.
        image: (height, width), 0 black to 255 white, or `uint8` (height, width, 3).
        **how: as for `imshow`.
    """
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, **how)


def show_map(axes: Any, values: np.ndarray, top: float, signed: bool) -> None:
    """Lays a map over what axes show.

    Args:
        axes: `matplotlib.axes.Axes`.
        values: array (height, width).
        top: the value at the end of the scale of colours.
        signed: as for `map_colours`.
    """
    colours = map_colours(float(top), signed)
    axes.imshow(values, alpha=0.55, **colours)


def map_colours(top: float, signed: bool) -> Any:
    """Returns the scale of colours of a map: `cmap`, `vmin` and `vmax` of `imshow`.

    Args:
        top: the value at the end of the scale.
        signed: the scale runs from -top (blue) to top (red); else from 0.
    """
    top = max(top, 1e-9)
    if signed:
        return {"cmap": "seismic", "vmin": -top, "vmax": top}  # white is zero
    return {"cmap": "jet", "vmin": 0, "vmax": top}
