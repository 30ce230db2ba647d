import json

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from utils.export.onnx_graph import GraphWriter  # noqa: E402
from utils.export.precision import quantize, store_half  # noqa: E402
from utils.inference.export_files import METADATA_KEY  # noqa: E402

SIDE = 8


@pytest.fixture
def small(rng):
    """A model of two convolutions, an activation and a sum; the second's kernel."""
    graph = GraphWriter()
    kernel = rng.normal(0, 0.2, (12, 1, 3, 3)).astype(np.float32)
    floats = graph.add("Cast", ["images"], "floats", to=1)
    shape = graph.constant("shape", [-1, 1, SIDE, SIDE], np.int64)
    x = graph.add("Reshape", [floats, shape], "planes")
    x = graph.add("Mul", [x, graph.constant("range", 1 / 255)], "scaled")
    same = np.float32([[[[0, 0, 0], [0, 1, 0], [0, 0, 0]]]])  # changes nothing
    first = [x, graph.constant("first_kernel", same)]
    x = graph.add("Conv", first, "first", pads=[1, 1, 1, 1])
    x = graph.add("Conv", [x, graph.constant("kernel", kernel)], "conv")
    axes = graph.constant("axes", [2, 3], np.int64)
    graph.add("ReduceSum", [graph.add("Relu", [x], "relu"), axes], "out", keepdims=0)
    images = {"images": ("uint8", ["batch", SIDE, SIDE, 1])}
    model = graph.finish(images, {"out": ("float32", ["batch", 12])}, "small")
    facts = {METADATA_KEY: json.dumps({"precision": "float32", "format": 1})}
    onnx.helper.set_model_props(model, facts)
    return model, kernel


def run(model, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"images": images[..., None]})[0]


def expected(kernel, images):
    """The model in NumPy."""
    windows = np.lib.stride_tricks.sliding_window_view(images / 255, (3, 3), (1, 2))
    return np.maximum(np.einsum("nijkl,okl->noij", windows, kernel[:, 0]), 0).sum(
        (2, 3)
    )


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (40, SIDE, SIDE)).astype(np.uint8)


def precision_of(model):
    return json.loads({p.key: p.value for p in model.metadata_props}[METADATA_KEY])[
        "precision"
    ]


def test_half_stores_half_and_answers_alike(small, pictures):
    model, kernel = small
    half = store_half(model)
    stored = {w.name: w.data_type for w in half.graph.initializer}
    assert stored["kernel_half"] == onnx.TensorProto.FLOAT16
    rounded = kernel.astype(np.float16).astype(np.float32)
    answers = run(half, pictures)
    np.testing.assert_allclose(answers, expected(rounded, pictures), rtol=1e-4)
    assert precision_of(half) == "float16" and precision_of(model) == "float32"
    assert len(half.SerializeToString()) < len(model.SerializeToString())


def test_what_would_overflow_stays(small):
    model, kernel = small
    for weights in model.graph.initializer:
        if weights.name == "kernel":
            weights.CopyFrom(onnx.numpy_helper.from_array(kernel * 1e6, "kernel"))
    stored = {w.name: w.data_type for w in store_half(model).graph.initializer}
    assert stored["kernel"] == onnx.TensorProto.FLOAT


def test_integers_answer_nearly_alike(small, pictures):
    model, kernel = small
    integers = quantize(model, pictures)
    kinds = {w.data_type for w in integers.graph.initializer if w.dims == [12, 1, 3, 3]}
    assert kinds == {onnx.TensorProto.INT8}
    answers, truth = run(integers, pictures), expected(kernel, pictures)
    assert np.abs(answers - truth).max() < 0.02 * truth.max()
    assert np.abs(answers - truth).max() > 0  # they are integers indeed
    assert precision_of(integers) == "int8"


def test_the_first_convolution_stays_and_so_does_the_model(small, pictures):
    model, _ = small
    before = model.SerializeToString()
    kinds = {w.name: w.data_type for w in quantize(model, pictures).graph.initializer}
    assert kinds["first_kernel"] == onnx.TensorProto.FLOAT
    assert model.SerializeToString() == before


def test_every_channel_has_a_scale(small, pictures):
    model, _ = small
    integers = quantize(model, pictures)
    scales = [w for w in integers.graph.initializer if w.name == "kernel_scale"]
    assert [list(scale.dims) for scale in scales] == [[12]]


def test_calibration_needs_pictures(small, pictures):
    with pytest.raises(ValueError, match="calibrated on pictures, and none came"):
        quantize(small[0], pictures[:0])
