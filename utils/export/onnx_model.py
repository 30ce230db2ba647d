"""A network -> an ONNX model that says itself what it reads and answers."""

import json
from collections import Counter

import keras
import onnx
from keras import tree

from utils.export.onnx_activations import UnsupportedLayer
from utils.export.onnx_graph import GraphWriter
from utils.export.onnx_layers import WRITERS
from utils.inference.exported import FORMAT, KEY

_ARGUMENTS = (keras.KerasTensor, int, float)


def make_onnx(model, config, syllables, name):
    """Writes a network as an ONNX model.

    The model takes `images`, `uint8` (batch, image_size, image_size, 1), 0-255, dark on
    white, prepared as `utils.inference.imaging.prepare` does, and gives probabilities
    (batch, classes) under the names of the heads. Normalisations are folded into the
    convolutions before them. Its metadata hold what `utils.inference.exported` checks.

    Args:
        model: `keras.Model` from pictures to a dict of probabilities.
        config: dict of the options that the network was built with.
        syllables: the classes of a flat head, in order.
        name: of the network.

    Returns:
        `onnx.ModelProto`.

    Raises:
        ValueError: a layer has no counterpart in ONNX here; the message names it.
    """
    try:
        graph = _write_graph(model)
    except UnsupportedLayer as error:
        raise UnsupportedLayer(
            f"The ONNX export does not write {error}; choose --format=saved_model or "
            "litert."
        ) from None
    size = model.inputs[0].shape[1]
    heads = {each: tensor.shape[1] for each, tensor in model.output.items()}
    made = graph.finish(
        {"images": ("uint8", ["batch", size, size, 1])},
        {each: ("float32", ["batch", count]) for each, count in heads.items()},
        name,
    )
    facts = {"format": FORMAT, "name": name, "precision": "float32", "heads": heads}
    facts |= {"config": config}
    if "syllable" in heads:
        facts["syllables"] = "".join(syllables)
    onnx.helper.set_model_props(made, {KEY: json.dumps(facts, ensure_ascii=False)})
    return made


def _write_graph(model):
    """Returns the `GraphWriter` of all operations of a network."""
    operations = [
        each
        for each in model.operations
        if not isinstance(each, keras.layers.InputLayer)
    ]
    calls = {each: _arguments(each) for each in operations}
    outputs = {name: id(tensor) for name, tensor in model.output.items()}
    uses = Counter(
        [*outputs.values(), *(id(i) for args in calls.values() for i in args)]
    )
    graph, names = GraphWriter(), {id(model.inputs[0]): "images"}
    for operation, arguments in calls.items():
        inputs = [
            names[id(each)]
            if isinstance(each, keras.KerasTensor)
            else graph.constant(f"{operation.name}_number", each)
            for each in arguments
        ]
        write = WRITERS[type(operation).__name__]
        found = write(graph, operation, inputs, operation.name)
        names[id(operation.output)] = found
        if uses[id(operation.output)] > 1:
            graph.shared.add(found)
    for name, tensor in outputs.items():
        if names[tensor] != name:  # a layer of that name gives something else
            graph.add("Identity", [names[tensor]], name)
    return graph


def _arguments(operation):
    """Returns what an operation was called with: tensors, and numbers beside them."""
    kind = type(operation).__name__
    if kind not in WRITERS:
        raise UnsupportedLayer(f"layers of the kind {kind} ({operation.name})")
    calls = operation._inbound_nodes  # nothing public tells the 3 of `x + 3`
    if len(calls) > 1:
        raise UnsupportedLayer(f"a layer in {len(calls)} places ({operation.name})")
    found = tree.flatten(calls[0].arguments.args)
    return [each for each in found if isinstance(each, _ARGUMENTS)]
