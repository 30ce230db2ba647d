import json

import numpy as np
import pytest

import compress
from model import KoOCR
from tests.helpers.small_networks import thin
from utils.data.patches import write_patch
from utils.nn import backbones
from utils.nn.pruning import heavy_variables


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setitem(backbones.BACKBONES, "thin", thin)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 20, 20)).astype(np.uint8)
    labels = list("가나다라마바사아")
    write_patch(tmp_path / "data" / "printed_0.pickle", images, labels)
    network = KoOCR(weights=None, network="thin", fc_link="GAP", image_size=16)
    network.save(tmp_path / "thin.weights.h5")
    return tmp_path


STEPS = ("--pair_steps=2", "--tune_steps=1", "--drop_steps=4")
SHARED = ("--silent_mode=true", "--speedup=1", "--drop_ratio=0")  # what is quick


def flags(folder, *more, steps=STEPS):
    patches, weights = folder / "data", folder / "thin.weights.h5"
    paths = [f"--weights={weights}", f"--log_path={folder / 'out'}"]
    paths += [f"--data_path={patches}", f"--val_data_path={patches}"]
    how = ["--clusters=8", "--optimizer=sgd", "--batch_size=4"]
    return [*paths, *steps, *how, *more]


def test_every_stage_is_saved_measured_and_not_done_twice(data, capsys, monkeypatch):
    assert compress.main(flags(data, "--silent_mode=true", "--speedup=2")) == 0
    printed = capsys.readouterr().out
    rows = json.loads((data / "out" / "compression.json").read_text())["rows"]
    stages = ["given", "pair thin1_conv", "pair thin2_conv", "tune", "drop", "share"]
    assert [row["stage"] for row in rows] == stages
    costs = [row["multiply_adds"] for row in rows]
    assert costs[0] > costs[1] > costs[2] == costs[5]
    assert rows[4]["dropped"] == pytest.approx(0.6, abs=0.02)
    assert rows[5]["dropped"] == pytest.approx(0.6, abs=0.02)
    for stage in stages:
        assert stage in printed
    last = KoOCR(data / "out" / rows[-1]["weights"])
    assert last.config.low_rank == "thin1_conv=5,thin2_conv=6"
    for variable in heavy_variables(last.training_model):
        values = np.unique(np.array(variable))
        assert len(values[values != 0]) <= 8
    assert len(last.predict(np.eye(20) * 255, n=3)) == 3

    # Killed after the split of one layer, the run goes on with the next.
    kept = json.loads((data / "out" / "compression.json").read_text())
    kept["rows"] = kept["rows"][:2]
    (data / "out" / "compression.json").write_text(json.dumps(kept))
    again = flags(data, "--silent_mode=true", "--speedup=2")
    assert compress.main(again) == 0
    assert capsys.readouterr().out.split("ms a picture")[0].count("pair thin") == 2
    redone = json.loads((data / "out" / "compression.json").read_text())["rows"]
    assert [row["stage"] for row in redone] == stages
    assert redone[1] == rows[1] and redone[3]["syllable"] == rows[3]["syllable"]


def test_other_options_do_not_mix_with_a_finished_stage(data, capsys):
    assert compress.main(flags(data, *SHARED, steps=())) == 0
    assert compress.main(flags(data, *SHARED, "--seed=4", steps=())) == 1
    assert "with other options (seed)" in capsys.readouterr().err
    KoOCR(weights=None, network="thin", fc_link="GAP", image_size=16).save(
        data / "thin.weights.h5"
    )
    assert compress.main(flags(data, *SHARED, steps=())) == 1
    assert "with other options (weights' SHA-256)" in capsys.readouterr().err


def test_what_needs_its_own_losses_is_refused(data, capsys):
    spelling = KoOCR(weights=None, network="thin", decoder="sequence", image_size=16)
    spelling.save(data / "thin.weights.h5")
    assert compress.main(flags(data)) == 1
    assert "decoder=sequence" in capsys.readouterr().err


ROW = {"stage": "given", "multiply_adds": 1, "megabytes": 1.0, "dropped": 0.0}
ROW |= {"syllable": None, "weights": "stage_00.weights.h5"}
PROGRESS = {"options": {}, "names": ["thin1_conv"], "rows": [ROW]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 10**5, "nested too deep"),
        ("[]", "expected a JSON object, got list"),
        ("{}", "no 'options'"),
        (json.dumps(PROGRESS | {"options": 3}), "its options are no object"),
        (json.dumps(PROGRESS | {"names": [3]}), "its names are no text"),
        (json.dumps(PROGRESS | {"rows": [{}]}), "no 'multiply_adds'"),
        (json.dumps(PROGRESS | {"rows": [ROW | {"dropped": "a"}]}), "is no number"),
        (json.dumps(PROGRESS | {"rows": [ROW | {"weights": "../a"}]}), "is not named"),
    ],
)
def test_damaged_progress_is_one_line(data, capsys, text, message):
    (data / "out").mkdir()
    path = data / "out" / "compression.json"
    path.write_text(text)
    assert compress.main(flags(data)) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"{path} does not record a compression" in said and message in said
    assert path.read_text() == text


def test_stage_whose_weights_are_gone(data, capsys):
    assert compress.main(flags(data, *SHARED, steps=())) == 0
    (data / "out" / "stage_01.weights.h5").unlink()
    assert compress.main(flags(data, *SHARED, steps=())) == 1
    assert "stage_01.weights.h5: there is no such weight" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--speedup=1", "--pair_steps=7"], "pair_steps=7 is read by nothing that was"),
        (["--speedup=1", "--tune_steps=9"], "tune_steps=9 is read by nothing that was"),
        (["--drop_ratio=0", "--drop_steps=5"], "drop_steps=5 is for drop_ratio; set"),
    ],
)
def test_steps_of_what_is_not_done_are_refused(capsys, given, message):
    with pytest.raises(SystemExit, match="2"):
        compress.main(given)
    assert message in capsys.readouterr().err


def test_steps_that_an_earlier_version_took_for_read_change_nothing(data):
    path = data / "out" / "compression.json"
    assert compress.main(flags(data, *SHARED, steps=())) == 0
    facts = json.loads(path.read_text())
    facts["options"] |= {"pair_steps": 2, "tune_steps": 1, "drop_steps": 4}
    path.write_text(json.dumps(facts))
    assert compress.main(flags(data, *SHARED, steps=())) == 0


def test_options_that_only_train_py_reads_are_refused(data, capsys):
    with pytest.raises(SystemExit, match="2"):
        compress.main(flags(data, "--epochs=3", "--max_minutes=5"))
    said = capsys.readouterr().err
    assert "unrecognized arguments: --epochs=3 --max_minutes=5" in said
    with pytest.raises(SystemExit, match="0"):
        compress.main(["--help"])
    shown = capsys.readouterr().out
    assert "--dropout" in shown and "--epochs" not in shown and "--resume" not in shown
