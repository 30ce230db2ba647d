"""The formats that a network is exported to, and their registry."""

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from utils.data.atomic import write_atomically
from utils.export import tensorflow_formats
from utils.inference.export_files import PRECISIONS
from utils.inference.exported import ExportedNetwork
from utils.kinds import FilePath, ReadSquares
from utils.output import first_line


class Format(NamedTuple):
    """How one format is written.

    suffix: end of the file's name, behind the precision.
    precisions: that it can have.
    write: function of (network, path, precision, calibration images, SHA-256 of the
        weights).
    open: function from a path to a function that reads by what lies there.
    """

    suffix: str
    precisions: tuple[str, ...]
    write: Callable[..., None]
    open: Callable[[FilePath], ReadSquares]


def check_choice(kind: str, precision: str) -> None:
    """Raises ValueError where a format has no such precision.

    Args:
        kind: key of `FORMATS`.
        precision: as for `export`.
    """
    legal = FORMATS[kind].precisions
    if precision not in legal:
        raise ValueError(
            f"format={kind} has precision {' or '.join(legal)} only, not "
            f"{precision}: it holds the network as it computes. Choose format=onnx or "
            "format=litert for smaller numbers."
        )


def export(
    network: Any,
    path: FilePath,
    precision: str,
    images: np.ndarray | None = None,
    sha256: str | None = None,
    check: Callable[[ReadSquares, Path], None] = lambda read, path: None,
) -> ReadSquares:
    """Writes a network, by the format that the file's name ends in.

    What is there already is replaced only by a file that opens, answers, and is not
    refused.

    Args:
        network: `model.KoOCR`.
        path: file, or folder of a SavedModel, to write.
        precision: `float32`, `float16` or `int8`.
        images: `uint8` (pictures, image_size, image_size) for `int8` to be calibrated
            on.
        sha256: of the weight file that the network was read from, for formats that
            say what they were made of.
        check: function of what is returned, and of where the file lies before it takes
            its name; it raises what it refuses the file by.

    Returns:
        Function from prepared pictures, `uint8` (N, H, W), to a dict of probabilities
        (N, classes), which reads by the file written.

    Raises:
        ValueError: the format cannot hold the network, or has no such precision; what
            was written cannot be read.
        ImportError: a library that it needs is not installed.
    """
    path = Path(path)
    fitting = [k for k, v in FORMATS.items() if str(path).endswith(v.suffix)]
    if not fitting:
        endings = ", ".join(each.suffix for each in FORMATS.values())
        raise ValueError(f"{path}: the name ends in none of {endings}.")
    check_choice(fitting[0], precision)
    form = FORMATS[fitting[0]]
    with _replacing(path) as temporary:
        form.write(network, temporary, precision, images, sha256)
        _try(fitting[0], temporary, network.config.image_size)
        check(form.open(temporary), temporary)
    return form.open(path)


@contextlib.contextmanager
def _replacing(path):
    """Yields a path to write to; what lies there in the end takes the place of `path`.

    After an error `path` is what it was, and nothing is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export") as folder:
        temporary, old = Path(folder) / path.name, Path(folder) / "old"
        yield temporary
        try:
            if path.is_dir():  # a folder cannot be replaced in one step
                os.replace(path, old)
            os.replace(temporary, path)
        finally:
            if old.exists() and not path.exists():
                os.replace(old, path)


def _try(kind, path, size):
    """Raises ValueError unless what was written opens, and answers with numbers."""
    other = "" if kind == "saved_model" else "; choose --format=saved_model"
    if kind == "onnx":
        other += " or another precision"
    try:
        answers = FORMATS[kind].open(path)(np.full((2, size, size), 255, np.uint8))
        if not all(np.isfinite(values).all() for values in answers.values()):
            raise ValueError("it answers with NaN or infinity")
    except ImportError:
        raise
    except Exception as error:  # the runtimes' own kinds
        reason = first_line(error).split(". ")[0].rstrip(".")
        reason = reason.replace(str(path), path.name)
        raise ValueError(
            f"format={kind} cannot hold this network: what was written cannot be read "
            f"({reason}){other}."
        ) from None


def _write_onnx(network, path, precision, images, sha256):
    try:
        from utils.export.onnx_model import make_onnx
        from utils.export.precision import quantize, store_half
    except ModuleNotFoundError as error:
        raise ImportError(
            f"--format=onnx needs {error.name}, which is not installed; run "
            "pip install onnx onnxruntime."
        ) from None
    config = dataclasses.asdict(network.config)
    name = path.stem.removesuffix(f"_{precision}")
    made = make_onnx(network.model, config, network.syllables, name, sha256)
    if precision == "float16":
        made = store_half(made)
    if precision == "int8":
        made = quantize(made, images)
    write_atomically(path, made.SerializeToString())


def _write_litert(network, path, precision, images, sha256):
    tensorflow_formats.check_backend("litert")
    tensorflow_formats.write_litert(network.model, path, precision, images)


def _write_saved_model(network, path, precision, images, sha256):
    tensorflow_formats.check_backend("saved_model")
    tensorflow_formats.write_saved_model(network.model, path)


# Value of --format -> how it is written and opened.
FORMATS = {
    "onnx": Format(".onnx", PRECISIONS, _write_onnx, ExportedNetwork),
    "litert": Format(
        ".tflite", PRECISIONS, _write_litert, tensorflow_formats.open_litert
    ),
    "saved_model": Format(
        "_saved_model",
        ("float32",),
        _write_saved_model,
        tensorflow_formats.open_saved_model,
    ),
}
