"""Which weights of a run are its best, and how long a run goes on without better."""

import csv
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from model import KoOCR
from utils.data.patches import write_patch
from utils.training import fitting
from utils.training.messages import Messages
from utils.training.pace import Pace
from utils.training.progress import Progress
from utils.training_config import TrainConfig

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
    with open(
        folder / "logs" / "history.csv", encoding="utf-8-sig", newline=""
    ) as file:
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


def test_who_does_not_validate_says_nothing_of_it(capsys):
    progress = Progress(1, "{}")
    progress.record_initial({"val_syllable": 0.9})  # as the chief's state tells
    progress.history = [{"epoch": 1}]
    Messages(TrainConfig(), progress, is_chief=False).say_nothing_gained()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("found", "patience", "begins"),
    [
        ([0.5, 0.6, 0.6], 1, False),
        ([0.5, 0.6, 0.6, 0.5], 2, False),
        ([0.5, 0.4, 0.6, 0.5, 0.5], 2, False),  # a rise counts from there
        ([0.9, 0.5, 0.8], 2, True),  # what it began with counts
        ([0.1, 0.5, 0.4, 0.5], 2, True),
        ([0.5, 0.4, 0.4, 0.4, 0.4], 0, False),
    ],
)
def test_a_run_ends_where_patience_does(
    folder, shares, capsys, found, patience, begins
):
    shares[:] = found
    more = {"patience": patience, "epochs": len(found) - begins + (patience > 0)}
    more |= {"initial_weights": str(folder / "start")} if begins else {}
    assert len(run(folder, **more)) == len(found) - begins
    assert not shares
    end = f"of the last {patience} validations (patience) none read more than "
    said = capsys.readouterr().out
    assert (f"{end}{100 * max(found):.2f} %" in said) == (patience > 0)


def test_patience_that_is_used_up_is_not_used_again(folder, shares, capsys):
    shares[:] = [0.5, 0.4, 0.3]
    run(folder, patience=2, epochs=9)
    capsys.readouterr()
    history = run(folder, patience=2, epochs=9, resume=True)  # validates nothing
    assert [figures["epoch"] for figures in history] == [1, 2, 3]
    said = capsys.readouterr().out
    assert (
        said.startswith("Training ends after 3 of 9 epochs") and said.count("\n") == 1
    )
    shares[:] = [0.4, 0.6, 0.6]
    history = run(folder, patience=4, epochs=6, resume=True)
    assert [figures["epoch"] for figures in history] == [1, 2, 3, 4, 5, 6]
    assert not shares and "Training ends" not in capsys.readouterr().out


def test_part_of_an_epoch_uses_up_no_patience(folder, shares, monkeypatch):
    shares[:] = [0.5, 0.4]
    how = {"batch_size": 4, "epochs": 3, "patience": 1}
    half = "epoch 2, step 1"
    with monkeypatch.context() as patch:
        patch.setattr(Pace, "is_over", lambda self: self.progress.place() == half)
        assert not run(folder, **how)[-1]["complete"]
    shares[:] = [0.6, 0.6]
    assert len(run(folder, resume=True, **how)) == 3 and not shares


def test_all_processes_end_with_the_one_that_validates():
    agreed = SimpleNamespace(agree=lambda value: 1.0)  # which has lost patience
    progress = Progress(1, "{}")
    assert not Pace(TrainConfig(patience=1), progress, agreed).goes_on()
    assert Pace(TrainConfig(), progress, agreed).goes_on()


def test_patience_needs_validation():
    with pytest.raises(ValueError, match="patience=1 is for val_data_path"):
        TrainConfig(patience=1, val_data_path="")
