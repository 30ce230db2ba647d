"""Prepares pictures in threads, in order and in bounded memory."""

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any

import numpy as np

from utils.inference.attempts import attempt
from utils.kinds import FilePath
from utils.pictures.opening import SUFFIXES
from utils.pictures.several import page_of

_MIN_PER_THREAD = 16  # pictures: fewer take less time than starting a thread
_MAX_AHEAD = 1024  # prepared pictures that wait: more would delay the first answer
# Numbers in an array: preparing smaller ones is mostly Python, so threads wait.
_MIN_SHARED_SIZE = 1 << 16


def picture_names(folder: FilePath) -> list[str]:
    """Returns the names of the pictures in a folder, in natural order: 2.png, 10.png.

    Hidden files are left out: macOS puts one beside each picture, `._2.png`.

    Raises:
        ValueError: the folder holds no picture, or is a file.
        OSError: it cannot be read.
    """
    names, below = [], 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_picture(entry.name):
                    names.append(entry.name)
                else:
                    below += entry.is_dir()
    except NotADirectoryError:
        raise ValueError(
            f"{folder} is no folder of pictures; a single one is read by predict, "
            "several by a list of their paths."
        ) from None
    if not names:
        hint = (
            f"; the {below} folders in it are not looked into: hand over the paths, "
            "as Path(folder).rglob('*.png') finds them"
        ) * bool(below)
        raise ValueError(f"{folder}: there is no picture in this folder{hint}.")
    return sorted(names, key=_natural)


def _is_picture(name):
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _natural(name):
    """Returns the key of natural order: numbers by value; then the name itself."""
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def prepare_together(
    pictures: Sequence[Any] | np.ndarray, prepare: Callable[[Any], Any]
) -> list[Any]:
    """Prepares pictures in one thread for each core, a run of neighbours in each.

    Small arrays are prepared in one thread: two would take a quarter longer.

    Args:
        pictures: sequence of pictures, or an array of them.
        prepare: function of a picture.

    Returns:
        What `prepare` returned, in order. What it raises first, in order, is raised.
    """
    threads = len(pictures) // _MIN_PER_THREAD
    if threads > 1:  # counting cores takes a tenth of a millisecond
        threads = min(os.cpu_count() or 1, threads)
    if threads < 2 or all(map(_is_small, pictures)):
        return [prepare(picture) for picture in pictures]
    length = -(-len(pictures) // threads)
    runs = [pictures[at : at + length] for at in range(0, len(pictures), length)]
    with ThreadPoolExecutor(threads, "pictures") as pool:
        found = pool.map(lambda run: [prepare(picture) for picture in run], runs)
        return list(chain.from_iterable(found))


def _is_small(picture):
    return isinstance(picture, np.ndarray) and picture.size < _MIN_SHARED_SIZE


def prepare_ahead(
    pictures: Iterable[Any], prepare: Callable[[Any], Any], ahead: int
) -> Iterator[tuple[Any, Exception | None]]:
    """Prepares pictures in threads, ahead of their use.

    A picture is taken from the iterator only when a thread is free, so that there are
    no more unprepared pictures in memory than threads.

    Args:
        pictures: iterable of pictures.
        prepare: function of a picture.
        ahead: how many results may wait to be taken, 1,024 at most.

    Yields:
        (prepared, error) in order: what `prepare` returned and None, or None and the
        `TypeError` or `ValueError` that it raised.
    """
    source, lock = enumerate(pictures), threading.Lock()

    def take():
        with lock:  # of a generator that two threads must not enter
            place, picture = next(source, (None, None))
            picture = page_of(picture)  # the next page would take the place of this
        if place is None:
            return None
        return place, attempt(prepare, picture)

    pool = ThreadPoolExecutor(os.cpu_count() or 1, "pictures")
    try:
        yield from _in_order(pool, take, min(ahead, _MAX_AHEAD))
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool, take, ahead):
    """Yields the results of `take` in order; it returns None when all are taken."""
    running = deque(pool.submit(take) for _ in range(ahead))
    early, wanted = {}, 0  # two threads may have taken in the other order
    while running:
        result = running.popleft().result()
        if result is None:
            continue
        running.append(pool.submit(take))
        early[result[0]] = result[1]
        while wanted in early:
            yield early.pop(wanted)
            wanted += 1


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Returns an iterator of lists of up to `size` items.

    Args:
        items: read no further than the list that is asked for.
        size: 1 or more; the last list may hold fewer.

    Raises:
        ValueError: `size` is no integer of 1 or more.
    """
    check_batch_size(size)
    return _batches(iter(items), size)


def check_batch_size(size: Any) -> None:
    """Raises ValueError where a batch cannot be so many pictures."""
    whole = isinstance(size, (int, np.integer)) and not isinstance(size, bool)
    if not whole or size < 1:
        raise ValueError(f"batch_size={size!r}; expected an integer of 1 or more.")


def _batches(items, size):
    while batch := list(islice(items, size)):
        yield batch
