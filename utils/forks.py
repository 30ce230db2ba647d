"""Networks live in one process: in its forks the backend's threads are missing."""

import os

_first: list[int] = []  # the process that built the first network, kept by its forks


def first_process() -> int:
    """Returns the process that built networks first: this one, if none has as yet."""
    if not _first:
        _first.append(os.getpid())
    return _first[0]


def claim_process() -> int:
    """Notes that a network is built in this process.

    Returns:
        The process's number, for `check_process`.

    Raises:
        RuntimeError: the process is a fork of one that built networks.
    """
    check_process(first_process())
    return _first[0]


def check_process(process: int) -> None:
    """Checks that this is the process that a network was built in.

    Raises:
        RuntimeError: it is a fork of that; a call of the backend would never end.
    """
    if process != os.getpid():
        raise RuntimeError(
            f"A network was built in process {process}; in its fork {os.getpid()} the "
            "backend's threads are missing, and a call would never end. Start workers "
            'by spawn, multiprocessing.get_context("spawn"), and build it in each.'
        )
