import csv
import re
import sys
import types
import zipfile

import keras
import numpy as np
import pytest

from utils.training import loggers

FIGURES = {
    "epoch": 1,
    "complete": True,
    "loss": 1.5,
    "images_per_second": 40.0,
    "val_syllable": 0.25,
    "val_top_n": 0.5,
    "val_n": 5,
    "best": True,
}


@pytest.fixture
def model():
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(2)(inputs))


def test_weights_of_each_epoch_and_of_the_best_are_kept(model, tmp_path):
    logger = loggers.WeightsLogger(model, tmp_path, "{}", zipped=True)
    logger.epoch(1, FIGURES)
    first = (tmp_path / "best.weights.h5").read_bytes()
    model.layers[-1].bias.assign([1, 2])
    logger.epoch(2, FIGURES | {"best": False})
    assert (tmp_path / "best.weights.h5").read_bytes() == first
    names = {path.name for path in tmp_path.iterdir()}
    for number in (1, 2):
        stem = f"epoch_00{number}"
        assert {f"{stem}.weights.h5", f"{stem}.json", f"{stem}.zip"} <= names
        with zipfile.ZipFile(tmp_path / f"{stem}.zip") as archive:
            stored = archive.read(f"{stem}.weights.h5")
        assert stored == (tmp_path / f"{stem}.weights.h5").read_bytes()


def test_weights_are_not_zipped_unasked(model, tmp_path):
    loggers.WeightsLogger(model, tmp_path, "{}").epoch(1, FIGURES)
    assert not list(tmp_path.glob("*.zip"))


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [(row["epoch"], row["loss"]) for row in csv.DictReader(file)]


def test_csv_replaces_the_line_of_a_resumed_epoch(tmp_path):
    path = tmp_path / "history.csv"
    logger = loggers.CSVLogger(path)
    logger.epoch(1, FIGURES)
    logger.epoch(2, FIGURES | {"epoch": 2, "loss": 1.25})
    logger.epoch(2, FIGURES | {"epoch": 2, "loss": 1.0})
    assert read(path) == [("1", "1.5"), ("2", "1.0")]
    loggers.CSVLogger(path).epoch(1, FIGURES)  # a run that starts anew
    assert read(path) == [("1", "1.5")]


def test_csv_is_what_spreadsheets_know_as_utf_8(tmp_path):
    path = tmp_path / "history.csv"
    loggers.CSVLogger(path).epoch(1, FIGURES)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfepoch,")
    path.write_bytes(path.read_bytes()[3:])  # as earlier versions wrote it
    loggers.CSVLogger(path).epoch(2, FIGURES | {"epoch": 2, "loss": 1.25})
    assert read(path) == [("1", "1.5"), ("2", "1.25")]


def test_csv_keeps_every_figure(tmp_path):
    logger = loggers.CSVLogger(tmp_path / "history.csv")
    logger.epoch(1, FIGURES)
    logger.epoch(2, FIGURES | {"epoch": 2, "val_syllable_pe92": 0.5})
    with open(tmp_path / "history.csv", encoding="utf-8-sig", newline="") as file:
        assert [row["val_syllable_pe92"] for row in csv.DictReader(file)] == ["", "0.5"]


class Pictures:
    def draw(self, number):
        return {"predictions": np.zeros((4, 6, 3), np.uint8)}


def test_tensorboard_gets_the_figures(tmp_path):
    samples = np.zeros((4, 4, 3), np.uint8)
    logger = loggers.TensorBoardLogger(tmp_path, samples, Pictures())
    logger.epoch(1, FIGURES)
    logger.writer.close()  # its queue is written by a thread
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    assert b"val_syllable" in content and b"samples" in content
    assert b"predictions" in content


def test_print_shows_per_cent(capsys):
    loggers.PrintLogger().epoch(3, FIGURES)
    line = capsys.readouterr().out
    assert line == (
        "epoch 3 | loss 1.5000 | syllable 25.00 % | top-5 50.00 % | 40 images/s\n"
    )
    loggers.PrintLogger().epoch(3, FIGURES | {"val_n": 3})  # of three classes
    assert "| top-3 50.00 % |" in capsys.readouterr().out


def test_wandb_gets_the_figures(monkeypatch):
    seen = []
    fake = types.ModuleType("wandb")
    fake.login, fake.Image = lambda: seen.append("login"), lambda array: array.shape
    fake.init = lambda **settings: types.SimpleNamespace(
        log=lambda figures, step: seen.append((settings["config"], figures, step))
    )
    monkeypatch.setitem(sys.modules, "wandb", fake)
    logger = loggers.WandbLogger({"a": 1}, login=True, pictures=Pictures())
    logger.epoch(2, {"loss": 1, "note": "x"})
    expected = {"loss": 1.0, "predictions": (4, 6, 3)}
    assert seen == ["login", ({"a": 1}, expected, 2)]


def test_wandb_itself_keeps_a_run_offline(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb")
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    logger = loggers.WandbLogger({"network": "tiny"}, pictures=Pictures())
    assert logger.run.settings.mode == "offline"
    logger.epoch(1, FIGURES)
    logger.epoch(2, FIGURES | {"loss": 0.5})
    logger.run.finish()
    wandb.teardown()
    (path,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    assert len(list(path.parent.glob("files/media/images/predictions_*.png"))) == 2
    # Records of protocol buffers: a key, its value's tag and length, the value as JSON;
    # each is there for the history, and for the summary so far.
    losses = re.findall(rb"\x04loss\x82\x01.([\d.]+)", path.read_bytes(), re.S)
    assert list(map(float, losses)) == [1.5, 1.5, 0.5, 0.5]


def test_wandb_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ImportError, match="pip install wandb"):
        loggers.WandbLogger({})


def test_pictures_are_joined_row_by_row():
    images = np.arange(3, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
    joined = loggers.join_pictures(images, columns=2)
    assert joined.shape == (4, 4, 3)
    expected = [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 255, 255], [2, 2, 255, 255]]
    np.testing.assert_array_equal(joined[..., 0], expected)
