"""Targets in part from other networks: what they are, and that they are learnt."""

import keras
import numpy as np
import pytest

from model import KoOCR
from utils.data.patches import write_patch
from utils.hangul import split_syllables
from utils.inference.network import apply_model
from utils.nn.losses import HeadLoss, LastAccuracy
from utils.training.distillation import DistilledDataset
from utils.training_config import TrainConfig

TINY = {"network": "tiny", "fc_link": "GAP", "image_size": 32}
LABELS = list("가나다라마바사아자차") * 4
FLAGS = {"val_data_path": "", "silent_mode": True, "log_tensorboard": False}


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(4)
    images = np.full((len(LABELS), 32, 32), 255, np.uint8)
    for image in images:
        x, y = rng.integers(2, 20, 2)
        image[y : y + 10, x : x + 4] = 0
    write_patch(tmp_path / "data" / "clova_0.pickle", images, LABELS)
    return tmp_path


class Given:
    """A dataset of one batch."""

    num_steps = 1

    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def batches(self, epoch, first_step=0):
        yield self.images[..., None], split_syllables(self.labels) | {"other": 7}


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_targets_are_the_labels_and_the_mean_of_the_networks(tiny_network, share):
    images = np.random.default_rng(0).integers(0, 255, (6, 32, 32), np.uint8)
    labels = np.array(list("가각힣뷁쌍한"))
    models = [KoOCR(None, **TINY).model for _ in range(2)]
    taught = DistilledDataset(Given(images, labels), models, share)
    assert taught.num_steps == 1
    ((seen, targets),) = taught.batches(0)
    assert (seen[..., 0] == images).all() and targets["other"] == 7
    read = [apply_model(model, images) for model in models]
    for name, places in split_syllables(labels).items():
        true = np.eye(read[0][name].shape[1])[places]
        expected = share * (read[0][name] + read[1][name]) / 2 + (1 - share) * true
        assert targets[name] == pytest.approx(expected, abs=1e-6)
        assert targets[name].dtype == np.float32


def test_shares_that_name_one_class_cost_what_its_label_costs():
    rng = np.random.default_rng(1)
    labels, loss = rng.integers(0, 5, 8), HeadLoss()
    for shape in ((8, 5), (8, 3, 5)):
        logits = rng.normal(size=shape).astype(np.float32)
        plain = float(loss(labels, logits))
        shares = np.eye(5, dtype=np.float32)[labels]
        assert float(loss(shares, logits)) == pytest.approx(plain, rel=1e-5)
        scores = []
        for given in (labels, shares):
            metric = LastAccuracy()
            metric.update_state(given, keras.ops.convert_to_tensor(logits))
            scores.append(float(metric.result()))
        assert scores[0] == scores[1]


def test_shares_cost_the_mean_of_their_classes():
    logits = np.array([[0.2, -1.0, 2.0]], np.float32)
    shares = np.array([[0.5, 0.2, 0.3]], np.float32)
    logs = logits - np.log(np.exp(logits).sum())
    assert float(HeadLoss()(shares, logits)) == pytest.approx(-(shares * logs).sum())


def test_a_network_learns_what_its_teacher_reads(tiny_network, folder):
    keras.utils.set_random_seed(3)
    teacher = KoOCR(None, **TINY)
    rng = np.random.default_rng(2)
    for layer in teacher.model.layers:  # sure of something that no label says
        if isinstance(layer, keras.layers.Dense):
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(0, 3, bias.shape)])
    teacher.save(folder / "teacher.weights.h5")
    student = KoOCR(None, **TINY)
    patches = np.full((4, 32, 32), 255, np.uint8)
    patches[:, 8:20, 8:12] = 0
    wanted = apply_model(teacher.model, patches)
    how = {
        "data_path": str(folder / "data"),
        "teachers": str(folder / "teacher.weights.h5"),
        "teacher_share": 1.0,
        "optimizer": "adam",
        "learning_rate": 0.02,
        "batch_size": 20,
        "epochs": 60,
        **FLAGS,
    }

    def gap():
        read = apply_model(student.model, patches)
        return max(float(np.abs(read[k] - wanted[k]).max()) for k in wanted)

    before = gap()
    student.train(log_path=str(folder / "run"), **how)
    assert gap() < 0.4 * before


def test_teachers_that_do_not_fit_are_told(tiny_network, folder):
    other = KoOCR(None, **TINY | {"image_size": 48})
    other.save(folder / "other.weights.h5")
    student, how = KoOCR(None, **TINY), {"data_path": str(folder / "data"), **FLAGS}
    teachers = str(folder / "other.weights.h5")
    with pytest.raises(ValueError, match="at 48 pixels, and the network .* 32 pixels"):
        student.train(teachers=teachers, log_path=str(folder / "run"), **how)
    with pytest.raises(ValueError, match="nowhere"):
        student.train(teachers="nowhere", log_path=str(folder / "run"), **how)
    speller = KoOCR(None, network="tiny", decoder="sequence", image_size=32)
    own = KoOCR(None, **TINY)
    own.save(folder / "own.weights.h5")
    with pytest.raises(ValueError, match="decoder=sequence is told the true ones"):
        teachers = str(folder / "own.weights.h5")
        speller.train(teachers=teachers, log_path=str(folder / "run"), **how)


def test_a_flat_teacher_has_the_same_syllables(tiny_network, folder):
    flat = TINY | {"split_components": False}
    KoOCR(None, charset="뷁쀍힣가나다라마바사아자차", **flat).save(
        folder / "a.weights.h5"
    )
    KoOCR(None, charset="가나다라마바사아자차카타파", **flat).save(
        folder / "b.weights.h5"
    )
    student = KoOCR(None, charset="가나다라마바사아자차카타파", **flat)
    how = {"data_path": str(folder / "data"), "epochs": 1, **FLAGS}
    with pytest.raises(ValueError, match="its 13 syllables are not those"):
        student.train(
            teachers=str(folder / "a.weights.h5"), log_path=str(folder / "a"), **how
        )
    student.train(
        teachers=str(folder / "b.weights.h5"), log_path=str(folder / "b"), **how
    )


@pytest.mark.parametrize(
    "options",
    [
        {"early_exit": True},
        {"iterative_refinement": True},
        {"adversarial_learning": True},
    ],
)
def test_networks_of_other_kinds_are_taught(tiny_network, folder, options):
    KoOCR(None, **TINY).save(folder / "teacher.weights.h5")
    write_patch(  # print, which an adversary tells from hands
        folder / "data" / "printed_0.pickle",
        np.full((4, 32, 32), 0, np.uint8),
        list("가나다라"),
    )
    student = KoOCR(None, **TINY, **options)
    (figures,) = student.train(
        data_path=str(folder / "data"),
        teachers=str(folder / "teacher.weights.h5"),
        log_path=str(folder / "run"),
        epochs=1,
        **FLAGS,
    )
    assert np.isfinite(figures["loss"])


def test_a_taught_run_goes_on_where_it_stopped(tiny_network, folder, monkeypatch):
    KoOCR(None, **TINY).save(folder / "teacher.weights.h5")
    start = KoOCR(None, **TINY)
    start.save(folder / "start.weights.h5")
    how = {
        "data_path": str(folder / "data"),
        "initial_weights": str(folder / "start.weights.h5"),
        "batch_size": 10,
        "dropout": 0.0,
        **FLAGS,
    }
    teachers = str(folder / "teacher.weights.h5")
    whole = KoOCR(None, **TINY)
    whole.train(teachers=teachers, log_path=str(folder / "whole"), epochs=2, **how)
    halves = KoOCR(None, **TINY)
    halves.train(teachers=teachers, log_path=str(folder / "half"), epochs=1, **how)
    monkeypatch.chdir(folder)  # the same file by another name
    halves = KoOCR(None, **TINY)
    halves.train(
        teachers="./teacher.weights.h5",
        log_path=str(folder / "half"),
        epochs=2,
        resume=True,
        **how,
    )
    for one, other in zip(
        whole.model.get_weights(), halves.model.get_weights(), strict=True
    ):
        assert one == pytest.approx(other, abs=1e-5)


def test_a_taught_run_goes_on_with_the_same_weights_alone(tiny_network, folder):
    path = folder / "teacher.weights.h5"
    how = {"data_path": str(folder / "data"), "teachers": str(path), **FLAGS}
    how["log_path"] = str(folder / "run")
    keras.utils.set_random_seed(6)
    KoOCR(None, **TINY).save(path)
    KoOCR(None, **TINY).train(epochs=1, **how)
    KoOCR(None, **TINY).save(path)  # others, by the same name
    with pytest.raises(ValueError, match="these are others: the weights of teachers="):
        KoOCR(None, **TINY).train(epochs=2, resume=True, **how)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"teacher_share": 0.5}, "teacher_share=0.5 is what teachers have"),
        ({"teachers": "compact", "loss": "hybrid"}, "loss=hybrid ranks the rivals"),
        ({"teachers": "compact", "teacher_share": 1.5}, "teacher_share=1.5 is too"),
        ({"teachers": "compact", "teacher_share": 0}, "teacher_share=0 leaves"),
        ({"teachers": ","}, "teachers=','; expected names .* each once"),
        ({"teachers": "compact, compact"}, "each once"),
    ],
)
def test_options_that_do_not_go_together(options, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**options)


def test_names_are_taken_apart():
    assert TrainConfig(teachers=" compact, ./a.h5 ").teacher_names == [
        "compact",
        "./a.h5",
    ]
