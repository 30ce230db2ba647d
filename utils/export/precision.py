"""A float32 ONNX model -> the same with smaller weights: half, or 8-bit integers."""

import contextlib
import io
import json
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from utils.inference.export_files import METADATA_KEY

_BATCH = 32  # calibration pictures at once: all activations of a batch are in memory
_SMALL = 64  # values: smaller arrays stay as they are


def store_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Returns a copy whose weights are stored as `float16`, half the size.

    It computes in `float32` all the same: onnxruntime widens the weights once, when it
    opens the file, for processors have no fast convolution in half precision.

    Args:
        model: `onnx.ModelProto` of `float32` weights.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    widened = []
    for weights in half.graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue  # what would overflow stays
        name = weights.name
        stored = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
        weights.CopyFrom(stored)
        widened.append(
            helper.make_node(
                "Cast", [stored.name], [name], name=name, to=TensorProto.FLOAT
            )
        )
    nodes = [*widened, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    return _mark(half, "float16")


def quantize(model: onnx.ModelProto, images: np.ndarray) -> onnx.ModelProto:
    """Returns a copy whose convolutions compute in 8-bit integers.

    Post-training static quantisation: weights symmetric, a scale for each output
    channel; activations by the range that they have on the calibration pictures.
    Weights keep to 7 of their 8 bits, since processors without VNNI add pairs of
    products in 16 bits, which would saturate. The first convolution, pooling links and
    heads stay `float32`: they are little work, and the answer hangs on them. So do
    normalisations that no convolution took in.

    Reference: Jacob et al. (2018), https://arxiv.org/abs/1712.05877, sections 2 and 3;
    https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html.

    Args:
        model: `onnx.ModelProto` of `float32` weights.
        images: calibration pictures, `uint8` (pictures, image_size, image_size),
            prepared as for the network.

    Raises:
        ValueError: there is no picture.
        ImportError: onnxruntime is not installed.
    """
    from onnxruntime import quantization

    if not len(images):
        raise ValueError("Quantisation is calibrated on pictures, and none came.")
    source = onnx.ModelProto()
    source.CopyFrom(model)  # the library empties what it is given
    convolutions = [node.name for node in model.graph.node if node.op_type == "Conv"]
    with tempfile.TemporaryDirectory() as folder, _silence():
        path = Path(folder) / "quantized.onnx"
        quantization.quantize_static(
            source,
            path,
            _make_reader(quantization.CalibrationDataReader, images),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "AveragePool", "MaxPool", "Relu", "Add"],
            nodes_to_exclude=[*convolutions[:1], *_sums_with_weights(model.graph)],
            per_channel=True,
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )
        return _mark(onnx.load(path), "int8")


def _sums_with_weights(graph):
    """Returns the names of the sums of activations and weights.

    `per_channel` would give their weights a scale for each channel, and with it what
    comes out: onnxruntime's activations in integers take one scale only.
    """
    weights = {each.name for each in graph.initializer}
    sums = [node for node in graph.node if node.op_type == "Add"]
    return [node.name for node in sums if not weights.isdisjoint(node.input)]


def _make_reader(base, images):
    """Returns what onnxruntime's calibration takes its batches from."""

    class Reader(base):
        def __init__(self):
            self.starts = iter(range(0, len(images), _BATCH))

        def get_next(self):
            start = next(self.starts, None)
            if start is None:
                return None
            return {"images": images[start : start + _BATCH, ..., None]}

    return Reader()


@contextlib.contextmanager
def _silence():
    """Keeps onnxruntime's advice on preparing a model, which is prepared, away."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.setLevel(level)


def _mark(model, precision):
    """Notes the precision in the metadata; returns the model."""
    facts = {each.key: each.value for each in model.metadata_props}
    ours = json.loads(facts[METADATA_KEY]) | {"precision": precision}
    facts[METADATA_KEY] = json.dumps(ours, ensure_ascii=False)
    del model.metadata_props[:]
    helper.set_model_props(model, facts)
    return model
