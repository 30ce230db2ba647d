"""The state of a training run: everything that its next step depends on."""

import json
import tempfile

import numpy as np
from keras import ops

from utils.data.patches import write_atomically
from utils.weights import DAMAGED, WeightsError


def save_state(path, variables, facts):
    """Writes the state of a training run atomically.

    Args:
        path: `.npz` file.
        variables: list of Keras variables: of the model, then of the optimizer.
        facts: JSON-serialisable dict: where the run stands.
    """
    arrays = {f"v{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}
    with tempfile.TemporaryFile() as file:
        np.savez(file, facts=json.dumps(facts), **arrays)
        file.seek(0)
        write_atomically(path, file.read())


def load_state(path, variables):
    """Reads the state of a training run into the variables; returns its facts.

    Raises:
        WeightsError: the file is damaged or of another network or optimizer.
    """
    facts = read_facts(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[f"v{i}"] for i in range(len(file.files) - 1)]
    except DAMAGED as error:
        raise WeightsError(f"{path}: a damaged training state ({error}).") from None
    if [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        raise WeightsError(f"{path}: the state of another network or optimizer.")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return facts


def read_facts(path):
    """Returns the facts of a training state without touching any variable.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return json.loads(str(file["facts"]))
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: there is no run to resume; start one without resume=true."
        ) from None
    except DAMAGED as error:
        raise WeightsError(f"{path}: not a training state ({error}).") from None
