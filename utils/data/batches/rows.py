"""Rows of patches that become a batch: pictures, labels, and who drew them."""

from typing import NamedTuple

import numpy as np

from utils.data.patches import INVENTED, PRINTED, Patch, read_patch


class Rows(NamedTuple):
    """Some pictures, which may differ in size, with what is known of them.

    images: list of `uint8` (height, width).
    labels: `<U1` (rows,), a syllable each.
    written: bool (rows,), by hand, or with a face that imitates one.
    placed: bool (rows,), by a hand that was invented, whose jamo are not moved again.
    """

    images: list
    labels: np.ndarray
    written: np.ndarray
    placed: np.ndarray


NOTHING = Rows([], np.empty(0, "<U1"), np.empty(0, bool), np.empty(0, bool))


def shuffle(patches, sources, rng, skip=0):
    """Returns the rows of several patches in a random order.

    Args:
        patches: list of `Patch`.
        sources: the source of each.
        rng: `numpy.random.Generator`; the order depends on nothing else.
        skip: rows to leave out at its head.

    Returns:
        `Rows`, whose pictures are views of the patches.
    """
    labels = np.concatenate([patch.labels for patch in patches])
    order = rng.permutation(len(labels))[skip:]
    # Views into the patches, not copies: patches may differ in picture size.
    images = [image for patch in patches for image in patch.images]
    sources = np.repeat(sources, [len(patch.labels) for patch in patches])[order]
    written, placed = ~np.isin(sources, PRINTED), sources == INVENTED
    return Rows([images[i] for i in order], labels[order], written, placed)


def join(first, second):
    """Returns two `Rows` as one.

    Args:
        first: `Rows` that come first; their pictures are not copied.
        second: those that follow.
    """
    arrays = zip(first[1:], second[1:], strict=True)
    return Rows(first.images + second.images, *map(np.concatenate, arrays))


def copy(rows, start, stop):
    """Returns copies of some `Rows`, for a view of one keeps its whole patch alive.

    Args:
        rows: `Rows`.
        start: the first that is copied.
        stop: the first that is not; may lie past the end.
    """
    images = [image.copy() for image in rows.images[start:stop]]
    return Rows(images, *(array[start:stop].copy() for array in rows[1:]))


def spread(names):
    """Returns an order in which each name is spread evenly over the whole.

    Among the same names the order stays.

    Args:
        names: sequence of texts.

    Returns:
        `int` (names,), places in `names`.
    """
    names = np.asarray(names)
    places = np.empty(len(names))
    for name in np.unique(names):
        own = names == name
        places[own] = (np.arange(own.sum()) + 0.5) / own.sum()
    return np.argsort(places, kind="stable")


def read_evenly(paths, count):
    """Reads `count` pictures spread evenly over patches, the same ones each time.

    Args:
        paths: patch files.
        count: pictures in all, fewer where a patch cannot give its share; 0 reads
            everything.

    Yields:
        (path, `Patch`) of the chosen rows of each file, one file in memory at once.
    """
    for number, path in enumerate(paths):
        share = count * (number + 1) // len(paths) - count * number // len(paths)
        if count and not share:
            continue
        patch = read_patch(path)
        if count and share < len(patch.labels):
            places = np.linspace(0, len(patch.labels) - 1, share).astype(int)
            patch = Patch(*(array[places] for array in patch))
        yield path, patch
