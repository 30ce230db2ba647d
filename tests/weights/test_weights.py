import hashlib
import json
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from tests.helpers.small_networks import build, values
from utils.presets import PRETRAINED
from utils.weights import files as weights
from utils.weights import shrinking
from utils.weights.files import WeightsError


@pytest.fixture
def saved(tmp_path):
    model = build()
    path = tmp_path / "net.weights.h5"
    weights.save_weights(model, path, '{"a": 1}')
    return model, path


def test_weights_and_configuration_survive(saved):
    model, path = saved
    other = build()
    assert not np.array_equal(values(other)[0], values(model)[0])
    weights.load_weights(other, path)
    for ours, theirs in zip(values(other), values(model), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert weights.read_config(path) == {"a": 1}
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "net.json",
        "net.weights.h5",
    ]


@pytest.mark.parametrize("text", ['{"mine": 1}', "no JSON"])
def test_another_files_name_is_left_alone(tmp_path, text):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(WeightsError, match="results.json is there and is no network's"):
        weights.save_weights(build(), tmp_path / "results.weights.h5", '{"a": 1}')
    assert (tmp_path / "results.json").read_text() == text
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_half_precision_halves_the_arrays_and_spares_what_overflows(saved):
    model, path = saved
    model.get_layer("bn").moving_variance.assign([1e6, 1, 2, 3, 4])
    weights.save_weights(model, path, "{}", half=True)
    kinds = []
    with h5py.File(path) as file:
        file.visititems(lambda _, item: kinds.append(str(getattr(item, "dtype", ""))))
    assert kinds.count("float16") == 8 and kinds.count("float32") == 1
    other = build()
    weights.load_weights(other, path)
    for ours, theirs in zip(values(other), values(model), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


def test_a_folder_means_its_best_or_its_last(saved, tmp_path):
    model, path = saved
    assert weights.find_weights(tmp_path) == path
    last = tmp_path / "zz.weights.h5"
    last.write_bytes(path.read_bytes())
    assert weights.find_weights(tmp_path) == last
    best = tmp_path / "best.weights.h5"
    best.write_bytes(path.read_bytes())
    assert weights.find_weights(str(tmp_path)) == best


def test_the_name_of_2021_means_the_folder(saved, tmp_path):
    _, path = saved
    folder = tmp_path / "weights"
    folder.mkdir()
    best = folder / "best.weights.h5"
    best.write_bytes(path.read_bytes())
    assert weights.find_weights(tmp_path / "weights.h5") == best


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("old.h5", "expected a name that ends in .weights.h5"),
        ("absent.weights.h5", "there is no such weight file"),
        ("empty", "holds no weights"),
    ],
)
def test_paths_that_mean_nothing_are_refused(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match=message):
        weights.find_weights(tmp_path / name)


def test_a_folder_of_logs_says_where_its_weights_are(tmp_path):
    (tmp_path / "logs" / "weights").mkdir(parents=True)
    (tmp_path / "logs" / "weights" / "best.weights.h5").touch()
    with pytest.raises(WeightsError, match=r"holds no weights .*; .*logs/weights does"):
        weights.find_weights(tmp_path / "logs")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "has no configuration beside it"),
        ("{", "not JSON"),
        ("[1]", "expected a JSON object"),
    ],
)
def test_a_damaged_configuration_is_refused(saved, text, message):
    path = saved[1]
    beside = weights.config_path(path)
    beside.unlink() if text is None else beside.write_text(text)
    with pytest.raises(WeightsError, match=message):
        weights.read_config(path)


def test_saving_wants_the_ending(tmp_path):
    with pytest.raises(WeightsError, match="must end in .weights.h5"):
        weights.save_weights(build(), tmp_path / "net.h5", "{}")


def test_foreign_and_damaged_weights_are_refused(saved, tmp_path):
    model, path = saved
    with pytest.raises(WeightsError, match="not the weights of this network"):
        weights.load_weights(build(units=4), path)
    path.write_bytes(path.read_bytes()[:3000])
    weights.config_path(path).unlink()  # no hash: it is Keras that finds out
    with pytest.raises(WeightsError, match="not the weights of this network"):
        weights.load_weights(model, path)


def test_weights_that_are_no_numbers_are_refused(saved):
    model, path = saved
    model.get_layer("dense").bias.assign([0, np.nan, 0])
    weights.save_weights(model, path, "{}")
    with pytest.raises(WeightsError, match="bias holds NaN or infinity"):
        weights.load_weights(build(), path)


def test_pretrained_weights_go_by_name(tmp_path, monkeypatch):
    assert "melnyk" in weights.presets()
    found = weights.find_weights("melnyk")
    assert found == PRETRAINED / "melnyk" / "melnyk.weights.h5" and found.is_file()
    (tmp_path / "melnyk").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match="melnyk holds no weights"):
        weights.find_weights(Path("melnyk"))  # a path is a path
    with pytest.raises(WeightsError, match="pretrained weights: .*melnyk"):
        weights.find_weights("melnik")


def test_an_option_of_the_configuration_is_changed_alone(saved):
    model, path = saved
    weights.save_weights(model, path, '{"a": 1, "b": "글"}')
    weights.change_config(path, a=2, c=3.5)
    assert weights.read_config(path) == {"a": 2, "b": "글", "c": 3.5}
    other = build()
    weights.load_weights(other, path)  # as they were
    with pytest.raises(WeightsError, match="no configuration beside it"):
        weights.change_config(path.with_name("other.weights.h5"), a=1)


# The hash beside the weights


def test_weights_that_were_changed_are_refused(saved):
    model, path = saved
    facts = json.loads(weights.config_path(path).read_text())
    assert facts == {"a": 1, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    data = bytearray(path.read_bytes())
    place = data.index(values(model)[0].tobytes()[:16])  # of a weight, still a number
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256 is .* gives another"):
        weights.load_weights(model, path)


def test_old_weights_without_a_hash_load(saved):
    model, path = saved
    weights.config_path(path).write_text('{"a": 1}')
    weights.load_weights(build(), path)
    weights.config_path(path).unlink()
    weights.load_weights(build(), path)


def test_the_hash_stays_when_an_option_changes(saved):
    model, path = saved
    before = json.loads(weights.config_path(path).read_text())
    weights.change_config(path, a=2)
    after = json.loads(weights.config_path(path).read_text())
    assert after == before | {"a": 2} and weights.read_config(path) == {"a": 2}


@pytest.mark.parametrize("writes", range(4))
def test_a_save_that_is_killed_leaves_a_pair_that_loads(saved, monkeypatch, writes):
    model, path = saved
    old = values(model)[0].copy()
    model.get_layer("conv").kernel.assign(old + 1)
    write, done = weights.write_atomically, []

    def die(*arguments):
        if len(done) == writes:
            raise KeyboardInterrupt
        done.append(write(*arguments))

    monkeypatch.setattr(weights, "write_atomically", die)
    try:
        weights.save_weights(model, path, '{"a": 1}')
    except KeyboardInterrupt:
        assert writes < 3
    other = build()
    weights.load_weights(other, path)
    np.testing.assert_array_equal(values(other)[0], old + (writes >= 2))


@pytest.mark.parametrize("known", [5, {}, [7], True])
def test_a_hash_that_is_no_text_is_refused(tmp_path, known):
    path = tmp_path / "a.weights.h5"
    weights.save_weights(build(), path, "{}")
    weights.config_path(path).write_text(json.dumps({"sha256": known}))
    with pytest.raises(weights.WeightsError, match=r"a\.json gives another"):
        weights.load_weights(build(), path)


def test_pretrained_weights_carry_their_hash():
    for name in weights.presets():
        path = weights.find_weights(name)
        facts = json.loads(weights.config_path(path).read_text(encoding="utf-8"))
        assert facts["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


# Weights of others


def change(path, function):
    """Alters a weight file, and takes its hash away."""
    with h5py.File(path, "r+") as file:
        function(file, next(n for n in shrinking.array_names(file) if "dense" in n))
    weights.config_path(path).unlink()


def external(file, name):
    del file[name]
    file[name] = h5py.ExternalLink("/etc/passwd", "/x")


def soft(file, name):
    file.move(name, "elsewhere")
    file[name] = h5py.SoftLink("/elsewhere")


def raw(file, name):
    shape = file[name].shape
    del file[name]
    where = [("/dev/zero", 0, h5py.h5f.UNLIMITED)]
    file.create_dataset(name, shape, "f4", external=where)


def virtual(file, name):
    shape = file[name].shape
    del file[name]
    layout = h5py.VirtualLayout(shape, "f4")
    layout[...] = h5py.VirtualSource("other.h5", "x", shape)
    file.create_virtual_dataset(name, layout)


def text(file, name):
    del file[name]
    file[name] = "text"


def huge(file, name):
    del file[name]
    file.create_dataset(name, (2**20, 2**20), "f4", chunks=(64, 64))


def missing(file, name):
    del file[name]


def cycle(file, name):
    file["again"] = file["/"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (external, "is a link"),
        (soft, "is a link"),
        (raw, "lies in another file"),
        (virtual, "lies in another file"),
        (text, "is no array of numbers"),
        (huge, "its arrays hold 1,099,511,[0-9,]+ values"),
        (missing, "dense"),
        (cycle, "too many groups"),
    ],
)
def test_weights_of_strangers(saved, function, message):
    change(saved[1], function)
    model = build()
    with pytest.raises(WeightsError, match=f"not the weights .*{message}"):
        weights.load_weights(model, saved[1])


def test_no_layer_may_be_missing(tmp_path):
    model, whole = build(), tmp_path / "whole.h5"
    model.save_weights(tmp_path / "net.weights.h5")
    whole.write_bytes((tmp_path / "net.weights.h5").read_bytes())
    with h5py.File(whole) as file:
        arrays = shrinking.array_names(file)
    groups = {str(parent) for name in arrays for parent in Path(name).parents[:-1]}
    assert len(arrays) == 9 and len(groups) >= 9
    for name in [*arrays, *groups]:
        path = tmp_path / "net.weights.h5"
        path.write_bytes(whole.read_bytes())
        with h5py.File(path, "r+") as file:
            del file[name]
        with pytest.raises(WeightsError, match="not the weights of this network"):
            weights.load_weights(model, path)


def test_models_with_code_in_them_are_no_weights(tmp_path):
    ran = tmp_path / "ran"
    code = f"lambda x: [open({str(ran)!r}, 'w'), x][1]"
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Lambda(eval(code))(inputs))
    path = tmp_path / "net.keras"
    model.save(path)
    ran.unlink(missing_ok=True)
    with pytest.raises(WeightsError, match="no weight file; expected .*weights.h5"):
        weights.find_weights(path)
    disguised = tmp_path / "net.weights.h5"
    disguised.write_bytes(path.read_bytes())
    with pytest.raises(WeightsError, match="not the weights of this network"):
        weights.load_weights(model, weights.find_weights(disguised))
    assert not ran.exists()
