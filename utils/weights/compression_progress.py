"""The finished stages of a compression <-> the JSON file that records them."""

import json
from pathlib import Path

from utils.data.atomic import write_atomically
from utils.json_text import read_object

PROGRESS = "compression.json"


def write_progress(path, options, names, rows):
    """Records the finished stages, atomically.

    Args:
        path: of `compression.json`.
        options: dict of what the stages depend on.
        names: list of the convolutions to be split.
        rows: list of dicts, one a stage.
    """
    text = json.dumps({"options": options, "names": names, "rows": rows}, indent=2)
    write_atomically(path, text.encode())


def read_progress(path):
    """Returns what is recorded of the finished stages: `options`, `names`, `rows`.

    Args:
        path: of `compression.json`.

    Raises:
        ValueError: the file is damaged.
        OSError: it cannot be read.
    """
    try:
        facts = read_object(Path(path).read_bytes())
        if not isinstance(facts["options"], dict):
            raise TypeError("its options are no object")
        if not all(isinstance(name, str) for name in facts["names"]):
            raise TypeError("its names are no text")
        for row in facts["rows"]:
            _check_row(row)
    except (ValueError, KeyError, TypeError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise ValueError(
            f"{path} does not record a compression ({reason}); restore it, or choose "
            "another log_path."
        ) from None
    return facts


def _check_row(row):
    """Raises TypeError or KeyError where a stage's row is not as one is written."""
    figures = [row["multiply_adds"], row["megabytes"], row["dropped"], row["syllable"]]
    if not all(isinstance(each, (int, float, type(None))) for each in figures):
        raise TypeError("a figure is no number")
    name = row["weights"]
    # A name alone: nothing outside the folder is read.
    if not isinstance(row["stage"], str) or Path(name).name != name:
        raise TypeError("a stage is not named")
