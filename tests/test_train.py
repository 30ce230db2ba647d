import json

import numpy as np
import pytest

import train
from utils.data.patches import write_patch


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "data" / "printed_0.pickle", images, list("가나다라마바"))
    return tmp_path


def flags(folder, *more):
    paths = [f"--data_path={folder / 'data'}", f"--val_data_path={folder / 'data'}"]
    logs = [f"--log_path={folder / 'logs'}", "--epochs=1", "--batch_size=4"]
    return [*paths, *logs, "--image_size=16", "--fc_link=GAP", *more]


def test_the_script_trains_and_goes_on_from_weights(data, capsys):
    assert train.main(flags(data)) == 0
    assert "| syllable " in capsys.readouterr().out
    saved = json.loads((data / "logs" / "model_options.json").read_text())
    assert saved["fc_link"] == "GAP" and saved["image_size"] == 16
    assert list((data / "logs" / "tensorboard").iterdir())
    weights = f"--weights={data / 'logs' / 'weights'}"
    more = [f"--data_path={data / 'data'}", "--val_data_path=", "--epochs=1"]
    again = [*more, f"--log_path={data / 'again'}", weights, "--silent_mode=true"]
    assert train.main(again) == 0  # network and size come from the weights
    assert capsys.readouterr().out == ""
    assert train.main([*again, "--image_size=96"]) == 1  # the default, but named
    assert "image_size=96 contradicts the weights" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--data_path=nowhere"], "train.py: nowhere: there is no such folder"),
        (["--weights=nowhere.weights.h5"], "there is no such weight file"),
        (["--resume=true"], "there is no run to resume"),
    ],
)
def test_errors_are_one_line_and_status_1(data, capsys, more, message):
    assert train.main(flags(data, *more)) == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--network=VGG16"], "network='VGG16' is not available; choose from: melnyk"),
        (["--direct_map"], "direct_map=true is not available"),
        (["--epoch=3"], "unrecognized arguments: --epoch=3"),
        (["--lr=-1"], "learning_rate=-1.0 is too small"),
    ],
)
def test_illegal_flags_end_with_status_2(data, capsys, more, message):
    with pytest.raises(SystemExit) as stop:
        train.main(flags(data, *more))
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
