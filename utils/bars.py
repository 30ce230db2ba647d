"""Progress bars: what shows them, and where they have no business."""

import sys
from collections.abc import Iterable
from typing import Any, TextIO

from tqdm import tqdm


def progress_bar(
    iterable: Iterable[Any] | None = None,
    desc: str | None = None,
    total: float | None = None,
    *,
    quiet: bool = False,
    **options: Any,
) -> Any:
    """Returns a bar on stderr, which shows on terminals and in notebooks alone.

    A log would get a line for each of its changes.

    Args:
        iterable: what is gone through; None where the bar is told by its `update`.
        desc: what it is called.
        total: how much there is; None for the iterable's length, if it has one.
        quiet: show none anywhere.
        **options: those of `tqdm.tqdm`.
    """
    notebook = "ipykernel" in sys.modules  # whose stderr says that it is no terminal
    hidden = True if quiet else False if notebook else None  # None: tqdm asks stderr
    return tqdm(iterable, desc, total, disable=hidden, **options)


def tell(text: str, file: TextIO | None = None) -> None:
    """Prints a line, for which bars make way.

    Args:
        text: the line, without its end.
        file: where to; None: stdout.
    """
    tqdm.write(text, file=file)
