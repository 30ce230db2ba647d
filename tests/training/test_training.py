import json
import math
import os
import re
import shutil
import signal

import h5py
import keras
import numpy as np
import pytest

from model import KoOCR
from utils.config import ModelConfig
from utils.data.patches import write_patch
from utils.nn.heads import DROPOUT
from utils.training.checkpoints import STATE
from utils.training.loop import Trainer, TrainingError
from utils.training.one_device import OneDevice
from utils.training.pace import Pace
from utils.training.progress import Progress
from utils.training.states import read_facts
from utils.weights.files import WeightsError

pytestmark = pytest.mark.usefixtures("tiny_network")
SYLLABLES = list("가나다라마바사아자차카타파하")


def write(folder, source, rows, seed=0):
    rng = np.random.default_rng(seed)
    images = np.full((rows, 24, 24), 255, np.uint8)
    images[:, 4:20, 4:20] = rng.integers(0, 256, (rows, 16, 16))
    labels = [SYLLABLES[i % len(SYLLABLES)] for i in range(rows)]
    write_patch(folder / f"{source}_0.pickle", images, labels)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patches")
    write(folder / "train", "clova", 21, 0)
    write(folder / "train", "printed", 22, 1)
    write(folder / "val", "printed", 9, 2)
    return folder


def options(data, logs, **more):
    return {
        "data_path": str(data / "train"),
        "val_data_path": str(data / "val"),
        "log_path": str(logs),
        "batch_size": 8,
        "epochs": 2,
        "patch_size": 1,
        "data_augmentation": True,
        "optimizer": "adam",
        "silent_mode": True,
        "log_tensorboard": False,
    } | more


def fresh(**more):
    keras.utils.set_random_seed(3)
    how = {"network": "tiny-normalised", "fc_link": "GWAP", "image_size": 16} | more
    return KoOCR(weights=None, **how)


def weights_of(model):
    return [np.asarray(weight) for weight in model.model.weights]


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory, tiny_network):
    """(weights, history) of a run from beginning to end."""
    model, logs = fresh(), tmp_path_factory.mktemp("undisturbed")
    history = model.train(**options(data, logs))
    return weights_of(model), history, logs


def test_a_run_learns_logs_and_saves(undisturbed):
    _, history, logs = undisturbed
    assert [figures["epoch"] for figures in history] == [1, 2]
    assert history[1]["loss"] < history[0]["loss"]
    assert history[0]["val_count"] == 9
    assert 0 <= history[0]["val_syllable"] <= history[0]["val_top_n"] <= 1
    names = {path.name for path in (logs / "weights").iterdir()}
    assert {"epoch_001.weights.h5", "epoch_002.weights.h5", "best.weights.h5"} <= names
    lines = (logs / "history.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[0].startswith("epoch,complete,loss")
    assert json.loads((logs / "train_options.json").read_text())["batch_size"] == 8
    assert (logs / "samples.png").stat().st_size > 1000


def test_the_saved_weights_are_those_of_the_run(undisturbed):
    weights, _, logs = undisturbed
    loaded = KoOCR(logs / "weights" / "epoch_002.weights.h5")
    for ours, theirs in zip(weights_of(loaded), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_a_killed_run_resumes_as_if_nothing_had_happened(
    data, undisturbed, tmp_path, monkeypatch, steps
):
    taken = 0
    step = Trainer._train_step

    def dying_step(self, images, targets):
        nonlocal taken
        if taken == steps:
            raise KeyboardInterrupt
        taken += 1
        step(self, images, targets)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_train_step", dying_step)
        with pytest.raises(KeyboardInterrupt):
            fresh().train(**options(data, tmp_path, checkpoint_minutes=0.0))
    model = fresh()
    history = model.train(
        **options(data, tmp_path, checkpoint_minutes=0.0, resume=True)
    )
    weights, expected, _ = undisturbed
    for ours, theirs in zip(weights_of(model), weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(history, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-5)
        assert ours["val_syllable"] == theirs["val_syllable"]


def test_a_run_killed_after_an_epoch_s_last_step_logs_as_if_it_had_not_been(
    data, tmp_path, monkeypatch
):
    more = {"schedule": "cosine", "checkpoint_minutes": 0.0}
    expected = fresh().train(**options(data, tmp_path / "whole", **more))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_finish_epoch", killed)
        with pytest.raises(KeyboardInterrupt):
            fresh().train(**options(data, tmp_path / "cut", **more))
    history = fresh().train(**options(data, tmp_path / "cut", resume=True, **more))
    for ours, theirs in zip(history, expected, strict=True):
        assert ours["learning_rate"] == pytest.approx(theirs["learning_rate"])
        assert ours["images_per_second"] >= 0


def test_what_writers_cost_stops_no_run(data, tmp_path, monkeypatch):
    step = OneDevice.step

    def judged(self, *given):
        figures = step(self, *given)
        return figures | {"loss": figures["loss"] + 1e3, "writer_loss": 1e3}

    monkeypatch.setattr(OneDevice, "step", judged)
    # Of the 6 steps of an epoch.
    monkeypatch.setattr("utils.training.monitoring.EVERY", 3)
    assert len(fresh().train(**options(data, tmp_path))) == 2


def test_max_minutes_stops_cleanly_and_resuming_goes_on(data, tmp_path):
    history = fresh().train(**options(data, tmp_path, max_minutes=1e-9, epochs=1))
    assert history == []  # the time was over before the first step
    assert not (tmp_path / STATE).exists()
    history = fresh().train(**options(data, tmp_path, epochs=1, resume=True))
    assert history[0]["complete"]


def test_max_minutes_in_the_middle_of_an_epoch(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Pace, "is_over", lambda self: self.progress.step == 3)
    history = fresh().train(**options(data, tmp_path, epochs=1, silent_mode=False))
    assert not history[0]["complete"]
    told = " ".join(capsys.readouterr().out.split())
    assert "(max_minutes), 0 of 1 epochs and 3 of 6 steps of the next" in told
    assert f"its weights are in {tmp_path / 'weights'}." in told
    assert list((tmp_path / "weights").iterdir())
    assert read_facts(tmp_path / STATE)["step"] == 3
    monkeypatch.undo()
    history = fresh().train(**options(data, tmp_path, epochs=1, resume=True))
    assert len(history) == 1 and history[0]["complete"]


def test_a_second_run_in_the_same_folder_is_refused(data, undisturbed):
    logs = undisturbed[2]
    with pytest.raises(WeightsError, match="holds a run already; go on with resume"):
        fresh().train(**options(data, logs))


def test_a_refused_run_leaves_the_network_as_it_was(data, undisturbed):
    logs = undisturbed[2]
    model = fresh(temperature=1.3)
    model.prototypes = np.zeros((69, 8))
    before = weights_of(model)
    start = {"initial_weights": str(logs / "weights"), "dropout": 0.1}
    for wrong in ({}, {"loss": "joint-hybrid", "val_data_path": "nowhere"}):
        with pytest.raises(ValueError, match="holds a run already|nowhere"):
            model.train(**options(data, logs, **start | wrong))
    for ours, theirs in zip(weights_of(model), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert model.prototypes is not None and model.config.temperature == 1.3
    rates = [getattr(layer, "rate", None) for layer in model.training_model.layers]
    assert DROPOUT in rates and 0.1 not in rates


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request):
    """A signal with Python's usual handler, whatever ran in this process before."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = signal.signal(request.param, usual[request.param])
    yield request.param
    signal.signal(request.param, before)


@pytest.mark.parametrize("second", [False, True])
def test_an_interrupted_run_saves_the_last_finished_step(
    data, tmp_path, monkeypatch, tiny_network, number, second
):
    step = Trainer._train_step

    def interrupted_step(self, images, targets):
        if self.progress.step == 3:
            os.kill(os.getpid(), number)
            if second:
                os.kill(os.getpid(), number)
        step(self, images, targets)

    monkeypatch.setattr(Trainer, "_train_step", interrupted_step)
    model = fresh()
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        model.train(**options(data, tmp_path, val_data_path=""))
    assert signal.getsignal(number) == before
    if second:  # at once, so that the step is half done
        assert not (tmp_path / STATE).exists()
    else:
        assert read_facts(tmp_path / STATE)["step"] == 4


def test_processes_that_prepare_pictures_change_nothing(data, tmp_path):
    trained = []
    for workers in (0, 2):
        model, logs = fresh(), tmp_path / str(workers)
        more = {"val_data_path": "", "epochs": 1, "workers": workers}
        model.train(**options(data, logs, **more))
        trained.append(weights_of(model))
    for without, beside in zip(*trained, strict=True):
        np.testing.assert_array_equal(without, beside)


def test_an_interrupt_that_no_signal_brought_saves_too(
    data, tmp_path, monkeypatch, tiny_network
):
    step = Trainer._train_step
    at = 0

    def interrupted_step(self, images, targets):
        if self.progress.step == at:
            raise KeyboardInterrupt
        step(self, images, targets)

    monkeypatch.setattr(Trainer, "_train_step", interrupted_step)
    model = fresh()
    more = options(data, tmp_path, val_data_path="")
    with pytest.raises(KeyboardInterrupt):
        model.train(**more)
    assert not (tmp_path / STATE).exists()  # nothing was done yet
    at = 2
    with pytest.raises(KeyboardInterrupt):
        model.train(**more)
    assert read_facts(tmp_path / STATE)["step"] == 2


def test_resuming_takes_other_spellings_and_clears_what_a_kill_left(
    data, tmp_path, monkeypatch, tiny_network
):
    monkeypatch.chdir(data)
    model = fresh()
    model.save(data / "start" / "a.weights.h5")
    more = {"data_path": "train", "val_data_path": "val", "epochs": 1}
    model.train(**options(data, tmp_path, initial_weights="start", **more))
    (tmp_path / ".training_state.npz.17.tmp").write_bytes(b"half")
    (tmp_path / ".mine.tmp").write_bytes(b"kept")
    (tmp_path / "weights" / ".saving1a").mkdir()
    (tmp_path / "weights" / ".saving1a" / "b.weights.h5").write_bytes(b"half")
    more |= {"data_path": "./train", "val_data_path": str(data / "val"), "resume": True}
    history = model.train(**options(data, tmp_path, initial_weights="./start", **more))
    assert history[0]["complete"]
    hidden = {path.name for path in tmp_path.rglob(".*")}
    assert hidden == {".mine.tmp"}
    for other in ({"data_path": "val"}, {"val_data_path": ""}):
        with pytest.raises(WeightsError, match=rf"are others: {next(iter(other))}"):
            model.train(
                **options(data, tmp_path, initial_weights="start", **more | other)
            )


def test_resuming_with_other_options_is_refused(data, undisturbed):
    logs = undisturbed[2]
    changed = options(data, logs, resume=True, batch_size=4)
    with pytest.raises(WeightsError, match=r"are others: batch_size \(8, now 4\)"):
        fresh().train(**changed)
    other = fresh(fc_link="GAP")
    with pytest.raises(WeightsError, match=r"fc_link \('GWAP', now 'GAP'\)"):
        other.train(**options(data, logs, resume=True))


@pytest.mark.parametrize(
    "facts", [{"options": []}, {"step": "3"}, {"history": {}}, {"network_json": None}]
)
def test_a_state_of_other_types_is_no_state(data, undisturbed, tmp_path, facts):
    shutil.copytree(undisturbed[2], tmp_path / "logs")
    path = tmp_path / "logs" / STATE
    with np.load(path) as file:
        arrays = dict(file)
    arrays["facts"] = json.dumps(json.loads(str(arrays["facts"])) | facts)
    np.savez(path, **arrays)
    with pytest.raises(
        WeightsError, match=f"not a training state.*{next(iter(facts))}"
    ):
        fresh().train(**options(data, tmp_path / "logs", resume=True))


def test_resuming_on_other_patches_is_refused(data, tmp_path, monkeypatch):
    shutil.copytree(data, tmp_path / "data")
    here, logs = tmp_path / "data", tmp_path / "logs"
    monkeypatch.setattr(Pace, "is_over", lambda self: self.progress.step == 3)
    fresh().train(**options(here, logs, epochs=1))
    monkeypatch.undo()
    first = sorted((here / "train").glob("*.pickle"))[0]
    shutil.copy(first, first.with_name("clova_99.pickle"))
    with pytest.raises(WeightsError, match="are others: the patches in .*train"):
        fresh().train(**options(here, logs, epochs=1, resume=True))


def test_a_run_of_a_version_with_fewer_options_is_resumed(data, tmp_path, monkeypatch):
    monkeypatch.setattr(Pace, "is_over", lambda self: self.progress.step == 3)
    model = fresh()
    with monkeypatch.context() as patch:
        known = {"network": "tiny-normalised", "fc_link": "GWAP", "image_size": 16}
        patch.setattr(ModelConfig, "to_json", lambda self: json.dumps(known))
        model.train(**options(data, tmp_path, epochs=1))
    monkeypatch.undo()
    history = fresh().train(**options(data, tmp_path, epochs=1, resume=True))
    assert history[0]["complete"]


def test_what_was_fitted_to_the_old_weights_goes(data, tmp_path):
    model = fresh(temperature=1.3)
    model.prototypes = np.zeros((69, 8))
    model.train(**options(data, tmp_path, epochs=1))
    assert model.prototypes is None and model.config.temperature == 1


def test_resuming_what_has_not_begun_begins_it(data, tmp_path, capsys):
    model = fresh()
    more = {"resume": True, "silent_mode": False, "epochs": 1}
    history = model.train(**options(data, tmp_path, **more))
    assert f"There is no run in {tmp_path} yet; one begins." in capsys.readouterr().out
    assert history[0]["complete"]


def test_weights_that_are_no_numbers_do_not_begin(data, tmp_path):
    model = fresh()
    model.model.get_layer("initial_logits").bias.assign(np.full(19, np.nan))
    with pytest.raises(TrainingError, match=r"initial_logits/bias hold NaN .* epoch 1"):
        model.train(**options(data, tmp_path))


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_what_was_good(
    data, tmp_path, monkeypatch, tiny_network
):
    step = Trainer._train_step

    def poisoned_step(self, images, targets):
        if (self.progress.epoch, self.progress.step) == (1, 2):
            self.model.get_layer("initial_logits").bias.assign(np.full(19, np.nan))
        step(self, images, targets)

    monkeypatch.setattr(Trainer, "_train_step", poisoned_step)
    model = fresh()
    more = {"checkpoint_minutes": 0.0, "val_data_path": ""}
    with pytest.raises(TrainingError) as stop:
        model.train(**options(data, tmp_path, **more))
    saved = tmp_path / "weights" / "last_good.weights.h5"
    message = str(stop.value)
    assert "The loss became nan in epoch 2, step 3 of 6. " in message
    kept = f"The weights of epoch 2, step 2 are kept in {saved}; the mean loss of the "
    assert kept in message and "Start again in another log_path with these" in message
    assert read_facts(tmp_path / STATE)["step"] == 2  # no poisoned checkpoint
    kept = KoOCR(saved)
    for ours, theirs in zip(weights_of(kept), weights_of(model), strict=True):
        assert np.isfinite(ours).all()
        np.testing.assert_array_equal(ours, theirs)
    monkeypatch.undo()
    start = {"initial_weights": str(saved), "epochs": 1}
    kept.train(**options(data, tmp_path / "again", **more | start))


def test_a_run_that_never_learnt_keeps_what_it_began_with_and_says_so(
    data, tmp_path, monkeypatch
):
    step = OneDevice.step

    def ruined(self, *given):
        return step(self, *given) | {"loss": 1e5}

    monkeypatch.setattr(OneDevice, "step", ruined)
    model = fresh()
    before = weights_of(model)
    with pytest.raises(TrainingError) as stop:
        model.train(**options(data, tmp_path, learning_rate=0.5))
    message = str(stop.value)
    assert "The weights that it began with are kept in " in message
    assert "Start again in another log_path with a lower learning_rate (the" in message
    for ours, theirs in zip(weights_of(model), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_that_turn_bad_in_a_step_are_of_that_step(
    data, tmp_path, tiny_network, monkeypatch
):
    step = Trainer._train_step

    def poisoned_step(self, images, targets):
        step(self, images, targets)
        if self.progress.step == self.progress.num_steps:  # the last of the epoch
            self.model.get_layer("initial_logits").bias.assign(np.full(19, np.nan))

    monkeypatch.setattr(Trainer, "_train_step", poisoned_step)
    model = fresh()
    with pytest.raises(TrainingError, match="in epoch 1, step 6 of 6. "):
        model.train(**options(data, tmp_path, val_data_path=""))


def test_a_run_that_is_over_before_it_begins_says_so(data, tmp_path, capsys):
    more = {"max_minutes": 1e-9, "silent_mode": False, "val_data_path": ""}
    assert fresh().train(**options(data, tmp_path, **more)) == []
    assert "Nothing is left to train: 0 of " in capsys.readouterr().out


def test_a_folder_for_the_log_must_be_one(data, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file cannot be a folder for results"):
        fresh().train(**options(data, tmp_path / "file"))


def test_finished_run_says_that_nothing_is_left(data, tmp_path, capsys):
    more = {"epochs": 1, "silent_mode": False, "val_data_path": ""}
    fresh().train(**options(data, tmp_path, **more))
    capsys.readouterr()
    history = fresh().train(**options(data, tmp_path, resume=True, **more))
    assert len(history) == 1
    assert "Nothing is left to train: 1 of 1 epochs" in capsys.readouterr().out


def test_a_falling_rate_is_not_resumed_with_another_end(data, tmp_path):
    more = {"schedule": "cosine", "val_data_path": ""}
    fresh().train(**options(data, tmp_path, epochs=1, **more))
    with pytest.raises(WeightsError, match=r"are others: epochs \(1, now 2\)"):
        fresh().train(**options(data, tmp_path, epochs=2, resume=True, **more))


def test_what_is_saved_is_weights_alone(data, tmp_path):
    model = fresh(network="melnyk")
    model.train(**options(data, tmp_path, epochs=1, val_data_path=""))
    model.save(tmp_path / "mine.weights.h5")
    for path in (tmp_path / "mine.weights.h5", *(tmp_path / "weights").glob("*.h5")):
        with h5py.File(path) as file:
            assert "optimizer" not in file
        assert path.stat().st_size < 4.2 * model.model.count_params() + 200_000


def test_three_classes_are_enough(data, tmp_path):
    charset = "".join(SYLLABLES)
    flat = {"split_components": False, "fc_link": "GAP", "image_size": 16}
    write_patch(tmp_path / "few" / "printed_0.pickle", *few(9))
    model = KoOCR(weights=None, charset="가나다", **flat)
    paths = {"data_path": str(tmp_path / "few"), "val_data_path": str(tmp_path / "few")}
    history = model.train(**options(data, tmp_path / "logs") | paths)
    assert history[-1]["val_top_n"] == 1 and history[-1]["val_n"] == 3  # all there are
    assert charset.startswith(model.config.charset)


def few(rows):
    images = np.random.default_rng(0).integers(0, 256, (rows, 24, 24)).astype(np.uint8)
    return images, ["가나다"[i % 3] for i in range(rows)]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"split_components": False}, "needs the heads initial, medial, final"),
        ({"decoder": "sequence"}, "decoder=sequence spells them in turn"),
    ],
)
def test_joint_rivals_need_independent_heads(data, tmp_path, network, message):
    model = KoOCR(weights=None, image_size=16, **network)
    with pytest.raises(ValueError, match=message):
        model.train(**options(data, tmp_path, loss="joint-hybrid"))


def test_initial_weights_may_have_another_size(data, undisturbed, tmp_path):
    logs = undisturbed[2]
    model = fresh(image_size=32)
    start = str(logs / "weights" / "best.weights.h5")
    more = {"initial_weights": start, "epochs": 1, "learning_rate": 0.0}
    model.train(**options(data, tmp_path, **more))
    given = KoOCR(start).model.get_layer("tiny_last").get_weights()[0]
    found = model.model.get_layer("tiny_last").get_weights()[0]
    np.testing.assert_array_equal(found, given)  # a rate of zero moves nothing


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 0.2 / 3), (1, 0.4 / 3), (5, 0.1), (9, None)]
)
def test_cosine_schedule_with_warm_up(step, expected):
    class options:
        learning_rate, schedule, warmup_steps = 0.2, "cosine", 2
        epochs, max_minutes = 1, 0.0

    pace = Pace(options, Progress(10, "{}"), OneDevice())
    pace.progress.step = step
    pace.minutes = lambda: 0.0
    cosine = 0.2 * 0.5 * (1 + math.cos(math.pi * step / 10))
    factor = min(1, (step + 1) / 3)
    assert pace.learning_rate() == pytest.approx(cosine * factor)
    if expected is not None and step in (0, 5):
        assert pace.learning_rate() == pytest.approx(expected, rel=0.03)


def test_cosine_schedule_ends_with_the_minutes():
    class options:
        learning_rate, schedule, warmup_steps = 1.0, "cosine", 0
        epochs, max_minutes = 100, 10.0

    pace = Pace(options, Progress(10, "{}"), OneDevice())
    pace.progress.step = 1
    pace.minutes = lambda: 5.0
    assert pace.learning_rate() == pytest.approx(0.5)
    pace.minutes = lambda: 10.0
    assert pace.learning_rate() == pytest.approx(0.0, abs=1e-12)


def test_the_pictures_of_a_resumed_part_of_an_epoch_are_counted(monkeypatch):
    pace = Pace(None, Progress(10, "{}"), OneDevice())
    pace.progress.add({"loss": 1.0}, 8)  # before the run was stopped
    clock = iter([100.0, 102.0])
    monkeypatch.setattr("utils.training.pace.time.monotonic", lambda: next(clock))
    pace.start_epoch()
    for count in (8, 8, 5):
        pace.progress.add({"loss": 1.0}, count)
    assert pace.images_per_second() == pytest.approx((8 + 8 + 5) / 2)


def test_a_log_has_a_line_at_each_checkpoint(data, tmp_path, capsys):
    more = {"checkpoint_minutes": 1e-9, "epochs": 1, "silent_mode": False}
    fresh().train(**options(data, tmp_path, val_data_path="", **more))
    lines = re.findall(
        r"^epoch 1: (\d) of 6 steps, loss \d", capsys.readouterr().out, re.M
    )
    assert lines == list("123456")


def test_a_log_has_no_line_at_each_step(data, tmp_path, capsys):
    more = {"checkpoint_minutes": 0.0, "epochs": 1, "silent_mode": False}
    fresh().train(**options(data, tmp_path, val_data_path="", **more))
    assert "steps" not in capsys.readouterr().out
