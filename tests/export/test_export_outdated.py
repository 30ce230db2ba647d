"""Exports and the weights that they were made of; exports in other processes."""

import json
import multiprocessing
import pickle

import numpy as np
import pytest

import export
from model import KoOCR
from tests.helpers.exports import SIDE, facts, write_export
from utils.data.patches import write_patch
from utils.inference.export_files import HASH_KEY, ExportError
from utils.inference.exported import ExportedNetwork, ExportedReader
from utils.weights.contents import digest
from utils.weights.files import change_config


@pytest.fixture
def weights(tmp_path):
    """A weight file of a kind, with its export beside it."""
    path = tmp_path / "net.weights.h5"
    path.write_bytes(b"weights")
    known = facts() | {HASH_KEY: digest(b"weights")}
    write_export(tmp_path / "net_float32.onnx", known)
    return path


def write_options(weights, **options):
    text = json.dumps({"image_size": SIDE} | options)
    (weights.parent / "net.json").write_text(text, encoding="utf-8")


def test_what_is_of_its_weights_opens(weights):
    ExportedNetwork(weights)
    write_options(weights)  # of before there was a temperature
    ExportedNetwork(weights)
    write_options(weights, temperature=1, second_look=0.0, exit_threshold=0.5)
    for path in (weights, weights.parent):
        assert KoOCR(path, engine="onnx").config.image_size == SIDE


def test_other_weights_need_another_export(weights):
    weights.write_bytes(b"others")
    for path in (weights, weights.parent, str(weights)):
        with pytest.raises(ExportError, match="net.weights.h5 changed: its SHA-256"):
            KoOCR(path, engine="onnx")
    with pytest.raises(ExportError, match="precision=float32 --weights=.*net.weights"):
        ExportedNetwork(weights)
    ExportedNetwork(weights.parent / "net_float32.onnx")  # as it is


@pytest.mark.parametrize("options", [{"temperature": 2.0}, {"second_look": 0.5}])
def test_other_options_need_another_export(options, weights):
    write_options(weights, **options)
    ((name, value),) = options.items()
    with pytest.raises(ExportError, match=f"changed: {name} is {value} and was"):
        ExportedNetwork(weights.parent)


def test_options_that_cannot_be_read_are_named(weights):
    (weights.parent / "net.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ExportError, match="beside .*net.weights.h5: expected a JSON"):
        ExportedNetwork(weights)


def test_older_exports_are_read_as_before(weights):
    write_export(weights.parent / "net_float32.onnx", facts())
    write_options(weights, temperature=2.0)
    assert KoOCR(weights, engine="onnx").config.temperature == 1


def test_without_weights_there_is_nothing_to_compare(weights):
    weights.unlink()
    write_options(weights, temperature=2.0)
    ExportedNetwork(weights.parent)
    weights.with_name("other.weights.h5").write_bytes(b"others")
    ExportedNetwork(weights.parent)


def test_exports_know_their_weights(tmp_path, tiny_network):
    pytest.importorskip("onnx")
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "printed_0.pickle", images, list("가나다"))
    path = tmp_path / "net.weights.h5"

    def write():
        flags = [f"--weights={path}", f"--data_path={tmp_path}", "--precision=float16"]
        assert export.main([*flags, "--agreement=0"]) == 0
        return KoOCR(path, engine="onnx")

    options = {"network": tiny_network, "fc_link": "GAP", "image_size": SIDE}
    KoOCR(weights=None, **options).save(path)
    write()
    change_config(path, temperature=2.0)
    with pytest.raises(ExportError, match="temperature is 2.0 and was 1.0"):
        KoOCR(path, engine="onnx")
    assert write().config.temperature == 2
    KoOCR(weights=None, **options).save(path)
    with pytest.raises(ExportError, match="its SHA-256 is another"):
        KoOCR(tmp_path, engine="onnx")
    write()


def test_pickled_readers_open_their_file_again(weights, monkeypatch):
    monkeypatch.chdir(weights.parent)
    path = "net_float32.onnx"
    reader = ExportedReader(path, threads=1, temperature=2, second_look=0.5)
    data = pickle.dumps(reader)
    monkeypatch.chdir("/")
    other = pickle.loads(data)
    assert other.config == reader.config and other.config.temperature == 2
    assert other.config is other.network.config
    assert other.network.session.get_session_options().intra_op_num_threads == 1
    images = np.zeros((2, SIDE, SIDE), np.uint8)
    for head, values in reader.probabilities(images).items():
        np.testing.assert_array_equal(other.probabilities(images)[head], values)


def test_pickled_readers_do_not_become_others(weights):
    data = pickle.dumps(ExportedReader(weights))
    write_export(weights.parent / "net_float32.onnx", facts())
    with pytest.raises(ExportError, match="another file than when it was pickled"):
        pickle.loads(data)


def test_workers_take_readers(weights):
    reader = ExportedReader(weights, threads=1)
    picture = np.pad(np.zeros((9, 9), np.uint8), 4, constant_values=255)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(reader.predict, (picture,)) == reader.predict(picture)
