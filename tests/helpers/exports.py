"""Small exported networks that tests write."""

import json

import numpy as np
import pytest

from utils.hangul import COMPONENTS
from utils.inference.export_files import METADATA_KEY

SIDE = 16
CLASSES = {name: len(jamo) for name, jamo in COMPONENTS.items()}


def facts(**changes):
    config = {"image_size": SIDE, "split_components": True, "charset": "all"}
    base = {"format": 1, "precision": "float32", "heads": CLASSES, "config": config}
    return base | changes


def write_export(path, metadata, heads=CLASSES, dtype="uint8"):
    """Writes a graph that gives even probabilities, whatever comes."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from utils.export.onnx_graph import GraphWriter

    graph = GraphWriter()
    x = graph.add("Cast", ["images"], "floats", to=1)
    axes = graph.constant("axes", [1, 2], np.int64)
    total = graph.add("ReduceSum", [x, axes], "total", keepdims=0)  # (batch, 1)
    zero = graph.add("Mul", [total, graph.constant("none", 0.0)], "zero")
    for name, count in heads.items():
        even = graph.constant(f"{name}_even", np.full((1, count), 1 / count))
        graph.add("Add", [zero, even], name)
    images = {"images": (dtype, ["batch", SIDE, SIDE, 1])}
    outputs = {name: ("float32", ["batch", count]) for name, count in heads.items()}
    model = graph.finish(images, outputs, "even")
    if metadata is not None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        onnx.helper.set_model_props(model, {METADATA_KEY: text})
    path.write_bytes(model.SerializeToString())
    return path
