"""What a run was made with: one entry for its start and for each time it went on."""

import dataclasses
import datetime
import importlib
import json
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

from utils.backend import keras
from utils.data.atomic import write_atomically
from utils.json_text import read_object

FILE = "starts.json"


def record_start(options, progress):
    """Adds to a run's log folder what it is made with from here on.

    Args:
        options: `utils.training_config.TrainConfig`.
        progress: `utils.training.progress.Progress`: where the run stands. At its first
            step the record is a new one, whatever lay there of others.

    Raises:
        ValueError: what lies there is no such record.
    """
    path = Path(options.log_path) / FILE
    earlier = _read(path) if progress.steps_done() and path.exists() else []
    now = datetime.datetime.now(datetime.timezone.utc)
    entry = {
        "started": now.isoformat(timespec="seconds"),
        "epoch": progress.epoch,
        "step": progress.step,
        "backend": keras.backend.backend(),
        "versions": _versions(),
        "options": dataclasses.asdict(options),
    }
    text = json.dumps({"starts": [*earlier, entry]}, indent=2, ensure_ascii=False)
    write_atomically(path, text.encode())


def _read(path):
    """Returns the entries of a record."""
    try:
        entries = read_object(path.read_bytes()).get("starts")
        if not isinstance(entries, list):
            raise ValueError("it has no list of starts.")
    except ValueError as error:
        raise ValueError(
            f"{path}: not a record of a run's starts ({error}) Move it away."
        ) from None
    return entries


def _versions():
    """Returns the versions of what computes, by name; None where one is unknown."""
    backend = keras.backend.backend()
    found = {"koocr": None, "python": platform.python_version()}
    try:
        found["koocr"] = metadata.version("koocr")
    except metadata.PackageNotFoundError:  # a folder that is not installed
        pass
    found |= {"keras": keras.__version__, "numpy": np.__version__}
    return found | {backend: importlib.import_module(backend).__version__}
