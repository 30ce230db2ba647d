"""The machine that times are measured on, and how times are measured."""

import os
import platform
import statistics
import time
from pathlib import Path
from typing import NamedTuple


class Times(NamedTuple):
    """Seconds of repeated calls: their median, the shortest and the longest."""

    median: float
    low: float
    high: float


def describe_machine():
    """Returns processor, cores that this process may use, and system, as one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    cores = cores or os.cpu_count()
    return f"{_processor()}, {cores} cores, {platform.system()} {platform.machine()}"


def _processor():
    """Returns the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor() or "unknown processor"


def measure(function, calls, warm_up=1):
    """Times a function.

    Args:
        function: takes nothing.
        calls: that are timed, 1 or more.
        warm_up: calls before them, which are not.

    Returns:
        `Times`.
    """
    for _ in range(warm_up):
        function()
    seconds = []
    for _ in range(calls):
        begun = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begun)
    return Times(statistics.median(seconds), min(seconds), max(seconds))
