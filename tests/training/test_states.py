import json

import keras
import numpy as np
import pytest

from utils.training import states
from utils.weights.files import WeightsError


def build(units=3):
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(units)(inputs))


def test_state_survives(tmp_path):
    path = tmp_path / "state.npz"
    variables = build().variables
    states.save_state(path, variables, {"epoch": 3, "text": "가"})
    others = build().variables
    assert states.load_state(path, others) == {"epoch": 3, "text": "가"}
    for ours, theirs in zip(others, variables, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_states_that_cannot_be_used_are_refused(tmp_path):
    path = tmp_path / "state.npz"
    with pytest.raises(WeightsError, match="there is no run to resume"):
        states.read_facts(path)
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="not a training state"):
        states.read_facts(path)
    states.save_state(path, build().variables, {})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])  # a zip without its end
    with pytest.raises(WeightsError, match="not a training state"):
        states.read_facts(path)
    place = whole.index(b"NUMPY") + 100  # within the first array
    path.write_bytes(whole[:place] + b"damage" + whole[place + 6 :])
    with pytest.raises(WeightsError, match="damaged training state|not a training"):
        states.load_state(path, build().variables)
    np.savez(path, facts=np.array([object()], object), allow_pickle=True)
    with pytest.raises(WeightsError, match="not a training state"):
        states.read_facts(path)
    states.save_state(path, build().variables, {})
    with pytest.raises(WeightsError, match="of another network or optimizer"):
        states.load_state(path, build(units=4).variables)


def test_facts_are_plain_json(tmp_path):
    path = tmp_path / "state.npz"
    states.save_state(path, [], {"epoch": 1})
    with np.load(path, allow_pickle=False) as file:
        assert json.loads(str(file["facts"])) == {"epoch": 1}
