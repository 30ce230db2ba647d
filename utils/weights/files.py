"""Weight files and the configuration beside them."""

import json
import tempfile
from pathlib import Path

import numpy as np

from utils.backend import keras
from utils.data.atomic import SAVING, write_atomically
from utils.json_text import read_object
from utils.output import first_line
from utils.presets import WEIGHTS_SUFFIX, preset_names, preset_path
from utils.weights.contents import (
    check_arrays,
    config_path,
    digest,
    prototypes_path,
)
from utils.weights.shrinking import halve, squeeze

BEST = f"best{WEIGHTS_SUFFIX}"
HASH = "sha256"  # in the configuration: that of the weight file, or of two while saving


class WeightsError(ValueError):
    """Weights cannot be used; the message names the file and the reason."""


def presets():
    """Returns the names of the pretrained weights that are there."""
    return preset_names((WEIGHTS_SUFFIX,))


def find_weights(path):
    """Returns the weight file that a path or a name means.

    Args:
        path: the name of pretrained weights (see `presets`); or a `.weights.h5` file;
            or a folder: then its only one, its `best`, or the last by name. The file
            `weights.h5` of 2021 is the folder `weights` beside it where there is none.

    Raises:
        WeightsError: there is none.
    """
    path = preset_path(path)
    if path.name == "weights.h5" and not path.exists():
        path = path.with_suffix("")
    if path.is_dir():
        found = sorted(path.glob(f"*{WEIGHTS_SUFFIX}"))
        if found:
            return path / BEST if path / BEST in found else found[-1]
        below = path / "weights"  # of a folder of logs
        hint = f"; {below} does" if any(below.glob(f"*{WEIGHTS_SUFFIX}")) else ""
        raise WeightsError(f"{path} holds no weights (*{WEIGHTS_SUFFIX}){hint}.")
    if path.suffix == ".onnx":
        raise WeightsError(f"{path} is an exported network: engine='onnx' reads it.")
    if not path.name.endswith(WEIGHTS_SUFFIX):
        wrong = "is no weight file" if path.exists() else "is not there"
        raise WeightsError(
            f"{path} {wrong}; expected a name that ends in {WEIGHTS_SUFFIX}, "
            "a folder of them, such as ./logs/weights, or pretrained weights: "
            f"{', '.join(presets())}."
        )
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such weight file.")
    return path


def read_config(path):
    """Returns the options saved beside a weight file, as a dict.

    Raises:
        WeightsError: the file is missing or no JSON object.
    """
    options = _read_facts(path)
    options.pop(HASH, None)
    return options


def _read_facts(path):
    """Returns what stands beside a weight file: the options, and its hash."""
    beside = config_path(path)
    try:
        return read_object(beside.read_bytes())
    except FileNotFoundError:
        raise WeightsError(
            f"{path} has no configuration beside it; expected {beside}, which training "
            "and KoOCR.save write."
        ) from None
    except ValueError as error:
        raise WeightsError(f"{beside}: {error}") from None


def change_config(path, **changes):
    """Writes other values of options to the configuration beside a weight file.

    Args:
        path: weight file.
        **changes: option name -> value.

    Raises:
        WeightsError: there is no configuration.
    """
    _write_facts(path, _read_facts(path) | changes)


def _write_facts(path, facts):
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    write_atomically(config_path(path), text.encode())


def save_weights(model, path, config_json, half=False, packed=False):
    """Writes a model's weights and its configuration, each file atomically.

    Prototypes beside weights that were there before go: they are of these.

    Args:
        model: `keras.Model`.
        path: file name that ends in `.weights.h5`.
        config_json: the configuration as JSON text.
        half: store float16, half the size; what would overflow stays float32.
        packed: squeeze the arrays without loss, which pays where many are alike.

    Raises:
        WeightsError: the name has another ending, or its `.json` is something else's.
    """
    path = Path(path)
    if not path.name.endswith(WEIGHTS_SUFFIX):
        raise WeightsError(f"{path}: the name must end in {WEIGHTS_SUFFIX}.")
    _check_beside(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=SAVING) as folder:
        temporary = Path(folder) / path.name
        model.save_weights(temporary)
        if half:
            halve(temporary)
        if packed:
            squeeze(temporary)
        _write_both(path, read_object(config_json), temporary.read_bytes())


def _check_beside(path):
    """Raises WeightsError where the configuration would replace another's file."""
    if path.is_file() or not config_path(path).exists():
        return
    try:
        ours = "network" in _read_facts(path)
    except WeightsError:
        ours = False
    if not ours:
        raise WeightsError(
            f"{config_path(path)} is there and is no network's configuration, which "
            f"would be written to it; choose another name than {path.name}."
        )


def _write_both(path, options, data):
    """Writes the two files in steps, after each of which they fit each other."""
    hashes = [digest(data)]
    if path.is_file():
        hashes.append(digest(path.read_bytes()))
    _write_facts(path, options | {HASH: hashes})
    write_atomically(path, data)
    prototypes_path(path).unlink(missing_ok=True)  # of the weights that were there
    _write_facts(path, options | {HASH: hashes[0]})


def load_weights(model, path):
    """Loads a weight file into a model of the same build.

    Args:
        model: `keras.Model`.
        path: of the file.

    Raises:
        WeightsError: it is damaged, another network's, holds NaN, or fails its SHA-256.
    """
    _check_hash(path)
    try:
        check_arrays(path, model.count_params())
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise nearly anything on damage
        reason = first_line(error)
        raise WeightsError(
            f"{path}: not the weights of this network ({reason})."
        ) from None
    for variable in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            raise WeightsError(f"{path}: {variable.path} holds NaN or infinity.")


def _check_hash(path):
    """Compares a weight file with the hash beside it; old files have none."""
    if not config_path(path).is_file():
        return
    expected = _read_facts(path).get(HASH)
    if expected is None:
        return
    found = digest(Path(path).read_bytes())
    if found not in (expected if isinstance(expected, list) else [expected]):
        raise WeightsError(
            f"{path}: its SHA-256 is {found}, and {config_path(path)} gives another: "
            "the file is damaged, or not the one that was saved with it. Fetch both "
            f"again; if you changed the weights on purpose, remove {HASH!r} there."
        )
