"""Reads pictures by exported networks with onnxruntime, without Keras."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from utils.inference.export_files import (
    HASH_KEY,
    ONNX_SUFFIX,
    WEIGHTS_SUFFIX,
    ExportError,
    check_range,
    find_export,
    open_session,
    read_facts,
    tell_changes,
)
from utils.inference.looking import look_as_configured
from utils.inference.network import BATCH
from utils.inference.reader import Reader
from utils.kinds import FilePath, Heads
from utils.presets import RANGES


class ExportedNetwork:
    """A network loaded from an ONNX file that `export.py` wrote.

    It can be pickled, and opens its file again when it is unpickled.

    Args:
        path: see `find_export`. A file that is found by the path of weights or of a
            folder must have been made from these weights; one that is named itself is
            read as it is.
        threads: of the processor that a call may use; 0 takes all cores.

    Attributes:
        path: the file.
        config: the options that the network was built with, as attributes.
        precision: `float32`, `float16` or `int8`.
        syllables: what the network can answer, in the order of a flat head's classes.
        session: the `onnxruntime.InferenceSession`, from `images`, `uint8` (batch,
            image_size, image_size, 1), to probabilities (batch, classes) by head.

    Raises:
        ExportError: there is no such file, it is no export that this version reads, or
            the weights have changed since.
        ImportError: onnxruntime is not installed.
    """

    def __init__(self, path: FilePath, threads: int = 0) -> None:
        self._open(find_export(path), threads)
        if Path(path) != self.path:
            _check_weights(self.path, self._facts)

    def _open(self, path, threads):
        """Opens a file and reads its metadata."""
        self.path, self._threads = path, threads
        self.session = open_session(path, threads)
        self._facts, self.syllables = read_facts(self.session, path)
        self.config = SimpleNamespace(**self._facts["config"])
        self.precision = self._facts["precision"]
        self._names = [each.name for each in self.session.get_outputs()]

    def __getstate__(self) -> dict[str, Any]:
        # A session has threads and memory of its own, which no other process can take.
        return vars(self) | {"session": None, "path": Path(os.path.abspath(self.path))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._open(state["path"], state["_threads"])
        if self._facts != state["_facts"]:
            raise ExportError(f"{self.path} is another file than when it was pickled.")
        self.config = state["config"]  # options may have been given

    def __call__(self, images: np.ndarray) -> Heads:
        """Applies the network to prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).

        Returns:
            Dict of `float32` arrays (pictures, classes) by output name.
        """
        images = np.asarray(images, np.uint8)[..., None]
        parts = [
            self.session.run(self._names, {"images": images[start : start + BATCH]})
            for start in range(0, max(len(images), 1), BATCH)
        ]
        columns = zip(*parts, strict=True)
        return dict(zip(self._names, map(np.concatenate, columns), strict=True))


class ExportedReader(Reader):
    """Reads pictures by an exported network: what `KoOCR(engine="onnx")` is.

    Args:
        weights: see `find_export`.
        threads: of the processor that a call may use; 0 takes all cores.
        warm_up: read a blank picture at once, so that the first answer takes no longer
            than the next ones.
        **options: of the network, as it was built; `temperature`, `first_look` and
            `second_look` may differ.

    Attributes:
        network: the `ExportedNetwork`.
        config: its options, as attributes.
        syllables: what it can answer, in the order of a flat head's classes.

    Raises:
        TypeError: an option is unknown.
        ExportError: there is no such file, it is no export that this version reads, or
            an option contradicts it.
        ImportError: onnxruntime is not installed.
    """

    def __init__(
        self,
        weights: FilePath,
        *,
        threads: int = 0,
        warm_up: bool = False,
        **options: Any,
    ) -> None:
        self.network = ExportedNetwork(weights, threads)
        self.config, self.syllables = self.network.config, self.network.syllables
        _apply_options(self.config, options, self.network.path)
        if warm_up:
            self._read_blank()

    def __getattr__(self, name: str) -> NoReturn:
        # Called only for missing attributes; the message says why they are missing.
        raise AttributeError(
            f"An exported network has no {name!r}: it reads, and needs engine='keras' "
            "and its weights for more."
        )

    def probabilities(self, images: np.ndarray) -> Heads:
        """Applies the network to prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).

        Returns:
            Dict of `float32` arrays (pictures, classes) by output name, calibrated by
            the configuration's `temperature`.

        Raises:
            ValueError: they are not prepared ones of that size.
        """
        return look_as_configured(self.network, images, self.config)

    def quick_probabilities(self, images: np.ndarray) -> Heads:
        """Applies the network like `probabilities`, without a second look.

        Args:
            images: `uint8` (pictures, image_size, image_size).
        """
        return look_as_configured(self.network, images, self.config, once=True)


def _check_weights(path, facts):
    """Raises ExportError where an export was not made from the weights beside it."""
    precision = facts["precision"]
    name = path.name.removesuffix(f"_{precision}{ONNX_SUFFIX}")
    weights = path.with_name(name + WEIGHTS_SUFFIX)
    if HASH_KEY not in facts or not weights.is_file():
        return
    try:
        changes = tell_changes(facts, weights)
    except ValueError as error:
        raise ExportError(f"What lies beside {weights}: {error}") from None
    # An error, for the wrong answers of another network look as good as right ones.
    if changes:
        raise ExportError(
            f"{path}: since this export was made, {weights.name} changed: {changes}. "
            f"Run python export.py --format=onnx --precision={precision} "
            f"--weights={weights}, or name {path.name} itself to read it as it is."
        )


def _apply_options(config, options, path):
    """Sets the options that may differ; raises where another contradicts the file."""
    for name, value in options.items():
        if not hasattr(config, name):
            raise TypeError(f"engine='onnx' has no option {name!r}.")
        if name in RANGES:
            check_range(name, value, ExportError)
            setattr(config, name, float(value))
        elif value != getattr(config, name):
            raise ExportError(
                f"{name}={value!r} contradicts {path}, which was made with "
                f"{name}={getattr(config, name)!r}; leave the option out."
            )
