"""Stroke-direction planes (`utils.nn.directions.DirectMap`) -> ONNX nodes.

The function is one of those of `onnx_layers`.
"""

import numpy as np

from utils.nn.directions import SOBEL

# Clockwise from E: the parts along an axis and, between them, the diagonal ones.
_PARTS = (
    ("east",),
    ("east", "south"),
    ("south",),
    ("west", "south"),
    ("west",),
    ("west", "north"),
    ("north",),
    ("east", "north"),
)


def write_directions(graph, layer, inputs, name):
    """Writes the eight planes, E to NE clockwise, and the pooling behind them."""

    def add(kind, sources, part, **attributes):
        return graph.add(kind, sources, f"{name}_{part}", **attributes)

    zero = graph.constant(f"{name}_zero", 0.0)
    gradient = _write_gradients(graph, add, inputs, name)
    x = add("Abs", [gradient["east"]], "x")
    y = add("Abs", [gradient["south"]], "y")
    across = {"east": y, "west": y, "south": x, "north": x}
    root = graph.constant(f"{name}_root", 2**0.5)
    diagonal = add("Mul", [add("Min", [x, y], "least"), root], "diagonal")

    def straight(axis):
        """Writes the positive part of what a gradient has along an axis alone."""
        left = add("Sub", [gradient[axis], across[axis]], f"{axis[0]}_left")
        return add("Relu", [left], axis[0])

    def slanting(one, other):
        """Writes the diagonal part, where the gradient points between two axes."""
        sides = [add("Greater", [gradient[d], zero], f"is_{d}") for d in (one, other)]
        both = add("And", sides, f"{one}_{other}_both")
        return add("Where", [both, diagonal, zero], f"{one}_{other}")

    planes = [(straight if len(axes) == 1 else slanting)(*axes) for axes in _PARTS]
    planes += inputs if layer.raw else []
    together = add("Concat", planes, "planes", axis=1)
    window = [layer.pool, layer.pool]
    return graph.add(
        "AveragePool", [together], name, kernel_shape=window, strides=window
    )


def _write_gradients(graph, add, inputs, name):
    """Writes Sobel gradients; returns their names by the direction they point to."""
    pads = graph.constant(f"{name}_pads", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)
    # One pixel of the mirrored border is the border itself.
    padded = add("Pad", [*inputs, pads], "padded", mode="edge")
    gradient = {}
    for direction, kernel in {"east": SOBEL, "south": SOBEL.T}.items():
        weights = graph.constant(f"{name}_{direction}_kernel", kernel[None, None])
        gradient[direction] = add("Conv", [padded, weights], direction)
    for direction, opposite in (("east", "west"), ("south", "north")):
        gradient[opposite] = add("Neg", [gradient[direction]], opposite)
    return gradient
