"""The record of what a run was made with, and of each time that it went on."""

import datetime
import importlib.metadata
import json
import platform

import numpy as np
import pytest

from model import KoOCR
from utils.backend import keras
from utils.data.patches import write_patch
from utils.training import starts
from utils.training_config import TrainConfig

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "data" / "clova_0.pickle", images, list("가나다라마바사아"))
    return tmp_path


def run(folder, **more):
    how = {"data_path": folder / "data", "val_data_path": "", "epochs": 1}
    how |= {"log_path": folder / "logs", "log_tensorboard": False, "batch_size": 4}
    KoOCR(None, network="tiny", fc_link="GAP", image_size=16).train(
        **how | {"optimizer": "sgd", "silent_mode": True} | more
    )


def recorded(folder):
    return json.loads((folder / "logs" / "starts.json").read_bytes())["starts"]


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def test_each_start_is_recorded_with_options_versions_and_time(folder):
    before = now()
    run(folder)
    between = now()
    run(folder, epochs=3, resume=True, checkpoint_minutes=2.0)
    first, second = recorded(folder)
    assert [(each["epoch"], each["step"]) for each in (first, second)] == [
        (0, 0),
        (1, 0),
    ]
    assert before <= datetime.datetime.fromisoformat(first["started"]) <= between
    assert between <= datetime.datetime.fromisoformat(second["started"]) <= now()
    changed = {"epochs": (1, 3), "resume": (False, True)}
    changed |= {"checkpoint_minutes": (10.0, 2.0)}
    assert changed == {
        name: (value, second["options"][name])
        for name, value in first["options"].items()
        if value != second["options"][name]
    }
    assert first["options"]["batch_size"] == 4  # and all the others
    assert first["options"].keys() == vars(TrainConfig()).keys()
    backend = keras.backend.backend()
    assert first["backend"] == backend
    names = {"koocr", "keras", "numpy", backend}
    expected = {name: importlib.metadata.version(name) for name in names}
    assert first["versions"] == expected | {"python": platform.python_version()}


def test_a_run_that_begins_knows_nothing_of_others(folder):
    run(folder, max_minutes=1e-9)  # over before its first step
    run(folder, resume=True)
    assert [each["options"]["max_minutes"] for each in recorded(folder)] == [0.0]


def test_a_run_that_is_refused_is_not_recorded(folder):
    run(folder)
    with pytest.raises(ValueError, match="holds a run already"):
        run(folder)
    assert len(recorded(folder)) == 1


def test_a_library_that_is_not_installed_has_no_version(folder, monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(starts.metadata, "version", absent)
    run(folder)
    assert recorded(folder)[0]["versions"]["koocr"] is None


@pytest.mark.parametrize("text", ["{", '{"starts": 3}'])
def test_what_is_no_record_is_named(folder, text):
    run(folder)
    (folder / "logs" / "starts.json").write_text(text)
    with pytest.raises(ValueError, match=r"starts\.json: not a record of a run"):
        run(folder, epochs=2, resume=True)
    assert (folder / "logs" / "starts.json").read_text() == text
