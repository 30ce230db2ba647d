"""Keras's activation functions -> ONNX nodes.

The functions `write_...` are those of `onnx_layers`.
"""


class UnsupportedLayer(ValueError):
    """A layer that ONNX has no nodes for here; the message names it."""


# Keras's function -> ONNX operator and attributes.
_FUNCTIONS = {
    "relu": ("Relu", {}),
    "hard_silu": ("HardSwish", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {"axis": -1}),
}


def activate(graph, function, source, name=None):
    """Adds one of Keras's activation functions to a graph.

    Args:
        graph: `onnx_graph.GraphWriter`.
        function: of `keras.activations`; `linear` adds nothing.
        source: name of what it is applied to.
        name: of the output; by default made of the source's.

    Returns:
        The name of the output.

    Raises:
        UnsupportedLayer: the function is not known here.
    """
    known = getattr(function, "__name__", str(function))
    if known == "linear":
        return source
    if known not in _FUNCTIONS:
        raise UnsupportedLayer(f"the activation {known!r} ({source})")
    kind, attributes = _FUNCTIONS[known]
    return graph.add(kind, [source], name or f"{source}_{known}", **attributes)


def write_relu(graph, layer, inputs, name):
    """Writes `keras.layers.ReLU`, with its limit or slope."""
    if layer.threshold:
        raise UnsupportedLayer(f"ReLU with a threshold ({name})")
    if layer.negative_slope:
        return write_leaky_relu(graph, layer, inputs, name)
    if layer.max_value is None:
        return graph.add("Relu", inputs, name)
    limits = [graph.constant(f"{name}_limit", v) for v in (0.0, layer.max_value)]
    return graph.add("Clip", [*inputs, *limits], name)


def write_leaky_relu(graph, layer, inputs, name):
    """Writes `keras.layers.LeakyReLU`."""
    return graph.add("LeakyRelu", inputs, name, alpha=float(layer.negative_slope))
