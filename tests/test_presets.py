from pathlib import Path

import pytest

from utils import presets
from utils.inference.export_files import ExportError, find_export
from utils.weights.files import WeightsError, find_weights


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Pretrained networks "net" (weights), "other" (exported); a folder of figures."""
    folder = tmp_path / "pretrained"
    for name in ("net/net.weights.h5", "other/other.onnx", "net_figures/a.csv"):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "outside.weights.h5").touch()
    monkeypatch.setattr(presets, "PRETRAINED", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_names_are_those_of_folders_with_a_network(shelf):
    assert presets.preset_names() == ["net", "other"]
    assert presets.preset_names((".onnx",)) == ["other"]


def test_the_default_comes_first(shelf, monkeypatch):
    monkeypatch.setattr(presets, "DEFAULT", "other")
    assert presets.preset_names() == ["other", "net"]


@pytest.mark.parametrize("name", ["net", "other"])
def test_a_name_means_its_folder(shelf, name):
    assert presets.preset_path(name) == shelf / name


@pytest.mark.parametrize(
    "path",
    ["../outside", "..", ".", "", "net_figures", "net/", "./net", "a\0b", Path("net")],
)
def test_anything_else_stays_the_path_that_it_is(shelf, path):
    assert presets.preset_path(path) == Path(path)


def test_both_engines_resolve_alike(shelf):
    assert find_weights("net") == shelf / "net" / "net.weights.h5"
    assert find_export("other") == shelf / "other" / "other.onnx"
    for path in ("../outside", "net_figures"):
        with pytest.raises(WeightsError, match="is not there; expected a name"):
            find_weights(path)
        with pytest.raises(ExportError, match="there is no exported network"):
            find_export(path)
