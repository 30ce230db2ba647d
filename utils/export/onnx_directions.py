"""Stroke-direction planes (`utils.nn.directions.DirectMap`) -> ONNX nodes."""

import numpy as np

from utils.nn.directions import SOBEL


def write_directions(graph, layer, inputs, name):
    """Writes the eight planes, E to NE clockwise, and the pooling behind them."""

    def add(kind, sources, part, **attributes):
        return graph.add(kind, sources, f"{name}_{part}", **attributes)

    def part_of(source, other, part):
        """Returns the positive part of source - other."""
        return add("Relu", [add("Sub", [source, other], f"{part}_left")], part)

    pads = graph.constant(f"{name}_pads", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)
    # One pixel of the mirrored border is the border itself.
    padded = add("Pad", [*inputs, pads], "padded", mode="edge")
    gradient = {}
    for direction, kernel in {"east": SOBEL, "south": SOBEL.T}.items():
        weights = graph.constant(f"{name}_{direction}_kernel", kernel[None, None])
        gradient[direction] = add("Conv", [padded, weights], direction)
    for direction, opposite in (("east", "west"), ("south", "north")):
        gradient[opposite] = add("Neg", [gradient[direction]], opposite)
    x = add("Abs", [gradient["east"]], "x")
    y = add("Abs", [gradient["south"]], "y")
    root = graph.constant(f"{name}_root", 2**0.5)
    diagonal = add("Mul", [add("Min", [x, y], "least"), root], "diagonal")
    zero = graph.constant(f"{name}_zero", 0.0)

    def quadrant(one, other):
        sides = [add("Greater", [gradient[d], zero], f"is_{d}") for d in (one, other)]
        both = add("And", sides, f"{one}_{other}_both")
        return add("Where", [both, diagonal, zero], f"{one}_{other}")

    planes = [
        part_of(gradient["east"], y, "e"),
        quadrant("east", "south"),
        part_of(gradient["south"], x, "s"),
        quadrant("west", "south"),
        part_of(gradient["west"], y, "w"),
        quadrant("west", "north"),
        part_of(gradient["north"], x, "n"),
        quadrant("east", "north"),
    ]
    planes += inputs if layer.raw else []
    together = add("Concat", planes, "planes", axis=1)
    window = [layer.pool, layer.pool]
    return graph.add(
        "AveragePool", [together], name, kernel_shape=window, strides=window
    )
