import json
import sys

import numpy as np
import pytest

from utils.hangul import ALL_SYLLABLES, COMPONENTS
from utils.inference.exported import KEY, ExportedNetwork, ExportError, find_export

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
    total = graph.add("ReduceSum", [x], "total", keepdims=1)
    shape = graph.constant("shape", [1, 1], np.int64)
    zero = graph.add(
        "Mul",
        [graph.add("Reshape", [total, shape], "flat"), graph.constant("o", 0.0)],
        "zero",
    )
    for name, count in heads.items():
        even = graph.constant(f"{name}_even", np.full((1, count), 1 / count))
        graph.add("Add", [zero, even], name)
    images = {"images": (dtype, ["batch", SIDE, SIDE, 1])}
    outputs = {name: ("float32", [1, count]) for name, count in heads.items()}
    model = graph.finish(images, outputs, "even")
    if metadata is not None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        onnx.helper.set_model_props(model, {KEY: text})
    path.write_bytes(model.SerializeToString())
    return path


def test_a_sound_file_opens(tmp_path):
    network = ExportedNetwork(write_export(tmp_path / "a.onnx", facts()), threads=1)
    assert network.config.image_size == SIDE and network.precision == "float32"
    assert network.syllables == ALL_SYLLABLES
    answers = network(np.zeros((1, SIDE, SIDE), np.uint8))
    assert {name: values.shape[1] for name, values in answers.items()} == CLASSES


def test_a_flat_head_brings_its_syllables(tmp_path):
    flat = facts(heads={"syllable": 3}, syllables="가뷁힣")
    flat["config"] = flat["config"] | {"split_components": False}
    path = write_export(tmp_path / "a.onnx", flat, {"syllable": 3})
    assert ExportedNetwork(path).syllables == ("가", "뷁", "힣")
    path = write_export(
        tmp_path / "b.onnx", flat | {"syllables": "abc"}, {"syllable": 3}
    )
    with pytest.raises(ExportError, match="b.onnx: the classes .* are no syllables"):
        ExportedNetwork(path)


@pytest.mark.parametrize(
    ("metadata", "more", "reason"),
    [
        (None, {}, "not made by export.py"),
        ("{", {}, "JSON|Expecting"),
        ("[]", {}, "metadata cannot be read"),
        ({}, {}, "metadata cannot be read .KeyError: 'format'"),
        (facts(format=2), {}, "its format is 2, this version reads 1"),
        (facts(precision="int4"), {}, "precision 'int4'"),
        (facts(config={}), {}, "metadata cannot be read .KeyError: 'image_size'"),
        (facts(heads={}), {}, "the graph gives"),
        (facts(), {"heads": CLASSES | {"final": 27}}, "the graph gives .*27"),
        (facts(), {"dtype": "float32"}, "the graph takes .*float.*expected .*uint8"),
        (
            facts(config=facts()["config"] | {"image_size": 20}),
            {},
            "the graph takes .*16, 16.*expected .*20, 20",
        ),
    ],
)
def test_what_disagrees_is_named(metadata, more, reason, tmp_path):
    path = write_export(tmp_path / "a.onnx", metadata, **more)
    with pytest.raises(ExportError, match=f"(?s)a.onnx: .*({reason})"):
        ExportedNetwork(path)


def test_a_damaged_file_is_named(tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "a.onnx").write_bytes(b"no graph")
    with pytest.raises(ExportError, match="a.onnx: not an ONNX file that onnxruntime"):
        ExportedNetwork(tmp_path / "a.onnx")


def test_a_folder_stands_for_its_best_export(tmp_path):
    with pytest.raises(ExportError, match="no exported network.*python export.py"):
        find_export(tmp_path)
    for name in ("net_int8.onnx", "net_float16.onnx", "net_float32.onnx"):
        (tmp_path / name).touch()
        assert find_export(tmp_path) == tmp_path / name
        assert find_export(tmp_path / "net.weights.h5") == tmp_path / name
    assert find_export(tmp_path / "net_int8.onnx") == tmp_path / "net_int8.onnx"


def test_of_several_one_must_be_named(tmp_path):
    (tmp_path / "only.onnx").touch()
    assert find_export(tmp_path) == tmp_path / "only.onnx"
    for name in ("a_int8.onnx", "b_int8.onnx"):
        (tmp_path / name).touch()
    with pytest.raises(ExportError, match="several.*a_int8.onnx, b_int8.onnx"):
        find_export(tmp_path)


def test_without_onnxruntime_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.onnx").touch()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match="pip install onnxruntime"):
        ExportedNetwork(tmp_path / "a.onnx")
