"""Where pretrained networks lie: a folder for each name."""

from pathlib import Path
from typing import Any

from utils.cli import option
from utils.kinds import FilePath

DEFAULT = "melnyk"  # the weights that are read where none are named
PRETRAINED = Path(__file__).parents[1] / "pretrained"

RANGES: dict[str, tuple[float, float]] = {  # of options that may differ from weights'
    "temperature": (0.05, 20.0),
    "first_look": (0.3, 1.0),
    "second_look": (0.0, 1.0),
}

# Options of a network that may differ from those of its weights.
AT_PREDICTION = ("exit_threshold", "first_look", "second_look", "temperature", "beam")

WEIGHTS_SUFFIX = ".weights.h5"
_SUFFIXES = (WEIGHTS_SUFFIX, ".onnx")  # of what makes a folder a network's


def preset_names(suffixes: tuple[str, ...] = _SUFFIXES) -> list[str]:
    """Returns the names of the pretrained networks that are there, the default first.

    Args:
        suffixes: tuple of file endings, one of which a network must have.
    """
    files = [path for path in PRETRAINED.glob("*/*") if path.name.endswith(suffixes)]
    names = {path.parent.name for path in files}
    return sorted(names, key=lambda name: (name != DEFAULT, name))


def preset_path(path: FilePath) -> Path:
    """Returns the folder that a name means; any other path as it is.

    Args:
        path: name of a pretrained network (a `str`), or a path.
    """
    # A `Path` is no name, nor is `../melnyk`, nor a folder without a network.
    return PRETRAINED / path if path in preset_names() else Path(path)


def within(name: str) -> dict[str, float]:
    """Returns the bounds of an option, `low` and `high`, for `utils.cli.option`.

    Args:
        name: key of `RANGES`.
    """
    low, high = RANGES[name]
    return {"low": low, "high": high}


def weights_option(
    default: str = "",
    help: str = "pretrained weights by name, a weight file, or a folder",
    read_by: tuple[str, ...] = (),
) -> Any:
    """Declares the option `weights` of a script, with its spelling of 2021.

    Args:
        default: the value without a flag; "" stands for the pretrained ones.
        help: one line.
        read_by: as of `utils.cli.option`.
    """
    told = help if default or "''" in help else f"{help} ('': {DEFAULT})"
    return option(default, told, aliases=("weight_path",), read_by=read_by)


def second_look_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `second_look` of a script that reads with given weights."""
    return option(
        0.0,
        "probability below which a picture is looked at again, smaller (default: that "
        "of the weights)",
        **within("second_look"),
        read_by=read_by,
    )


def first_look_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `first_look` of a script that reads with given weights."""
    return option(
        1.0,
        "size in which pictures are read, in parts of the whole square (default: that "
        "of the weights)",
        **within("first_look"),
        read_by=read_by,
    )


def exit_threshold_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `exit_threshold` of a script that reads with weights."""
    return option(
        1.0,
        "early exit, see early_exit (default: that of the weights)",
        low=0,
        high=1,
        read_by=read_by,
    )


def beam_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `beam` of a script that reads with weights."""
    return option(
        0,
        "beam of decoder=sequence (default: that of the weights; 0: exact)",
        low=0,
        read_by=read_by,
    )
