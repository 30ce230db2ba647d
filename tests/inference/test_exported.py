import sys
from pathlib import Path

import numpy as np
import pytest

from model import KoOCR
from tests.helpers.exports import CLASSES, SIDE, facts, write_export
from utils import presets
from utils.hangul import ALL_SYLLABLES
from utils.inference.export_files import ExportError, find_export
from utils.inference.exported import ExportedNetwork, ExportedReader


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
        ("[]", {}, "expected a JSON object, got list"),
        ("[" * 10**5, {}, "not JSON .nested too deep"),
        (
            facts(config=facts()["config"] | {"temperature": "1"}),
            {},
            "temperature='1'; expected a number",
        ),
        (
            facts(config=facts()["config"] | {"temperature": float("nan")}),
            {},
            "temperature=nan; expected a number from 0.05 to 20",
        ),
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
    (tmp_path / "net.tflite").touch()
    with pytest.raises(ExportError, match="net.tflite: engine='onnx' reads what"):
        find_export(tmp_path / "net.tflite")
    for name in ("net_int8.onnx", "net_float16.onnx", "net_float32.onnx"):
        (tmp_path / name).touch()
        assert find_export(tmp_path) == tmp_path / name
        assert find_export(tmp_path / "net.weights.h5") == tmp_path / name
    assert find_export(tmp_path / "net_int8.onnx") == tmp_path / "net_int8.onnx"


def test_weights_stand_for_their_own_export(tmp_path):
    for name in ("old_int8.onnx", "net_float32.onnx"):
        (tmp_path / name).touch()
    assert find_export(tmp_path / "net.weights.h5").name == "net_float32.onnx"
    with pytest.raises(ExportError, match="nothere.*no exported network"):
        find_export(tmp_path / "nothere.weights.h5")
    (tmp_path / "old_float32.onnx").touch()
    with pytest.raises(ExportError, match="several.*net_float32.*, old_float32.onnx"):
        find_export(tmp_path)


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


@pytest.fixture
def exported(tmp_path):
    return write_export(tmp_path / "a.onnx", facts())


def test_what_it_cannot_take_is_refused(exported):
    for threads in (-1, 1.5, "2", None):
        with pytest.raises(ExportError, match="threads=.*; expected an integer of 0"):
            KoOCR(exported, engine="onnx", threads=threads)
    network = KoOCR(weight_path=exported, engine="onnx")
    with pytest.raises(ValueError, match="array .*, as prepare_all gives it; got"):
        network.probabilities(np.zeros((16, 16), np.uint8))


def test_it_reads_as_koocr_does(exported):
    network = KoOCR(exported, engine="onnx", warm_up=True, threads=1)
    assert isinstance(network, ExportedReader)
    pictures = [np.pad(np.zeros((9, 9), np.uint8), 4, constant_values=255)] * 2
    # All alike: the most frequent of running text come first; with no text, in order.
    assert network.predict(pictures[0], n=3) == ["이", "다", "는"]
    assert network.predict(pictures[0], n=3, text=0) == ["가", "각", "간"]
    assert network.predict(pictures[0], n=3, rare=1, text=0) == ["가", "각", "갂"]
    for answer in network.predict(pictures, n=2, scores=True, rare=1, text=0):
        assert answer == [
            ("가", pytest.approx(1 / 11172)),
            ("각", pytest.approx(1 / 11172)),
        ]
    assert network.prepare(pictures[0]).shape == (SIDE, SIDE)


def test_options_are_those_of_the_file(exported):
    network = KoOCR(exported, engine="onnx", image_size=SIDE, temperature=2)
    assert network.config.temperature == 2.0
    with pytest.raises(ExportError, match="image_size=96 contradicts .*image_size=16"):
        KoOCR(exported, engine="onnx", image_size=96)
    with pytest.raises(ExportError, match="expected a number from 0.05 to 20"):
        KoOCR(exported, engine="onnx", temperature=0)
    with pytest.raises(TypeError, match="no option 'colour'"):
        KoOCR(exported, engine="onnx", colour=1)


def test_the_rest_needs_keras(exported):
    network = KoOCR(exported, engine="onnx")
    with pytest.raises(AttributeError, match="no 'train': it reads, and needs engine"):
        network.train(epochs=1)
    with pytest.raises(ValueError, match="engine='torch'; choose from: keras, onnx"):
        KoOCR(exported, engine="torch")


def test_a_name_is_a_pretrained_network(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "PRETRAINED", tmp_path)
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net_int8.onnx").touch()
    assert find_export("net") == tmp_path / "net" / "net_int8.onnx"
    assert presets.preset_path(tmp_path / "other") == tmp_path / "other"


def test_head_without_axes(tmp_path):
    onnx = pytest.importorskip("onnx")
    path = write_export(tmp_path / "a.onnx", facts())
    model = onnx.load(path)
    for node in model.graph.node:  # the last of each head: from all axes to none
        if node.op_type == "Add":
            node.op_type = "ReduceMax"
            node.attribute.append(onnx.helper.make_attribute("keepdims", 0))
            del node.input[1:]
    for output in model.graph.output:
        del output.type.tensor_type.shape.dim[:]
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ExportError, match="the graph gives .*None"):
        ExportedNetwork(path)


@pytest.mark.parametrize("name", ["compact", "melnyk"])
def test_the_export_that_comes_with_weights_is_of_them(name):
    # New weights need a new export: both must read the samples alike, and as sure.
    pytest.importorskip("onnxruntime")
    samples = sorted((Path(__file__).parents[2] / "files" / "samples").glob("*.[pj]*g"))
    assert len(samples) == 12
    both = [KoOCR(name, engine=engine) for engine in ("keras", "onnx")]
    ours, theirs = (network.predict(samples, n=1, scores=True) for network in both)
    for (one,), (other,) in zip(ours, theirs, strict=True):
        assert one[0] == other[0]
        assert one[1] == pytest.approx(other[1], abs=0.02)
