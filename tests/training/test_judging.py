"""Which weights of a run are its best, those that it began with among them."""

import csv
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from model import KoOCR
from utils.data.patches import write_patch
from utils.training import fitting

TINY = {"network": "tiny", "fc_link": "GAP", "image_size": 16}
pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "data" / "clova_0.pickle", images, list("가나다라마바사아"))
    keras.utils.set_random_seed(1)
    KoOCR(None, **TINY).save(tmp_path / "start" / "start.weights.h5")
    return tmp_path


@pytest.fixture
def shares(monkeypatch):
    """List of the shares that validation finds one after the other, to be filled."""
    given = []

    def measured(*_):
        return {"syllable": given.pop(0), "count": 8}, SimpleNamespace(matrices={})

    monkeypatch.setattr(fitting, "measure_tally", measured)
    return given


def run(folder, network=None, **more):
    """Trains, at a rate at which every epoch changes the weights."""
    how = {"data_path": str(folder / "data"), "val_data_path": str(folder / "data")}
    how |= {"log_path": str(folder / "logs"), "log_tensorboard": False}
    how |= {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 2}
    network = network or KoOCR(None, **TINY)
    return network.train(**how | more)


def weights(folder, name):
    return KoOCR(folder / f"{name}.weights.h5").model.get_weights()


def same(one, other):
    return all((a == b).all() for a, b in zip(one, other, strict=True))


def validated(folder):
    with open(folder / "logs" / "history.csv", newline="") as file:
        return [(row["epoch"], row["val_syllable"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("found", "best", "told"),
    [
        ([0.9, 0.5, 0.8], "start/start", "(90.00 %; epoch 2 80.00 %); best.weights.h5"),
        ([0.5, 0.5, 0.4], "logs/weights/epoch_001", "holds those of epoch 1."),
        ([0.5, 0.4, 0.5], "logs/weights/epoch_002", "holds those of epoch 2."),
        ([0.5, 0.6, 0.6], "logs/weights/epoch_001", None),
    ],
)
@pytest.mark.parametrize("way", ["weights", "initial_weights"])
def test_the_best_weights_are_no_worse_than_those_at_the_start(
    folder, shares, capsys, way, found, best, told
):
    shares[:] = found
    start = folder / "start"
    if way == "weights":
        history = run(folder, KoOCR(start))
    else:
        history = run(folder, initial_weights=str(start))
    assert [figures["epoch"] for figures in history] == [1, 2] and not shares
    ours = weights(folder, "logs/weights/best")
    for name in ("start/start", "logs/weights/epoch_001", "logs/weights/epoch_002"):
        assert same(ours, weights(folder, name)) == (name == best)
    assert not (folder / "logs" / "weights" / "epoch_000.weights.h5").exists()
    rows = [(str(number), str(share)) for number, share in enumerate(found)]
    assert validated(folder) == rows
    out = capsys.readouterr().out
    assert out.startswith(f"initial weights | syllable {100 * found[0]:.2f} %\n")
    assert ("No epoch read more" in out) == (told is not None)
    assert told is None or told in out


def test_a_resumed_run_knows_what_it_began_with(folder, shares, capsys):
    start = {"initial_weights": str(folder / "start")}
    shares[:] = [0.9, 0.5]
    run(folder, epochs=1, **start)
    shares[:] = [0.6]
    run(folder, epochs=2, resume=True, **start)
    assert same(weights(folder, "logs/weights/best"), weights(folder, "start/start"))
    assert [number for number, _ in validated(folder)] == ["0", "1", "2"]
    assert "(90.00 %; epoch 2 60.00 %)" in capsys.readouterr().out


def test_a_fresh_network_is_not_validated_before_it_learns(folder, shares, capsys):
    shares[:] = [0.0, 0.0]
    network = KoOCR(None, **TINY)
    run(folder, network)
    assert not shares and [number for number, _ in validated(folder)] == ["1", "2"]
    assert "began with" not in capsys.readouterr().out
    shares[:] = [0.5, 0.4, 0.4]  # it has learnt since
    run(folder, network, log_path=str(folder / "second"))
    assert not shares and "No epoch read more" in capsys.readouterr().out


def test_without_validation_nothing_is_compared(folder, shares, capsys):
    run(folder, initial_weights=str(folder / "start"), val_data_path="")
    assert "began with" not in capsys.readouterr().out
    ours = weights(folder, "logs/weights/best")
    assert same(ours, weights(folder, "logs/weights/epoch_002"))
