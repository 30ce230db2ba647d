"""Several devices, several processes: the same loss and weights as one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from model import KoOCR
from tests.helpers import serving
from tests.helpers.fleet import tiny
from utils.data.patches import write_patch
from utils.hangul import COMPONENTS
from utils.nn.backbones import BACKBONES
from utils.training import devices
from utils.training.compiling import compile_model, set_dropout
from utils.training.one_device import OneDevice
from utils.training_config import TrainConfig

ROOT = Path(__file__).parents[2]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_cpu_multi_thread_eigen=false",
}
SYLLABLES = list("가나다라마바사아자차카타파하각낙")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("patches"), np.random.default_rng(0)
    for number, source in enumerate(("printed", "clova", "printed", "clova")):
        images = np.full((16, 24, 24), 255, np.uint8)
        images[:, 4:20, 4:20] = rng.integers(0, 256, (16, 16, 16))
        write_patch(folder / f"{source}_{number}.pickle", images, SYLLABLES)
    return folder


def task(data, logs, out, **more):
    options = {
        "data_path": str(data),
        "val_data_path": "",
        "log_path": str(logs),
        "batch_size": 8,
        "epochs": 1,
        "patch_size": 2,
        "data_augmentation": True,
        "optimizer": "sgd",
        "learning_rate": 0.05,
        "checkpoint_minutes": 0.0,
        "silent_mode": True,
        "log_tensorboard": False,
    } | more.pop("options", {})
    return {"options": options, "out": str(out), **more}


def start(task, backend="jax"):
    environment = os.environ | ONE_THREAD | {"KERAS_BACKEND": backend}
    return subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "tests" / "helpers" / "fleet.py"),
            json.dumps(task),
        ],
        env=environment | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*processes):
    """Returns (status, stderr) of each process, once all have ended."""
    found = []
    try:
        for process in processes:
            error = process.communicate(timeout=300)[1]
            found.append((process.returncode, error))
    finally:
        for process in processes:
            process.kill()
    return found


def fleet(data, logs, outs, count=2, port=None, **more):
    """Starts a run of several processes over loopback."""
    port = port or serving.free_port()
    common = {
        "distribute": "data_parallel",
        "coordinator": f"127.0.0.1:{port}",
        "processes": count,
    } | more.pop("options", {})
    return [
        start(task(data, logs, outs[i], options=common | {"process": i}, **each))
        for i, each in enumerate(more.pop("each", [{}] * count))
    ]


def same(first, second):
    # Sums in another order: the steps, on noise, multiply their rounding a hundredfold
    # and more. Weights move by a tenth, so that other batches or statistics would show.
    with np.load(first) as ours, np.load(second) as theirs:
        assert ours.files == theirs.files
        for name in ours.files:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-3, atol=1e-4)
    return True


def run_alone(data, folder, count, **more):
    """Runs one process on the batches of several shares; returns where it ended."""
    folder.mkdir(exist_ok=True)
    run = start(task(data, folder / "logs", folder / "end.npz", join=count, **more))
    ((status, error),) = finish(run)
    assert status == 0, error
    return folder / "end.npz"


@pytest.fixture(scope="module")
def alone(data, tmp_path_factory):
    """The run of one process on the batches of two shares."""
    pytest.importorskip("jax")
    return run_alone(data, tmp_path_factory.mktemp("alone"), 2)


def test_two_processes_end_where_one_does(data, alone, tmp_path):
    outs = [tmp_path / "0.npz", tmp_path / "1.npz"]
    for status, error in finish(*fleet(data, tmp_path / "logs", outs)):
        assert status == 0, error
    assert same(outs[0], alone) and same(outs[1], outs[0])


def test_two_processes_are_taught_as_one_is(data, alone, tmp_path, monkeypatch):
    monkeypatch.setitem(BACKBONES, "tiny", tiny)
    teacher = KoOCR(None, network="tiny", fc_link="GWAP", image_size=16)
    teacher.save(tmp_path / "teacher.weights.h5")
    how = {"teachers": str(tmp_path / "teacher.weights.h5"), "teacher_share": 0.6}
    outs = [tmp_path / "0.npz", tmp_path / "1.npz"]
    for status, error in finish(*fleet(data, tmp_path / "logs", outs, options=how)):
        assert status == 0, error
    end = run_alone(data, tmp_path / "alone", 2, options=how)
    assert same(outs[0], end) and same(outs[1], end)
    with np.load(end) as taught, np.load(alone) as untaught:
        assert abs(taught["loss"] - untaught["loss"]).max() > 1e-3


@pytest.mark.slow
def test_two_processes_lose_patience_together(data, tmp_path):
    pytest.importorskip("jax")
    outs = [tmp_path / "0.npz", tmp_path / "1.npz"]
    how = {"val_data_path": str(data), "patience": 2, "epochs": 9}
    how |= {"learning_rate": 0.0}  # so that nothing rises
    for status, error in finish(*fleet(data, tmp_path / "logs", outs, options=how)):
        assert status == 0, error
    for out in outs:
        with np.load(out) as end:
            assert len(end["loss"]) == 3


@pytest.mark.slow
def test_four_processes_end_where_one_does(data, tmp_path):
    pytest.importorskip("jax")
    outs = [tmp_path / f"{i}.npz" for i in range(4)]
    for status, error in finish(*fleet(data, tmp_path / "logs", outs, count=4)):
        assert status == 0, error
    end = run_alone(data, tmp_path / "alone", 4)
    assert all(same(out, end) for out in outs)


@pytest.mark.slow
def test_a_process_that_dies_ends_the_run_which_can_be_resumed(data, alone, tmp_path):
    outs = [tmp_path / "0.npz", tmp_path / "1.npz"]
    (status, error), dead = finish(
        *fleet(data, tmp_path / "logs", outs, each=[{}, {"die": 5}])
    )
    assert dead[0] == -9
    assert status == 1, error
    assert "Process 0 of 2 lost the others" in error and "resume=true" in error
    assert not outs[0].exists()
    more = {"options": {"resume": True}}
    for status, error in finish(*fleet(data, tmp_path / "logs", outs, **more)):
        assert status == 0, error
    assert same(outs[0], alone) and same(outs[1], alone)


@pytest.mark.slow
def test_two_devices_of_tensorflow_end_where_one_does(data, tmp_path):
    outs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    one, two = {"dropout": 0.0}, {"distribute": "mirrored", "devices": 2}
    for out, options in zip(outs, (one, one | two), strict=True):
        run = task(data, tmp_path / out.stem, out, options=options)
        ((status, error),) = finish(start(run, "tensorflow"))
        assert status == 0, error
    assert same(*outs)


def test_where_there_is_one_device_nothing_is_shared(data, tmp_path):
    pytest.importorskip("tensorflow")
    outs = [tmp_path / "one.npz", tmp_path / "mirrored.npz"]
    for out, distribute in zip(outs, ("none", "mirrored"), strict=True):
        run = task(data, tmp_path / out.stem, out, options={"distribute": distribute})
        ((status, error),) = finish(start(run, "tensorflow"))
        assert status == 0, error
    assert same(*outs)


def test_same_seeds_give_the_same_bits_on_one_thread(data, tmp_path):
    pytest.importorskip("tensorflow")
    outs = [tmp_path / "first.npz", tmp_path / "second.npz"]
    runs = [start(task(data, tmp_path / o.stem, o), "tensorflow") for o in outs]
    for status, error in finish(*runs):
        assert status == 0, error
    with np.load(outs[0]) as first, np.load(outs[1]) as second:
        assert len(first.files) > 5
        for name in first.files:
            assert first[name].tobytes() == second[name].tobytes(), name


@pytest.mark.parametrize("loss", ["cross-entropy", "joint-hybrid"])
def test_a_step_is_traced_once(tiny_network, loss):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("JAX compiles by itself")
    network = KoOCR(None, network=tiny_network, fc_link="GWAP", image_size=16)
    set_dropout(network.training_model, 0.0)  # so that the loss can but fall
    model = compile_model(network.training_model, TrainConfig(loss=loss))
    traced, step = [], model.train_step
    model.train_step = lambda batch: traced.append(batch) or step(batch)
    images = np.zeros((4, 16, 16, 1), np.uint8)
    targets = dict.fromkeys(COMPONENTS, np.arange(4))
    model.optimizer.build(model.trainable_variables)
    figures = [OneDevice().step(model, images, targets) for _ in range(2)]
    assert len(traced) == 1 and figures[1]["loss"] < figures[0]["loss"]


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(devices, "connect", lambda options: None)
    monkeypatch.setattr(devices, "DataParallel", ThreeDevices)
    with pytest.raises(ValueError, match="batch_size=8 is shared by 3 devices; give a"):
        devices.make_devices(TrainConfig(batch_size=8, distribute="data_parallel"))


class ThreeDevices(OneDevice):
    replicas = 3


def test_the_backend_must_be_able_to():
    wrong = "jax" if keras.backend.backend() == "tensorflow" else "tensorflow"
    distribute = {"jax": "data_parallel", "tensorflow": "mirrored"}[wrong]
    with pytest.raises(ValueError, match=f"needs KERAS_BACKEND={wrong}; this is"):
        devices.connect(TrainConfig(distribute=distribute))


def test_a_jax_that_is_too_old_is_named(monkeypatch):
    import jax

    def initialize(coordinator, processes, process, *, initialization_timeout=300):
        """As before 0.7, which misses silent processes after its own time."""

    monkeypatch.setattr(jax.distributed, "initialize", initialize)
    monkeypatch.setattr(jax.config, "update", lambda *_: None)
    monkeypatch.setattr(devices.keras.backend, "backend", lambda: "jax")
    options = TrainConfig(
        distribute="data_parallel", coordinator="localhost:1", processes=2
    )
    with pytest.raises(ValueError, match=r"needs a newer JAX .*heartbeat.*jax>=0\.7"):
        devices.connect(options)
