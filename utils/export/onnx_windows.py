"""Layers that look at places of a feature map -> ONNX nodes.

The functions are those of `onnx_layers`.
"""

import numpy as np
from keras import layers, ops

from utils.export.onnx_activations import activate


def write_convolution(graph, layer, inputs, name):
    """Writes `Conv2D` or `DepthwiseConv2D`, with its activation."""
    kernel = ops.convert_to_numpy(layer.kernel)
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    groups = layer.input.shape[-1] if depthwise else layer.groups
    if depthwise:  # (rows, columns, channels, multiplier)
        kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
    kernel = kernel.transpose(3, 2, 0, 1)
    parts = [*inputs, graph.constant(f"{name}_kernel", kernel)]
    if layer.use_bias:
        parts.append(graph.constant(f"{name}_bias", ops.convert_to_numpy(layer.bias)))
    window = _window(layer, layer.kernel_size, layer.dilation_rate)
    dilations = list(layer.dilation_rate)
    found = graph.add("Conv", parts, name, group=groups, dilations=dilations, **window)
    return activate(graph, layer.activation, found)


def write_low_rank(graph, layer, inputs, name):
    """Writes `LowRankConv2D`: a column of weights, then a row."""
    size, strides = layer.size, layer.strides
    pairs = {
        "vertical": ((size, 1), (strides, 1)),
        "horizontal": ((1, size), (1, strides)),
    }
    for part, (window, steps) in pairs.items():
        kernel = ops.convert_to_numpy(getattr(layer, part)).transpose(3, 2, 0, 1)
        weights = graph.constant(f"{name}_{part}_kernel", kernel)
        placed = _window(layer, window, strides=steps)
        found = f"{name}_{part}" if part == "vertical" else name
        inputs = [graph.add("Conv", [*inputs, weights], found, **placed)]
    return inputs[0]


def _window(layer, size, dilation=(1, 1), strides=None):
    """Returns kernel_shape, strides and pads, as Keras places the window."""
    pads, strides = [(0, 0), (0, 0)], strides or layer.strides
    if layer.padding == "same":
        sides = layer.input.shape[1:3]
        each = zip(sides, size, strides, dilation, strict=True)
        pads = [_same_padding(*one) for one in each]
    before, after = zip(*pads, strict=True)
    return {
        "kernel_shape": list(size),
        "strides": list(strides),
        "pads": [*before, *after],
    }


def _same_padding(side, size, stride, dilation):
    """Returns the pixels before and after: an odd one comes after."""
    reach = (size - 1) * dilation + 1
    total = max(0, (-(-side // stride) - 1) * stride + reach - side)
    return total // 2, total - total // 2


def write_normalisation(graph, layer, inputs, name):
    """Writes batch normalisation, into the convolution before it where that can be."""
    scale = 1 / np.sqrt(ops.convert_to_numpy(layer.moving_variance) + layer.epsilon)
    if layer.scale:
        scale = scale * ops.convert_to_numpy(layer.gamma)
    shift = -ops.convert_to_numpy(layer.moving_mean) * scale
    if layer.center:
        shift = shift + ops.convert_to_numpy(layer.beta)
    if _fold(graph, inputs[0], scale, shift, layer):
        return inputs[0]
    shape = (-1, 1, 1) if len(layer.output.shape) == 4 else (-1,)
    factor = graph.constant(f"{name}_scale", scale.reshape(shape))
    offset = graph.constant(f"{name}_shift", shift.reshape(shape))
    scaled = graph.add("Mul", [*inputs, factor], f"{name}_scaled")
    return graph.add("Add", [scaled, offset], name)


def _fold(graph, source, scale, shift, layer):
    """Multiplies a normalisation into the convolution that alone feeds it."""
    node = graph.maker(source)
    if node is None or node.op_type != "Conv" or source in graph.shared:
        return False
    kernel = graph.weights[node.input[1]]
    graph.weights[node.input[1]] = np.float32(kernel * scale[:, None, None, None])
    if len(node.input) == 3:
        shift = graph.weights[node.input[2]] * scale + shift
        graph.weights[node.input[2]] = np.float32(shift)
    else:
        node.input.append(graph.constant(f"{source}_bias", shift))
    return True


def write_average_pooling(graph, layer, inputs, name):
    """Writes `AveragePooling2D`: what lies outside the picture does not count."""
    return graph.add("AveragePool", inputs, name, **_window(layer, layer.pool_size))


def write_max_pooling(graph, layer, inputs, name):
    """Writes `MaxPooling2D`."""
    return graph.add("MaxPool", inputs, name, **_window(layer, layer.pool_size))


def write_global_pooling(graph, layer, inputs, name):
    """Writes `GlobalAveragePooling2D`."""
    return graph.add(
        "ReduceMean", inputs, name, axes=[2, 3], keepdims=int(layer.keepdims)
    )


def write_weighted_pooling(graph, layer, inputs, name):
    """Writes GWAP, a weight a place and channel, or GWOAP, one a channel."""
    kernel = ops.convert_to_numpy(layer.kernel)
    axes = graph.constant(f"{name}_axes", [2, 3], np.int64)
    if kernel.ndim == 3:
        weights = graph.constant(f"{name}_kernel", kernel.transpose(2, 0, 1))
        weighted = graph.add("Mul", [*inputs, weights], f"{name}_weighted")
        return graph.add("ReduceSum", [weighted, axes], name, keepdims=0)
    weights = graph.constant(f"{name}_kernel", kernel)
    total = graph.add("ReduceSum", [*inputs, axes], f"{name}_sum", keepdims=0)
    return graph.add("Mul", [total, weights], name)
