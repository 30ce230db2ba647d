"""An ONNX graph as it is written: names, weights and nodes, pictures channels first."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17  # ONNX 1.12 (2022): onnxruntime reads it from version 1.12 on
_IR_VERSION = 8  # the container of that release

_TYPES = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8}


class GraphWriter:
    """Collects the nodes and weights of a graph, in the order of computation.

    Weights are NumPy arrays until `finish`, so that a normalisation can still be folded
    into the convolution before it.

    Attributes:
        weights: dict, name -> `float32` or `int64` array.
        nodes: list of `onnx.NodeProto`.
        shared: set of the names that several nodes take, or that are outputs.
    """

    def __init__(self):
        self.weights, self.nodes, self.shared = {}, [], set()
        self._makers = {}

    def constant(self, name, values, dtype=np.float32):
        """Adds weights under a name that no other has, which is returned.

        Args:
            name: the one wanted; changed where another has it already.
            values: array, or a number, which becomes (1,).
            dtype: `np.float32`, or `np.int64` for axes, shapes and pads.
        """
        name = self._unused(name)
        self.weights[name] = np.ascontiguousarray(values, dtype)
        return name

    def add(self, kind, inputs, name, **attributes):
        """Adds a node with one output, and returns that output's name.

        Args:
            kind: the ONNX operator, such as `Conv`.
            inputs: list of names.
            name: of the output; changed where another has it already.
            **attributes: of the operator.
        """
        name = self._unused(name)
        node = helper.make_node(kind, inputs, [name], name=name, **attributes)
        self.nodes.append(node)
        self._makers[name] = node
        return name

    def maker(self, name):
        """Returns the node whose output has this name; None of inputs and weights."""
        return self._makers.get(name)

    def finish(self, inputs, outputs, name):
        """Returns the graph as a checked `onnx.ModelProto`.

        Args:
            inputs: dict, name -> (dtype, shape); text in a shape names a free axis.
            outputs: the same.
            name: of the graph.
        """
        graph = helper.make_graph(
            self.nodes,
            name,
            [_declare(*item) for item in inputs.items()],
            [_declare(*item) for item in outputs.items()],
            [numpy_helper.from_array(v, k) for k, v in self.weights.items()],
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="KoOCR",
        )
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    def _unused(self, name):
        """Returns the name, or where it is taken the name with a number behind."""
        found, number = name, 1
        while found in self.weights or found in self._makers:
            number += 1
            found = f"{name}_{number}"
        return found


def _declare(name, kind):
    dtype, shape = kind
    return helper.make_tensor_value_info(name, _TYPES[dtype], shape)
