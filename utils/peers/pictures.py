"""Labelled pictures as they came, which every contestant prepares for itself."""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.data.conversion import thin
from utils.data.patches import list_patches, read_patch, source_of
from utils.data.tables import TABLE, SourceError, decode, open_pictures
from utils.inference.imaging import prepare
from utils.inference.pictures import to_gray


class Pictures(NamedTuple):
    """Pictures of one or several sources.

    images: list of `uint8` (height, width), sizes differing.
    labels: list of syllables.
    sources: list of the sets that they belong to.
    """

    images: list
    labels: list
    sources: list


def read_pictures(path, max_images):
    """Reads pictures, evenly over every source, those left out that hold no ink.

    Args:
        path: folder of patches, or folder or .zip of pictures with `labels.tsv`.
        max_images: pictures of each source; 0 takes all.

    Raises:
        SourceError: the path is none of these, or its table is not in order.
        PatchError: there is no patch, or one is damaged.
    """
    path = Path(path)
    if path.is_dir() and not (path / TABLE).is_file():
        rows = _rows_of_patches(path, max_images)
    elif path.is_dir() or zipfile.is_zipfile(path):
        rows = _rows_of_table(path, max_images)
    else:
        raise SourceError(
            f"{path} is neither a folder nor a zip; give a folder of patches, or a "
            f"folder or zip of pictures with {TABLE}."
        )
    kept = [row for row in rows if _is_readable(row[0])]
    return (
        Pictures(*map(list, zip(*kept, strict=True))) if kept else Pictures(*[[]] * 3)
    )


def _rows_of_patches(folder, max_images):
    """Yields (image, label, source) of a folder of patches."""
    members = {}
    for path in list_patches(folder):
        members.setdefault(source_of(path), []).append(path)
    for source, paths in members.items():
        each = -(-max_images // len(paths))
        left = max_images or np.inf
        for patch in map(read_patch, paths):
            rows = thin(range(len(patch.labels)), each)[: int(min(left, 1e9))]
            left -= len(rows)
            for row in rows:
                yield patch.images[row], str(patch.labels[row]), source


def _rows_of_table(path, max_images):
    """Yields (image, label, source) of pictures with a table."""
    with open_pictures(path) as (sets, read):
        for source, rows in sets.items():
            for row in thin(rows, max_images):
                try:
                    image = to_gray(decode(read, row["path"]))
                except ValueError:
                    continue
                yield image, row["label"], source


def _is_readable(image):
    try:
        prepare(image, 32)
    except ValueError:
        return False
    return True


def save_pictures(pictures, path):
    """Writes pictures for `load_pictures`: plain arrays, no code."""
    images = {f"image_{i}": image for i, image in enumerate(pictures.images)}
    texts = {"labels": pictures.labels, "sources": pictures.sources}
    np.savez(path, **images, **{k: np.array(v, np.str_) for k, v in texts.items()})


def load_pictures(path):
    """Returns what `save_pictures` wrote."""
    with np.load(path, allow_pickle=False) as file:
        labels, sources = file["labels"].tolist(), file["sources"].tolist()
        images = [file[f"image_{i}"] for i in range(len(labels))]
    return Pictures(images, labels, sources)
