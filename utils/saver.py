"""A reader whose network is written: as weights, and in formats without Keras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

# What needs Keras is imported where it serves: reading needs little of it.
from utils.explained_reader import ExplainedReader
from utils.forks import check_process
from utils.inference.export_files import PRECISIONS
from utils.kinds import FilePath, Network, Picture

if TYPE_CHECKING:
    from utils.config import ModelConfig


class Saver(ExplainedReader):
    """A reader that can be kept in files."""

    config: ModelConfig
    training_model: Network
    prototypes: Any
    _process: int

    def save(self, path: FilePath, half: bool = False, packed: bool = False) -> None:
        """Writes the weights, and the configuration as JSON beside them.

        Args:
            path: file name that ends in `.weights.h5`.
            half: store float16, half the size.
            packed: squeeze without loss, which pays after compression.

        Raises:
            ValueError: the name has another ending.
        """
        from utils import adapting
        from utils.weights.files import save_weights

        check_process(self._process)
        save_weights(self.training_model, path, self.config.to_json(), half, packed)
        if self.prototypes is not None:
            adapting.save_prototypes(path, self.prototypes)

    def export(
        self,
        path: FilePath,
        precision: str = "float32",
        *,
        calibration: Sequence[Picture] | np.ndarray | None = None,
    ) -> Path:
        """Writes the network in a format that runs without Keras.

        `export.py` does this for a file of weights, and compares what both answer.
        Of a network with early heads the last ones are written.

        Args:
            path: file name that ends in `.onnx` or `.tflite`, or a folder's that ends
                in `_saved_model`; what is there is replaced.
            precision: `float32`, `float16` or `int8`.
            calibration: for `int8`, some hundred pictures such as will be read.

        Returns:
            The path. `KoOCR(path, engine="onnx")` reads by a `.onnx` file.

        Raises:
            ValueError: name, precision and calibration do not fit together, or the
                format cannot hold the network.
            ImportError: a library that the format needs is not installed.
        """
        from utils.export import formats

        check_process(self._process)
        _check_precision(precision, calibration)
        images = None if calibration is None else self.prepare_all(calibration)
        formats.export(self, path, precision, images)
        return Path(path)


def _check_precision(precision, calibration):
    """Raises ValueError where a precision is none, or pictures are not as it needs."""
    if precision not in PRECISIONS:
        raise ValueError(
            f"precision={precision!r}; expected one of {', '.join(PRECISIONS)}."
        )
    if precision == "int8" and calibration is None:
        raise ValueError(
            "precision='int8' is calibrated on pictures; hand over some hundred such "
            "as will be read, calibration=[...]."
        )
    if precision != "int8" and calibration is not None:
        raise ValueError(
            f"precision={precision!r} reads no calibration; leave it out, or choose "
            "int8."
        )
