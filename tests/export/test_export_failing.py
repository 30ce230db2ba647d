"""Exports that cannot be: what was there stays, and nothing else is left."""

import numpy as np
import pytest

import export
from model import KoOCR
from utils.backend import keras
from utils.data.patches import write_patch
from utils.export import formats
from utils.inference.exported import ExportedNetwork

SIDE = 16


@pytest.fixture
def data(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "printed_0.pickle", images, list("가나다라마바사아자차카타"))
    return tmp_path


def save(folder, **options):
    network = KoOCR(weights=None, **{"image_size": SIDE} | options)
    network.save(folder / "net.weights.h5")
    return network


def run(folder, *flags):
    flags = [f"--data_path={folder}", f"--export_path={folder / 'exports'}", *flags]
    return export.main([f"--weights={folder / 'net.weights.h5'}", *flags])


def left(folder):
    return sorted(each.name for each in (folder / "exports").iterdir())


def test_normalisations_behind_joins_stay_float(data):
    onnx = pytest.importorskip("onnx")
    network = save(data, network="efficient-net", fc_link="GAP")
    flags = ["--precision=int8", f"--calibration_path={data}", "--agreement=0"]
    assert run(data, *flags) == 0
    exported = ExportedNetwork(data / "exports")
    images = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE))
    theirs = exported(images.astype(np.uint8))
    for head, values in network.probabilities(images.astype(np.uint8)).items():
        np.testing.assert_allclose(theirs[head], values, atol=0.05)
    nodes = onnx.load(exported.path).graph.node
    assert any(node.op_type == "Add" for node in nodes)
    assert any(node.op_type == "QuantizeLinear" for node in nodes)


@pytest.mark.parametrize("before", [None, b"good"])
def test_what_does_not_open_replaces_nothing(
    before, data, capsys, monkeypatch, tiny_network
):
    pytest.importorskip("onnx")
    save(data, network=tiny_network, fc_link="GAP")
    (data / "exports").mkdir()
    if before:
        (data / "exports" / "net_float32.onnx").write_bytes(before)

    def damaged(network, path, *rest):
        path.write_bytes(b"no graph")

    broken = formats.FORMATS["onnx"]._replace(write=damaged)
    monkeypatch.setitem(formats.FORMATS, "onnx", broken)
    assert run(data) == 1
    error = capsys.readouterr().err
    assert "cannot be read (net_float32.onnx: not an ONNX file" in error
    assert "choose --format=saved_model or another precision" in error
    assert left(data) == (["net_float32.onnx"] if before else [])
    if before:
        assert (data / "exports" / "net_float32.onnx").read_bytes() == before


def test_what_gives_no_numbers_is_refused(tmp_path, monkeypatch):
    def opened(path):
        return lambda images: {"initial": np.full((len(images), 19), np.nan)}

    def write(network, path, *rest):
        path.touch()

    form = formats.FORMATS["onnx"]._replace(write=write, open=opened)
    monkeypatch.setitem(formats.FORMATS, "onnx", form)
    network = type("Network", (), {"config": type("", (), {"image_size": SIDE})})
    with pytest.raises(ValueError, match="answers with NaN"):
        formats.export(network, tmp_path / "a.onnx", "float32")
    assert not list(tmp_path.iterdir())


def test_a_folder_takes_the_place_of_a_folder(tmp_path):
    path = tmp_path / "a_saved_model"
    path.mkdir()
    (path / "old").touch()
    with formats._replacing(path) as temporary:
        temporary.mkdir()
        (temporary / "new").touch()
    assert [each.name for each in tmp_path.rglob("*")] == ["a_saved_model", "new"]


def test_a_folder_stays_where_its_successor_cannot_take_its_place(tmp_path):
    path = tmp_path / "a_saved_model"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(FileNotFoundError), formats._replacing(path):
        pass  # nothing was written
    assert [each.name for each in tmp_path.rglob("*")] == ["a_saved_model", "old"]


@pytest.mark.parametrize("kind", ["litert", "onnx"])
def test_sequence_decoders_are_named_with_what_holds_them(
    kind, data, capsys, tiny_network
):
    if kind == "onnx":
        pytest.importorskip("onnx")
    elif keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow writes this format")
    save(data, network=tiny_network, decoder="sequence")
    assert run(data, f"--format={kind}") == 1
    error = capsys.readouterr().err
    assert "choose --format=saved_model" in error and "or litert" not in error
    assert not left(data)


@pytest.mark.parametrize(
    "options",
    [
        {"decoder": "sequence", "beam": 2},
        {"iterative_refinement": True, "refinement_t": 2, "fc_link": "GAP"},
    ],
    ids=["beam", "refinement"],
)
def test_onnx_recommends_litert_for_what_it_holds(options, data, capsys, tiny_network):
    pytest.importorskip("onnx")
    save(data, network=tiny_network, **options)
    assert run(data) == 1
    assert "choose --format=saved_model or litert." in capsys.readouterr().err
    if keras.backend.backend() == "tensorflow":
        assert run(data, "--format=litert", "--agreement=0") == 0
