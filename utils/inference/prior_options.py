"""The options `rare` and `text` of the scripts, which set the `prior`."""

from typing import Any

from utils.cli import option
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT


def rare_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `rare` of a script, see `prior.Prior`."""
    return option(
        DEFAULT_RARE,
        "how likely a syllable outside KS X 1001 is beside one of it (1: all alike)",
        low=0,
        high=1,
        read_by=read_by,
    )


def text_option(read_by: tuple[str, ...] = ()) -> Any:
    """Declares the option `text` of a script, see `prior.Prior`."""
    return option(
        DEFAULT_TEXT,
        "how far answers lean on how often text writes a syllable (0: not at all)",
        low=0,
        high=1,
        read_by=read_by,
    )
