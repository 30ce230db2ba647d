"""Exported networks, read by onnxruntime alone: neither Keras nor its backends."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from utils.hangul import ALL_SYLLABLES, COMPONENTS, is_syllable
from utils.inference.decoding import FLAT
from utils.inference.looking import look_twice
from utils.inference.network import BATCH
from utils.inference.reader import Reader
from utils.inference.tempering import temper
from utils.json_text import read_object
from utils.kinds import FilePath, Heads
from utils.presets import preset_path

KEY = "koocr"  # of the metadata of an ONNX file; its value is JSON
FORMAT = 1  # version of that JSON: raised when older readers would misread it
SUFFIX = ".onnx"
PRECISIONS = ("float32", "float16", "int8")

_RANGES = {"temperature": (0.05, 20), "second_look": (0, 1)}  # of what may differ
_LATER = {"temperature": 1.0, "second_look": 0.0}  # options that came after `FORMAT`


class ExportError(ValueError):
    """An exported file cannot be used; the message names it and the reason."""


class ExportedNetwork:
    """An ONNX file of `export.py`, checked, ready to read prepared pictures.

    Args:
        path: see `find_export`.
        threads: of the processor that a call may use; 0 takes all cores.

    Attributes:
        path: the file.
        config: the options that the network was built with, as attributes.
        precision: `float32`, `float16` or `int8`.
        syllables: what the network can answer, in the order of a flat head's classes.
        session: the `onnxruntime.InferenceSession`, from `images`, `uint8` (batch,
            image_size, image_size, 1), to probabilities (batch, classes) by head.

    Raises:
        ExportError: there is no such file, or it is no export that this version reads.
        ImportError: onnxruntime is not installed.
    """

    def __init__(self, path: FilePath, threads: int = 0) -> None:
        self.path = find_export(path)
        self.session = _open(self.path, threads)
        try:
            facts = _read_facts(self.session)
            # Exports of before these options were made with neither.
            facts["config"] = _LATER | facts["config"]
            self.syllables = _check(self.session, facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ExportError(f"{self.path}: {_reason(error)}") from None
        self.config = SimpleNamespace(**facts["config"])
        self.precision = facts["precision"]
        self._names = [each.name for each in self.session.get_outputs()]

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
        **options: of the network, as it was built; `temperature` and `second_look` may
            differ.

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
        # Only of what is not there; a plain message would not say why.
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
        """
        found = look_twice(self.network, images, self.config.second_look)
        return temper(found, self.config.temperature)


def _apply_options(config, options, path):
    """Sets what may differ; raises where another option is not as the network's."""
    for name, value in options.items():
        if not hasattr(config, name):
            raise TypeError(f"engine='onnx' has no option {name!r}.")
        if name in _RANGES:
            _check_range(name, value, ExportError)
            setattr(config, name, float(value))
        elif value != getattr(config, name):
            raise ExportError(
                f"{name}={value!r} contradicts {path}, which was made with "
                f"{name}={getattr(config, name)!r}; leave the option out."
            )


def _check_range(name, value, kind):
    """Raises an error of a kind where a value is no number in its range."""
    low, high = _RANGES[name]
    # Neither is NaN in any range.
    if type(value) not in (int, float) or not low <= value <= high:
        raise kind(f"{name}={value!r}; expected a number from {low:g} to {high:g}.")


def find_export(path: FilePath) -> Path:
    """Returns the ONNX file that a path means.

    Args:
        path: name of a pretrained network; a `.onnx` file; a folder: its only one, or
            of several the one of the first precision in `PRECISIONS`; or a
            `.weights.h5` file, for its own exports.

    Raises:
        ExportError: there is none, or the choice among several is not clear.
    """
    path = preset_path(path)
    if path.suffix == SUFFIX and path.is_file():
        return path
    of_weights = path.name.endswith(".weights.h5")
    folder = path.parent if of_weights else path
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    if of_weights:  # another network's export would answer in its place
        stem = path.name.removesuffix(".weights.h5")
        own = {f"{stem}_{precision}{SUFFIX}" for precision in PRECISIONS}
        found = [each for each in found if each.name in own]
    if not found:
        raise ExportError(
            f"{path}: there is no exported network (*{SUFFIX}). Make one where Keras "
            "is installed: python export.py --format=onnx --weights=..."
        )
    for precision in PRECISIONS:
        some = [each for each in found if each.stem.endswith(f"_{precision}")]
        if some:
            found = some
            break
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.name for each in found)
    raise ExportError(f"{folder} holds several exported networks; name one: {names}.")


def _open(path, threads):
    """Returns an onnxruntime session of a file."""
    try:
        import onnxruntime
    except ImportError:
        raise ImportError(
            "Exported networks are read by onnxruntime, which is not installed; run "
            "pip install onnxruntime."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only
    try:
        return onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the runtime's own kinds, one for every fault
        reason = str(error).strip().split("\n")[0]
        raise ExportError(
            f"{path}: not an ONNX file that onnxruntime {onnxruntime.__version__} "
            f"reads ({reason})."
        ) from None


def _read_facts(session):
    """Returns what the metadata say, as a dict."""
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        raise ValueError("not made by export.py: its metadata have no entry 'koocr'.")
    facts = read_object(text)
    if facts["format"] != FORMAT:
        raise ValueError(
            f"its format is {facts['format']!r}, this version reads {FORMAT}; export "
            "the weights again."
        )
    if facts["precision"] not in PRECISIONS:
        raise ValueError(f"the precision {facts['precision']!r} is none that is known.")
    return facts


def _check(session, facts):
    """Returns the syllables of a file whose metadata and graph agree."""
    side = facts["config"]["image_size"]
    if type(side) is not int:
        raise ValueError("image_size in its metadata is no integer.")
    for name in _RANGES:
        _check_range(name, facts["config"][name], ValueError)
    if facts["config"]["split_components"]:
        classes = {name: len(jamo) for name, jamo in COMPONENTS.items()}
        syllables = ALL_SYLLABLES
    else:
        syllables = tuple(facts["syllables"])
        if not syllables or not all(map(is_syllable, syllables)):
            raise ValueError("the classes in its metadata are no syllables.")
        classes = {FLAT: len(syllables)}
    inputs = [(each.name, each.type, each.shape[1:]) for each in session.get_inputs()]
    wanted = [("images", "tensor(uint8)", [side, side, 1])]
    if inputs != wanted:
        raise ValueError(f"the graph takes {inputs}; expected {wanted}.")
    # A shape without axes has no last one.
    heads = {each.name: (each.shape or [None])[-1] for each in session.get_outputs()}
    if heads != classes or facts["heads"] != classes:
        raise ValueError(f"the graph gives {heads}; expected {classes}.")
    return syllables


def _reason(error):
    """Says what is wrong with metadata that raised an error."""
    if type(error) is ValueError:
        return str(error)
    return f"its metadata cannot be read ({type(error).__name__}: {error})."
