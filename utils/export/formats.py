"""The formats that a network is exported to, and their registry."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from utils.data.atomic import write_atomically
from utils.export import tensorflow_formats
from utils.inference.export_files import PRECISIONS
from utils.inference.exported import ExportedNetwork
from utils.kinds import FilePath, ReadSquares


class Format(NamedTuple):
    """How one format is written.

    suffix: end of the file's name, behind the precision.
    precisions: that it can have.
    write: function of (network, path, precision, calibration images).
    """

    suffix: str
    precisions: tuple[str, ...]
    write: Callable[..., ReadSquares]


def check_choice(kind: str, precision: str) -> None:
    """Raises ValueError where a format has no such precision."""
    legal = FORMATS[kind].precisions
    if precision not in legal:
        raise ValueError(
            f"format={kind} has precision {' or '.join(legal)} only, not "
            f"{precision}: it holds the network as it computes. Choose format=onnx or "
            "format=litert for smaller numbers."
        )


def export(
    network: Any, path: FilePath, precision: str, images: np.ndarray | None = None
) -> ReadSquares:
    """Writes a network, by the format that the file's name ends in.

    Args:
        network: `model.KoOCR`.
        path: file, or folder of a SavedModel, to write.
        precision: `float32`, `float16` or `int8`.
        images: `uint8` (pictures, image_size, image_size) for `int8` to be calibrated
            on.

    Returns:
        Function from prepared pictures, `uint8` (N, H, W), to a dict of probabilities
        (N, classes), which reads by the file written.

    Raises:
        ValueError: the format cannot hold the network, or has no such precision.
        ImportError: a library that it needs is not installed.
    """
    fitting = [k for k, v in FORMATS.items() if str(path).endswith(v.suffix)]
    if not fitting:
        endings = ", ".join(each.suffix for each in FORMATS.values())
        raise ValueError(f"{path}: the name ends in none of {endings}.")
    check_choice(fitting[0], precision)
    return FORMATS[fitting[0]].write(network, Path(path), precision, images)


def _export_onnx(network, path, precision, images):
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
    made = make_onnx(network.model, config, network.syllables, name)
    if precision == "float16":
        made = store_half(made)
    if precision == "int8":
        made = quantize(made, images)
    write_atomically(path, made.SerializeToString())
    return ExportedNetwork(path)


def _export_litert(network, path, precision, images):
    tensorflow_formats.check_backend("litert")
    tensorflow_formats.write_litert(network.model, path, precision, images)
    return tensorflow_formats.open_litert(path)


def _export_saved_model(network, path, precision, images):
    tensorflow_formats.check_backend("saved_model")
    tensorflow_formats.write_saved_model(network.model, path)
    return tensorflow_formats.open_saved_model(path)


# Value of --format -> how it is written.
FORMATS = {
    "onnx": Format(".onnx", PRECISIONS, _export_onnx),
    "litert": Format(".tflite", PRECISIONS, _export_litert),
    "saved_model": Format("_saved_model", ("float32",), _export_saved_model),
}
