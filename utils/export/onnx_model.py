"""A network -> an ONNX model that says itself what it reads and answers."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import keras
import onnx
from keras import tree

from utils.export.onnx_activations import UnsupportedLayer
from utils.export.onnx_graph import GraphWriter
from utils.export.onnx_layers import WRITERS
from utils.hangul import FLAT_HEAD
from utils.inference.export_files import FORMAT_VERSION, HASH_KEY, METADATA_KEY
from utils.kinds import Network

_ARGUMENTS = (keras.KerasTensor, int, float)


def make_onnx(
    model: Network,
    config: Any,
    syllables: Sequence[str],
    name: str,
    sha256: str | None = None,
) -> onnx.ModelProto:
    """Writes a network as an ONNX model.

    The model takes `images`, `uint8` (batch, image_size, image_size, 1), 0-255, dark on
    white, prepared as `utils.inference.imaging.prepare` does, and gives probabilities
    (batch, classes) under the names of the heads. Normalisations are folded into the
    convolutions before them. Its metadata hold what
    `utils.inference.export_files` checks.

    Args:
        model: `keras.Model` from pictures to a dict of probabilities.
        config: dict of the options that the network was built with.
        syllables: the classes of a flat head, in order.
        name: of the network.
        sha256: of the weight file that the network was read from; None where it was
            read from none.

    Returns:
        `onnx.ModelProto`.

    Raises:
        ValueError: a layer has no counterpart in ONNX here; the message names it.
    """
    try:
        graph = _write_graph(model)
    except UnsupportedLayer as error:
        raise UnsupportedLayer(
            f"The ONNX export does not write {error}; choose {_others(config)}."
        ) from None
    size = model.inputs[0].shape[1]
    heads = {each: tensor.shape[1] for each, tensor in model.output.items()}
    made = graph.finish(
        {"images": ("uint8", ["batch", size, size, 1])},
        {each: ("float32", ["batch", count]) for each, count in heads.items()},
        name,
    )
    facts = {
        "format": FORMAT_VERSION,
        "name": name,
        "precision": "float32",
        "heads": heads,
    }
    facts |= {"config": config}
    if sha256 is not None:
        facts[HASH_KEY] = sha256
    if FLAT_HEAD in heads:
        facts["syllables"] = "".join(syllables)
    onnx.helper.set_model_props(
        made, {METADATA_KEY: json.dumps(facts, ensure_ascii=False)}
    )
    return made


def _others(config):
    """Names the formats that hold what ONNX does not."""
    # Spelling without a beam loops over lists of tensors, which LiteRT cannot.
    alone = config.get("decoder") == "sequence" and not config.get("beam")
    return "--format=saved_model" + ("" if alone else " or litert")


def _write_graph(model):
    """Returns the `GraphWriter` of all operations of a network."""
    outputs = {name: id(tensor) for name, tensor in model.output.items()}
    nodes = _nodes_of(model)
    calls = {node.operation: _arguments(node) for node in nodes}
    taken = (id(each) for arguments in calls.values() for each in arguments)
    uses = Counter([*outputs.values(), *taken])
    graph, names = GraphWriter(), {id(model.inputs[0]): "images"}
    for node in nodes:
        operation, result = node.operation, id(node.outputs[0])
        inputs = [
            names[id(each)]
            if isinstance(each, keras.KerasTensor)
            else graph.constant(f"{operation.name}_number", each)
            for each in calls[operation]
        ]
        write = WRITERS[type(operation).__name__]
        names[result] = write(graph, operation, inputs, operation.name)
        if uses[result] > 1:
            graph.shared.add(names[result])
    for name, tensor in outputs.items():
        if names[tensor] != name:  # a layer of that name gives something else
            graph.add("Identity", [names[tensor]], name)
    return graph


def _nodes_of(model):
    """Returns the calls that make a network, each behind those that it builds on.

    From the outputs back, for layers may serve in other networks besides.
    """
    nodes, served = [], set()

    def visit(tensor):
        # Nothing public tells the call that made a tensor, nor the 3 of `x + 3`.
        made = tensor._keras_history
        node = made.operation._inbound_nodes[made.node_index]
        if node in nodes or isinstance(node.operation, keras.layers.InputLayer):
            return
        for each in node.arguments.keras_tensors:
            visit(each)
        if node.operation in served:
            raise UnsupportedLayer(f"a layer in two places ({node.operation.name})")
        served.add(node.operation)
        nodes.append(node)

    for tensor in model.output.values():
        visit(tensor)
    return nodes


def _arguments(node):
    """Returns what an operation was called with: tensors, and numbers beside them."""
    kind = type(node.operation).__name__
    if kind not in WRITERS:
        raise UnsupportedLayer(f"layers of the kind {kind} ({node.operation.name})")
    found = tree.flatten(node.arguments.args)
    return [each for each in found if isinstance(each, _ARGUMENTS)]
