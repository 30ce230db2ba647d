import json
import sys

import numpy as np
import pytest

import export
from model import KoOCR
from utils.analysis.sources import read_chunks
from utils.data.patches import write_patch
from utils.export import formats, parity
from utils.inference.exported import ExportedNetwork, ExportedReader
from utils.inference.looking import shrink

SIDE = 16


@pytest.fixture
def data(tmp_path, tiny_network):
    images = np.random.default_rng(0).integers(0, 256, (12, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "printed_0.pickle", images, list("가나다라마바사아자차카타"))
    network = KoOCR(weights=None, network=tiny_network, fc_link="GAP", image_size=SIDE)
    network.save(tmp_path / "net.weights.h5")
    return tmp_path


def run(folder, *flags):
    weights = folder / "net.weights.h5"
    return export.main([f"--weights={weights}", f"--data_path={folder}", *flags])


def report_of(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def test_onnx_lies_beside_the_weights_with_its_report(data, capsys):
    pytest.importorskip("onnx")
    assert run(data, "--agreement=1.0") == 0
    shown = capsys.readouterr().out
    assert "largest difference" in shown and "net_float32.onnx" in shown
    report = report_of(data, "net_float32_onnx")
    assert report["agreement"] == 1 and report["largest_difference"] < 1e-6
    assert [row["batch"] for row in report["times"]] == [1, 256]
    size = (data / "net_float32.onnx").stat().st_size
    assert report["megabytes"] == pytest.approx(size / 1e6)
    (row,) = report["sources"]
    assert row["images"] == 12 and row["top_1"] == row["exported_top_1"]
    table = (data / "net_float32_onnx.csv").read_text(encoding="utf-8-sig")
    assert table.startswith("source,images,agreement")


def test_both_are_shown_pictures_in_the_size_of_the_first_look(data, monkeypatch):
    seen, compare = [], parity.compare

    def note(network, exported, chunks, syllables):
        seen.extend(chunk.images for chunk in chunks)
        return compare(network, exported, chunks, syllables)

    monkeypatch.setattr(parity, "compare", note)
    path = data / "net.weights.h5"
    network = KoOCR(path, first_look=0.75)
    network.save(path)
    pytest.importorskip("onnx")
    assert run(data) == 0
    expected = [
        shrink(chunk.images, 0.75) for chunk in read_chunks(str(data), SIDE, 1000)
    ]
    np.testing.assert_array_equal(np.concatenate(seen), np.concatenate(expected))
    assert ExportedReader(data / "net_float32.onnx").config.first_look == 0.75


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_smaller_numbers_are_noted_in_the_file(precision, data, tmp_path):
    pytest.importorskip("onnx")
    folder = tmp_path / "exports"
    flags = [f"--precision={precision}", f"--export_path={folder}", "--agreement=0"]
    if precision == "int8":
        flags.append(f"--calibration_path={data}")
    assert run(data, *flags) == 0
    exported = ExportedNetwork(folder)
    assert exported.precision == precision
    assert exported.path.name == f"net_{precision}.onnx"
    assert report_of(folder, f"net_{precision}_onnx")["largest_difference"] < 0.05


def test_too_little_agreement_ends_with_status_2(data, capsys, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setattr(parity, "total_agreement", lambda rows: 0.5)
    assert run(data) == 2
    error = capsys.readouterr().err
    assert "agree on 50.000 % of the pictures; expected 99.00 %" in error


def test_too_little_agreement_leaves_the_export_that_was_there(data, monkeypatch):
    pytest.importorskip("onnx")
    folder = data / "kept"
    assert run(data, f"--export_path={folder}") == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(parity, "total_agreement", lambda rows: 0.5)
    assert run(data, f"--export_path={folder}", "--max_images=1") == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run(data, f"--export_path={data / 'new'}") == 2
    assert not list((data / "new").iterdir())


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--format=saved_model", "--precision=int8"], "precision float32 only"),
        (["--format=coreml"], "choose from: onnx, litert, saved_model"),
        (["--calibration_images=5"], "calibration is for precision=int8"),
        (["--agreement=1.5"], "agreement=1.5 is too large"),
    ],
)
def test_nonsense_is_refused_before_any_work(flags, reason, data, capsys):
    with pytest.raises(SystemExit):
        run(data, *flags)
    assert reason in capsys.readouterr().err


def test_missing_pictures_say_why(data, capsys):
    assert run(data, "--data_path=/nowhere") == 1
    assert "export.py: /nowhere is neither" in capsys.readouterr().err


def test_without_onnx_it_says_what_to_install(data, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    for name in [name for name in sys.modules if name.startswith("utils.export.onnx")]:
        monkeypatch.delitem(sys.modules, name)
    assert run(data) == 1
    assert "needs onnx, which is not installed" in capsys.readouterr().err


def test_a_name_of_no_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="ends in none of .onnx, .tflite"):
        formats.export(None, tmp_path / "net.pb", "float32")


@pytest.mark.parametrize("kind", ["litert", "saved_model"])
def test_tensorflow_formats_need_tensorflow(kind, data, capsys, monkeypatch):
    from utils.backend import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert run(data, f"--format={kind}") == 1
    assert f"--format={kind} is written by TensorFlow" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "precision"),
    [
        ("saved_model", "float32"),
        ("litert", "float32"),
        ("litert", "float16"),
        ("litert", "int8"),
    ],
)
def test_tensorflow_formats_answer_alike(kind, precision, data, tmp_path):
    from utils.backend import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow writes these formats")
    flags = [f"--format={kind}", f"--precision={precision}", "--agreement=0"]
    if precision == "int8":
        flags.append(f"--calibration_path={data}")
    assert run(data, *flags) == 0
    report = report_of(data, f"net_{precision}_{kind}")
    limit = 1e-6 if precision == "float32" else 0.05
    assert report["largest_difference"] < limit and report["megabytes"] > 0


def test_pictures_that_cannot_be_prepared_are_left_out():
    from utils.analysis.sources import Chunk

    images = np.zeros((3, 4, 4), np.uint8)
    groups = np.array(["a"] * 3)
    chunk = Chunk("printed", images, np.array(list("가나다")), groups, {1: "no ink"})

    def sure_of(*places):
        def read(images):
            return {
                name: np.eye(count)[[place] * len(images)]
                for name, count, place in zip(
                    ("initial", "medial", "final"), (19, 21, 28), places, strict=True
                )
            }

        return read

    (row,) = parity.compare(sure_of(0, 0, 0), sure_of(2, 0, 0), [chunk], None)
    assert row["images"] == 2 and row["agreement"] == 0
    assert row["top_1"] == 0.5 and row["exported_top_1"] == 0
    assert row["largest_difference"] == 1
    assert parity.total_agreement([row, row | {"images": 6, "agreement": 1}]) == 0.75
