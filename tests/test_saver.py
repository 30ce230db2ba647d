import numpy as np
import pytest

from model import KoOCR
from tests.helpers.drawn_weights import draw_weights


@pytest.fixture(scope="module")
def network(tiny_network):
    made = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    return draw_weights(made, seed=1, spread=0.3)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    images = np.full((6, 40, 50), 255, np.uint8)
    images[:, 5:35, 5:45] = rng.integers(0, 2, (6, 30, 40)) * 255
    return images


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_an_export_reads_as_the_network_does(network, pictures, precision, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    path = network.export(tmp_path / "folder" / "mine.onnx", precision)
    assert path == tmp_path / "folder" / "mine.onnx" and path.is_file()
    reader = KoOCR(path, engine="onnx")
    prepared = network.prepare_all(pictures)
    found, expected = reader.probabilities(prepared), network.probabilities(prepared)
    for name, values in expected.items():
        limit = 1e-4 if precision == "float32" else 0.05
        np.testing.assert_allclose(found[name], values, atol=limit)
    assert reader.network.precision == precision


def test_int8_is_calibrated_on_pictures_of_any_kind(network, pictures, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    some = [*pictures, pictures[0][:, ::-1].astype(np.float64)]
    path = network.export(str(tmp_path / "mine.onnx"), "int8", calibration=some)
    reader = KoOCR(path, engine="onnx")
    assert reader.network.precision == "int8" and reader.predict(pictures, n=2)


@pytest.mark.parametrize(
    ("name", "precision", "calibration", "message"),
    [
        ("mine.h5", "float32", False, "ends in none of .onnx, .tflite"),
        ("mine.onnx", "int4", False, "'int4'; expected one of float32, float16, int8"),
        ("mine.onnx", "int8", False, "is calibrated on pictures"),
        ("mine.onnx", "float16", True, "reads no calibration"),
        ("mine_saved_model", "float16", False, "has precision float32 only"),
    ],
)
def test_what_does_not_fit_is_refused(
    network, pictures, tmp_path, name, precision, calibration, message
):
    how = {"calibration": pictures} if calibration else {}
    with pytest.raises(ValueError, match=message):
        network.export(tmp_path / name, precision, **how)
    assert not list(tmp_path.iterdir())
