"""Keras layers -> ONNX nodes: one function a kind of layer, and their registry.

A function adds a layer to a graph. Feature maps are (batch, channels, height, width)
there, whatever their order in Keras; vectors are (batch, units).

Args:
    graph: the `onnx_graph.GraphWriter` that takes nodes and weights.
    layer: the Keras layer or operation, built and called in one place alone.
    inputs: list of the names of its inputs, in the order of its call.
    name: for its output; further nodes and weights have names that begin so.

Returns:
    The output's name: another where `name` was taken, or the layer adds no node.

Raises:
    UnsupportedLayer: the layer does something that is not written here.
"""

import numpy as np
from keras import ops

from utils.export import onnx_windows as windows
from utils.export.onnx_activations import (
    UnsupportedLayer,
    activate,
    write_leaky_relu,
    write_relu,
)
from utils.export.onnx_directions import write_directions


def _ink_scale(graph, layer, inputs, name):
    floats = graph.add("Cast", inputs, f"{name}_float", to=1)
    # One channel: a new shape says what a transposition would move.
    side = layer.output.shape[1]
    shape = graph.constant(f"{name}_shape", [-1, 1, side, side], np.int64)
    planes = graph.add("Reshape", [floats, shape], f"{name}_planes")
    white = graph.constant(f"{name}_white", 255.0)
    ink = graph.add("Sub", [white, planes], f"{name}_ink")
    return graph.add("Div", [ink, white], name)


def _activation(graph, layer, inputs, name):
    return activate(graph, layer.activation, inputs[0], name)


def _flatten(graph, layer, inputs, name):
    if len(layer.input.shape) == 4:  # Keras counts channels fastest
        turned = graph.add("Transpose", inputs, f"{name}_last", perm=[0, 2, 3, 1])
        inputs = [turned]
    return graph.add("Flatten", inputs, name, axis=1)


def _dense(graph, layer, inputs, name):
    if len(layer.input.shape) != 2:
        raise UnsupportedLayer(f"Dense on more than vectors ({name})")
    parts = [
        *inputs,
        graph.constant(f"{name}_kernel", ops.convert_to_numpy(layer.kernel)),
    ]
    if layer.use_bias:
        parts.append(graph.constant(f"{name}_bias", ops.convert_to_numpy(layer.bias)))
    return activate(graph, layer.activation, graph.add("Gemm", parts, name))


def _concatenate(graph, layer, inputs, name):
    rank = len(layer.output.shape)
    if layer.axis % rank != rank - 1:
        raise UnsupportedLayer(f"Concatenate along axis {layer.axis} ({name})")
    return graph.add("Concat", inputs, name, axis=1)


def _zero_padding(graph, layer, inputs, name):
    (top, bottom), (left, right) = layer.padding
    pads = [0, 0, top, left, 0, 0, bottom, right]
    pads = graph.constant(f"{name}_pads", pads, np.int64)
    return graph.add("Pad", [*inputs, pads], name)


def _scaled_sum(graph, layer, inputs, name):
    factor = graph.constant(f"{name}_factor", layer.scale)
    scaled = graph.add("Mul", [inputs[1], factor], f"{name}_scaled")
    return graph.add("Add", [inputs[0], scaled], name)


def _softmax(graph, layer, inputs, name):
    return graph.add("Softmax", inputs, name, axis=-1)


def _nothing(graph, layer, inputs, name):
    return inputs[0]


def _pairwise(kind):
    """Returns the function of a layer or operation that joins its inputs in turn."""

    def write(graph, layer, inputs, name):
        joined = inputs[0]
        for other in inputs[1:]:
            joined = graph.add(kind, [joined, other], name)
        return joined

    return write


# Name of the layer's class -> its function. Operations on tensors (`a + b`) have the
# names of Keras's layers.
WRITERS = {
    "InkScale": _ink_scale,
    "DirectMap": write_directions,
    "Conv2D": windows.write_convolution,
    "DepthwiseConv2D": windows.write_convolution,
    "LowRankConv2D": windows.write_low_rank,
    "BatchNormalization": windows.write_normalisation,
    "FusedBatchNormalization": windows.write_normalisation,
    "Activation": _activation,
    "ReLU": write_relu,
    "LeakyReLU": write_leaky_relu,
    "Softmax": _softmax,
    "AveragePooling2D": windows.write_average_pooling,
    "MaxPooling2D": windows.write_max_pooling,
    "GlobalAveragePooling2D": windows.write_global_pooling,
    "GlobalWeightedAveragePooling2D": windows.write_weighted_pooling,
    "GlobalWeightedOutputAveragePooling2D": windows.write_weighted_pooling,
    "Flatten": _flatten,
    "Dense": _dense,
    "Dropout": _nothing,
    "Concatenate": _concatenate,
    "Add": _pairwise("Add"),
    "Multiply": _pairwise("Mul"),
    "ZeroPadding2D": _zero_padding,
    "CustomScaleLayer": _scaled_sum,  # of Inception-ResNet
}
