import json

import numpy as np
import pytest

import train
from model import KoOCR
from utils.analysis.gradcam import grad_cams, has_exact_cams
from utils.data.patches import write_patch
from utils.hangul import COMPONENTS
from utils.training.checkpoints import STATE
from utils.training.loop import Trainer
from utils.training.states import read_facts


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "data" / "printed_0.pickle", images, list("가나다라마바"))
    write_patch(tmp_path / "data" / "clova_0.pickle", images[:2], list("사아"))
    return tmp_path


def flags(folder, *more):
    paths = [f"--data_path={folder / 'data'}", f"--val_data_path={folder / 'data'}"]
    logs = [f"--log_path={folder / 'logs'}", "--epochs=1", "--batch_size=4"]
    return [*paths, *logs, "--image_size=16", "--fc_link=GAP", *more]


def test_the_script_trains_and_goes_on_from_weights(data, tiny_network, capsys):
    assert train.main(flags(data, f"--network={tiny_network}")) == 0
    told = capsys.readouterr()
    assert told.err == "" and told.out.count("\n") == 1  # a line an epoch, no bar
    assert told.out.startswith("epoch 1 | ") and "| syllable " in told.out
    saved = json.loads((data / "logs" / "model_options.json").read_text())
    assert saved["fc_link"] == "GAP" and saved["image_size"] == 16
    (events,) = (data / "logs" / "tensorboard").iterdir()
    shown = events.read_bytes()
    for name in ("learning_rate", "images_per_second", "val_medial", "predictions"):
        assert name.encode() in shown
    assert all(f"confusion_{jamo}".encode() in shown for jamo in COMPONENTS)
    weights = f"--weights={data / 'logs' / 'weights'}"
    more = [f"--data_path={data / 'data'}", "--val_data_path=", "--epochs=1"]
    again = [*more, f"--log_path={data / 'again'}", weights, "--silent_mode=true"]
    assert train.main(again) == 0  # network and size come from the weights
    assert capsys.readouterr().out == ""
    assert train.main([*again, "--image_size=96"]) == 1  # the default, but named
    assert "image_size=96 contradicts the weights" in capsys.readouterr().err
    assert train.main([*again, "--initial_weights=pretrained/melnyk"]) == 1
    assert "give one of the two" in capsys.readouterr().err


def test_options_that_only_the_weights_allow_are_theirs(data, tiny_network, capsys):
    more = [f"--network={tiny_network}", "--early_exit", "--silent_mode=true"]
    assert train.main(flags(data, *more)) == 0
    again = [f"--data_path={data / 'data'}", "--val_data_path=", "--epochs=1"]
    again += [f"--log_path={data / 'again'}", f"--weights={data / 'logs' / 'weights'}"]
    assert train.main([*again, "--exit_threshold=0.9", "--silent_mode=true"]) == 0
    saved = json.loads((data / "again" / "model_options.json").read_text())
    assert saved["exit_threshold"] == 0.9


@pytest.mark.parametrize(
    ("given", "expected"),
    [([], (0.8, 0.5)), (["--first_look=1", "--second_look=0.25"], (1.0, 0.25))],
)
def test_what_begins_with_weights_looks_as_they_do(data, tiny_network, given, expected):
    start = data / "start" / "a.weights.h5"
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    looks = {"first_look": 0.8, "second_look": 0.5}
    KoOCR(weights=None, **options, **looks).save(start)
    more = [f"--initial_weights={start}", f"--network={tiny_network}", *given]
    assert train.main(flags(data, "--silent_mode=true", *more)) == 0
    trained = KoOCR(data / "logs" / "weights").config
    assert (trained.first_look, trained.second_look) == expected


def test_what_begins_with_weights_is_built_as_they_are(data, tiny_network):
    start = data / "start" / "a.weights.h5"
    options = {"network": tiny_network, "fc_link": "GWOAP", "image_size": 24}
    begun = KoOCR(weights=None, **options, temperature=2.0)
    begun.save(start)
    more = [f"--data_path={data / 'data'}", "--val_data_path=", "--epochs=1"]
    more += [f"--log_path={data / 'logs'}", "--silent_mode=true"]
    assert train.main([*more, f"--initial_weights={start}", "--image_size=16"]) == 0
    trained = KoOCR(data / "logs" / "weights").config
    assert (trained.network, trained.fc_link) == (tiny_network, "GWOAP")
    assert (trained.image_size, trained.temperature) == (16, 1.0)


def test_help_says_what_the_script_does(capsys):
    with pytest.raises(SystemExit) as ended:
        train.main(["--help"])
    assert ended.value.code == 0
    assert train.__doc__.splitlines()[0] in capsys.readouterr().out


def test_ctrl_c_says_how_to_go_on(data, tiny_network, capsys, monkeypatch):
    step = Trainer._train_step

    def interrupted_step(self, images, targets):
        if self.progress.step == 1:
            raise KeyboardInterrupt
        step(self, images, targets)

    more = [f"--network={tiny_network}", "--silent_mode=true"]
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_train_step", interrupted_step)
        assert train.main(flags(data, *more)) == 130
    assert capsys.readouterr().err == (
        "train.py: stopped; the same command with --resume=true goes on.\n"
    )
    assert read_facts(data / "logs" / STATE)["step"] == 1
    assert train.main(flags(data, *more, "--resume=true")) == 0


# Every method; "tiny" is the network of the fixture.
METHODS = {
    "afl": ["--network=afl", "--image_size=34"],
    "mobilenet": ["--network=mobilenet", "--image_size=32"],
    "direct_map": ["--direct_map", "--raw_plane", "--image_size=32"],
    "refinement": ["--iterative_refinement", "--refinement_t=2"],
    "sequence": ["--decoder=sequence", "--fc_link="],
    "hybrid": ["--loss=hybrid", "--hybrid_weight=0.5"],
    "joint-hybrid": ["--loss=joint-hybrid"],
    "flat": ["--split_components=false"],
    "early_exit": ["--early_exit", "--exit_threshold=0.5"],
    "muon": ["--optimizer=muon"],
    "adversarial": ["--adversarial_learning", "--adversarial_ratio=0.3"],
    "judged": ["--adversarial_learning", "--fit_discriminator=false"],
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_trains_saves_loads_and_reads(data, method, tiny_network):
    more = ["--network=tiny", "--log_tensorboard=false", "--silent_mode=true"]
    more += ["--optimizer=sgd"]  # the quickest to trace
    assert train.main(flags(data, *more, *METHODS[method])) == 0
    network = KoOCR(data / "logs" / "weights")
    picture = np.random.default_rng(1).integers(0, 256, (20, 20)).astype(np.uint8)
    answers = network.predict(picture, n=5, scores=True)
    assert len({syllable for syllable, _ in answers}) == 5
    assert 0 < sum(probability for _, probability in answers) <= 1 + 1e-6
    prepared = network.prepare(picture)[None]
    maps = grad_cams(network.model, prepared)
    assert maps.keys() == set(network.model.output_names)
    assert has_exact_cams(network.model) == (method not in ("refinement", "sequence"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--data_path=nowhere"], "train.py: nowhere: there is no such folder"),
        (["--val_data_path=none"], "such folder. val_data_path='' trains without them"),
        (["--weights=nowhere.weights.h5"], "there is no such weight file"),
        (["--adversarial_ratio=0.1"], "set adversarial_learning=true, or leave it"),
        (["--fit_discriminator=false"], "set adversarial_learning=true, or leave it"),
        (["--dropout=0", "--decoder=sequence", "--fc_link="], "leave no features out"),
    ],
)
def test_errors_are_one_line_and_status_1(data, capsys, more, message):
    assert train.main(flags(data, *more)) == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--network=VGG19"], "network='VGG19' is not available; choose from: VGG16"),
        (["--raw_plane"], "needs direct_map=true"),
        (["--epoch=3"], "unrecognized arguments: --epoch=3"),
        (["--lr=-1"], "learning_rate=-1.0 is too small"),
    ],
)
def test_illegal_flags_end_with_status_2(data, capsys, more, message):
    with pytest.raises(SystemExit) as stop:
        train.main(flags(data, *more))
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
