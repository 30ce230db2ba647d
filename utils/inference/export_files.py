"""Finds, opens and checks the ONNX files that `export.py` writes."""

import hashlib
from pathlib import Path
from typing import Any

from utils.hangul import ALL_SYLLABLES, COMPONENTS, FLAT_HEAD, is_syllable
from utils.json_text import read_object
from utils.kinds import FilePath
from utils.output import first_line
from utils.presets import RANGES, WEIGHTS_SUFFIX, preset_path

METADATA_KEY = "koocr"  # of the metadata of an ONNX file; its value is JSON
FORMAT_VERSION = 1  # of that JSON: raised when older readers would misread it
HASH_KEY = "weights_sha256"  # in that JSON: of the weight file; older exports lack it
ONNX_SUFFIX = ".onnx"
PRECISIONS = ("float32", "float16", "int8")
# Options newer than `FORMAT_VERSION`, with the values that older exports have.
_NEW_OPTIONS = {"temperature": 1.0, "first_look": 1.0, "second_look": 0.0}


class ExportError(ValueError):
    """An exported file cannot be used; the message names it and the reason."""


def find_export(path: FilePath) -> Path:
    """Returns the ONNX file that a path stands for.

    Args:
        path: name of a pretrained network; a `.onnx` file; a folder, for the only one
            in it, or of several that of the first precision in `PRECISIONS`; or a
            `.weights.h5` file, for its own exports.

    Raises:
        ExportError: there is none, or the choice among several is not clear.
    """
    path = preset_path(path)
    if path.suffix == ONNX_SUFFIX and path.is_file():
        return path
    of_weights = path.name.endswith(WEIGHTS_SUFFIX)
    if path.is_file() and not of_weights:
        raise ExportError(
            f"{path}: engine='onnx' reads what export.py wrote as *{ONNX_SUFFIX}, and "
            "no other format."
        )
    folder = path.parent if of_weights else path
    found = sorted(folder.glob(f"*{ONNX_SUFFIX}")) if folder.is_dir() else []
    if of_weights:  # another network's export would answer in its place
        stem = path.name.removesuffix(WEIGHTS_SUFFIX)
        own = {f"{stem}_{precision}{ONNX_SUFFIX}" for precision in PRECISIONS}
        found = [each for each in found if each.name in own]
    if not found:
        raise ExportError(
            f"{path}: there is no exported network (*{ONNX_SUFFIX}). Make one where "
            "Keras is installed: python export.py --format=onnx --weights=..."
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


def open_session(path: FilePath, threads: int = 0) -> Any:
    """Opens an ONNX file.

    Args:
        path: of the file.
        threads: of the processor that a call may use; 0 takes all cores.

    Returns:
        `onnxruntime.InferenceSession`.

    Raises:
        ExportError: onnxruntime cannot read it, or `threads` is below 0 or no integer.
        ImportError: onnxruntime is not installed.
    """
    if not isinstance(threads, int) or threads < 0:
        raise ExportError(f"threads={threads!r}; expected an integer of 0 or more.")
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
    except Exception as error:  # onnxruntime has an own class for every fault
        reason = first_line(error)
        raise ExportError(
            f"{path}: not an ONNX file that onnxruntime {onnxruntime.__version__} "
            f"reads ({reason})."
        ) from None


def read_facts(session: Any, path: FilePath) -> tuple[dict, tuple[str, ...]]:
    """Reads and checks the metadata of an export.

    Args:
        session: the `onnxruntime.InferenceSession` of a file.
        path: of the file, for messages.

    Returns:
        (facts, syllables): dict with `config`, a dict of the network's options, and
        `precision`; and what the network can answer, in the order of its classes.

    Raises:
        ExportError: it is no export that this version reads, or its metadata and its
            graph do not agree.
    """
    try:
        facts = _metadata(session)
        facts["config"] = _NEW_OPTIONS | facts["config"]
        return facts, _check(session, facts)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ExportError(f"{path}: {_reason(error)}") from None


def _metadata(session):
    """Returns the metadata as a dict."""
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise ValueError("not made by export.py: its metadata have no entry 'koocr'.")
    facts = read_object(text)
    if facts["format"] != FORMAT_VERSION:
        raise ValueError(
            f"its format is {facts['format']!r}, this version reads "
            f"{FORMAT_VERSION}; export the weights again."
        )
    if facts["precision"] not in PRECISIONS:
        raise ValueError(f"the precision {facts['precision']!r} is none that is known.")
    return facts


def _check(session, facts):
    """Returns the syllables, after checking that metadata and graph agree."""
    side = facts["config"]["image_size"]
    if type(side) is not int:
        raise ValueError("image_size in its metadata is no integer.")
    for name in RANGES:
        check_range(name, facts["config"][name], ValueError)
    if facts["config"]["split_components"]:
        classes = {name: len(jamo) for name, jamo in COMPONENTS.items()}
        syllables = ALL_SYLLABLES
    else:
        syllables = tuple(facts["syllables"])
        if not syllables or not all(map(is_syllable, syllables)):
            raise ValueError("the classes in its metadata are no syllables.")
        classes = {FLAT_HEAD: len(syllables)}
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
    """Returns what is wrong with metadata that raised an error."""
    if type(error) is ValueError:
        return str(error)
    return f"its metadata cannot be read ({type(error).__name__}: {error})."


def tell_changes(facts: dict, weights: Path) -> str:
    """Says how weights, and options beside them, differ from an export; else "".

    Args:
        facts: as `read_facts` gives them, with the entry `HASH_KEY`.
        weights: file of weights; ValueError where the options beside it are no JSON.
    """
    told, ours = [], facts["config"]
    if hashlib.sha256(weights.read_bytes()).hexdigest() != facts[HASH_KEY]:
        told.append("its SHA-256 is another")
    beside = weights.with_name(weights.name.removesuffix(WEIGHTS_SUFFIX) + ".json")
    # Only these options can change while the weights stay the same.
    saved = (
        _NEW_OPTIONS | read_object(beside.read_bytes()) if beside.is_file() else ours
    )
    for name in RANGES:
        if saved[name] != ours[name]:
            told.append(f"{name} is {saved[name]!r} and was {ours[name]!r}")
    return ", ".join(told)


def check_range(name: str, value: Any, kind: type[Exception]) -> None:
    """Checks the value of an option that may differ from the network's.

    Args:
        name: key of `utils.presets.RANGES`.
        value: anything.
        kind: class of the error that is raised where it is no number in its range.
    """
    low, high = RANGES[name]
    # NaN is in no range either.
    if type(value) not in (int, float) or not low <= value <= high:
        raise kind(f"{name}={value!r}; expected a number from {low:g} to {high:g}.")
