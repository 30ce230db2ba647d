"""Labelled pictures as they came, which every contestant prepares for itself."""

from typing import NamedTuple

import numpy as np

from utils.analysis.sources import read_chunks
from utils.inference.imaging import prepare
from utils.pictures.grey import to_gray

_SIDE = 32  # pixels that a picture is tried at, whether it shows ink


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
    found = Pictures([], [], [])
    for chunk in read_chunks(path, _SIDE, max_images):
        for row in np.flatnonzero(chunk.readable):
            image = to_gray(chunk.loaders[row][1]())
            if _is_readable(image):  # in grey, as contestants get it
                found.images.append(image)
                found.labels.append(str(chunk.labels[row]))
                found.sources.append(chunk.source)
    return found


def _is_readable(image):
    try:
        prepare(image, _SIDE)
    except ValueError:
        return False
    return True


def save_pictures(pictures, path):
    """Writes pictures for `load_pictures`: plain arrays, no code.

    Args:
        pictures: `Pictures`.
        path: file name that ends in `.npz`.
    """
    images = {f"image_{i}": image for i, image in enumerate(pictures.images)}
    texts = {"labels": pictures.labels, "sources": pictures.sources}
    np.savez(path, **images, **{k: np.array(v, np.str_) for k, v in texts.items()})


def load_pictures(path):
    """Returns what `save_pictures` wrote."""
    with np.load(path, allow_pickle=False) as file:
        labels, sources = file["labels"].tolist(), file["sources"].tolist()
        images = [file[f"image_{i}"] for i in range(len(labels))]
    return Pictures(images, labels, sources)
