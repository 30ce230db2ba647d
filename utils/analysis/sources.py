"""Patches, or pictures with a table of labels -> prepared pictures, chunk by chunk."""

import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from utils.data.converting.conversion import thin
from utils.data.converting.tables import (
    TABLE,
    SourceError,
    decode,
    has_labels,
    open_pictures,
)
from utils.data.patches import list_patches, read_patch, source_of
from utils.inference.imaging import prepare
from utils.inference.looking import look
from utils.kinds import FilePath

_CHUNK = 512  # pictures held in memory at once, beside one patch


class Chunk(NamedTuple):
    """Some pictures of one source.

    source: the set that they belong to: `handwritten`, `printed` or as a table says.
    images: `uint8` (pictures, size, size), prepared as for prediction; blank white
        where that failed.
    labels: `<U1` (pictures,), a syllable each.
    groups: `<U` (pictures,), the family or writer of each.
    problems: dict, place of a picture that failed -> its name and the reason.
    loaders: list of (name, function to the picture as it came), one for each; good as
        long as the chunk is the last one read.
    """

    source: str
    images: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    problems: dict
    loaders: Sequence = ()

    @property
    def readable(self) -> np.ndarray:
        """Which pictures could be prepared: `bool` (pictures,)."""
        readable = np.ones(len(self.labels), bool)
        readable[list(self.problems)] = False
        return readable


def read_chunks(path: FilePath, size: int, max_images: int = 0) -> Iterator[Chunk]:
    """Reads labelled pictures in bounded memory, source by source.

    Args:
        path: folder of patches, or folder or .zip of pictures with `labels.tsv` (see
            `tables`).
        size: side of the prepared pictures in pixels.
        max_images: pictures of each source, taken evenly over all of it; 0 takes all.

    Yields:
        `Chunk`, those of one source together.

    Raises:
        SourceError: the path is none of these, or its table is not in order.
        PatchError: there is no patch, or one is damaged.
    """
    path = Path(path)
    if path.is_dir() and not has_labels(path):
        if not any(path.glob("*.pickle")):
            raise SourceError(
                f"{path} holds neither labelled pictures, which are a table {TABLE} or "
                "folders called as the syllables in them (한/1.png), nor patches "
                "(printed_0.pickle)."
            )
        yield from _read_patches(path, size, max_images)
    elif path.is_dir() or zipfile.is_zipfile(path):
        with open_pictures(path) as (sets, read):
            for name, rows in sets.items():
                yield from _read_rows(name, thin(rows, max_images), read, size)
    else:
        raise SourceError(
            f"{path} is neither a folder nor a zip; give a folder of patches "
            f"(printed_0.pickle), or a folder or zip of pictures with {TABLE}."
        )


def read_seen(path: FilePath, config: Any, max_images: int = 0) -> Iterator[Chunk]:
    """Reads labelled pictures as a network itself sees them, at its first look.

    For what is handed to a network as it is; `KoOCR.probabilities` looks by itself.

    Args:
        path: as for `read_chunks`.
        config: the network's `utils.config.ModelConfig`.
        max_images: as for `read_chunks`.

    Yields:
        `Chunk`, as `read_chunks`, whose pictures have the size of the first look.
    """
    for chunk in read_chunks(path, config.image_size, max_images):
        yield chunk._replace(images=look(chunk.images, config.first_look))


def name_problems(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yields chunks, and names on stderr what of them cannot be prepared.

    Args:
        chunks: iterable of `Chunk`.
    """
    for chunk in chunks:
        for problem in chunk.problems.values():
            print(f"{chunk.source}: not read: {problem}", file=sys.stderr)
        yield chunk


def _read_patches(folder, size, max_images):
    """Yields the chunks of a folder of patches."""
    members = {}
    for path in list_patches(folder):
        members.setdefault(source_of(path), []).append(path)
    for source, paths in members.items():
        for number, path in enumerate(paths):
            before = max_images * number // len(paths)
            quota = max_images * (number + 1) // len(paths) - before
            if quota or not max_images:
                yield from _cut_patch(source, path, size, quota)


def _cut_patch(source, path, size, count):
    """Yields the chunks of one patch."""
    patch = read_patch(path)
    rows = thin(range(len(patch.labels)), count)
    for start in range(0, len(rows), _CHUNK):
        part = list(rows[start : start + _CHUNK])
        loaders = [
            (f"{path}, row {row}", partial(patch.images.__getitem__, row))
            for row in part
        ]
        images, problems = _prepare(loaders, size)
        labels, families = patch.labels[part], patch.families[part]
        yield Chunk(source, images, labels, families, problems, loaders)


def _read_rows(name, rows, read, size):
    """Yields the chunks of one set of a table."""
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        loaders = [(row["path"], partial(decode, read, row["path"])) for row in part]
        images, problems = _prepare(loaders, size)
        labels = np.array([row["label"] for row in part], "<U1")
        groups = np.array([row["group"] for row in part], np.str_)
        yield Chunk(name, images, labels, groups, problems, loaders)


def _prepare(loaders, size):
    """Returns (images, problems) of pairs of a name and a function to the picture."""
    images = np.full((len(loaders), size, size), 255, np.uint8)
    problems = {}
    for place, (name, load) in enumerate(loaders):
        try:
            images[place] = prepare(load(), size)
        except (ValueError, TypeError) as error:
            problems[place] = f"{name}: {error}"
    return images, problems
