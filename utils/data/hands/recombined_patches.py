"""Makes patches of syllables that handwriting faces lack, from parts of others."""

import hashlib
import io
import re
from itertools import islice
from pathlib import Path

import numpy as np

from utils.bars import progress_bar
from utils.data.hands.cutting import find_finals
from utils.data.hands.recombining import MAX_LENT_FINALS, Parts
from utils.data.npz import ArraysError, read_arrays
from utils.data.patches import (
    drop_patches_from,
    list_patches,
    read_alike,
    write_atomically,
    write_patch,
)
from utils.hangul import ALL_SYLLABLES

INPUT_SOURCE = "clova"  # whose syllables are taken apart
SOURCE = "recombined"
_CUTS_FOLDER = ".cuts"  # in the folder of patches, for the cuts found so far
_MAX_PEN_RATIO = 1.3  # of the stroke widths of two faces that lend finals to each other
_TRIES_PER_PICTURE = 20  # on average, until a syllable is in the charset


def recombine_patches(
    folder,
    read,
    size,
    count,
    patch_size,
    seed=0,
    quiet=False,
    syllables=ALL_SYLLABLES,
):
    """Writes `recombined_<i>.pickle` beside the patches whose parts they use.

    The cuts that the network found for a family are kept in the folder, so that a run
    that was stopped can be resumed. Recombined patches of an earlier run are
    replaced.

    Args:
        folder: of patches `clova_<i>.pickle`; their pictures, and as many as are made,
            are in memory at once.
        read: network, as for `cutting.find_finals`.
        size: side of its pictures in pixels.
        count: pictures of each family.
        patch_size: pictures a patch.
        seed: of the choice and of the order.
        quiet: show no progress bar.
        syllables: the charset, a sequence; no others are made. A family
            that can hardly make any of it makes fewer pictures.

    Returns:
        (pictures, families) that were written.

    Raises:
        PatchError: there are no such patches, one is damaged, or their pictures differ
            in size.
    """
    families = _by_family(list_patches(folder, [INPUT_SOURCE]))
    made, lenders, charset = [], [], frozenset(syllables)
    for name in progress_bar(sorted(families), "families", unit="family", quiet=quiet):
        images, labels = families.pop(name)
        parts = Parts(images, labels, _cuts(folder, name, images, labels, read, size))
        if not parts.finals:  # no syllable with a final that could be cut
            continue
        rng = np.random.default_rng([seed, *name.encode()])
        lent = [f for pen, finals in lenders if _alike(pen, parts.pen) for f in finals]
        made += [(*row, name) for row in _draw(parts, rng, lent, count, charset)]
        chosen = rng.permutation(len(parts.finals))[:MAX_LENT_FINALS]
        lenders.append((parts.pen, [parts.finals[i] for i in chosen]))
    order = np.random.default_rng(seed).permutation(len(made))
    for number, start in enumerate(range(0, len(order), patch_size)):
        rows = [made[i] for i in order[start : start + patch_size]]
        path = Path(folder) / f"{SOURCE}_{number}.pickle"
        write_patch(path, *(list(column) for column in zip(*rows, strict=True)))
    drop_patches_from(folder, SOURCE, -(-len(order) // patch_size))
    return len(made), len(lenders)


def _draw(parts, rng, lent, count, charset):
    """Yields up to `count` (image, syllable) of a charset, in bounded time."""
    drawn = (parts.draw(rng, lent) for _ in range(_TRIES_PER_PICTURE * count))
    return islice((row for row in drawn if row[1] in charset), count)


def _alike(pen, other):
    return 1 / _MAX_PEN_RATIO < pen / other < _MAX_PEN_RATIO


def _by_family(paths):
    """Returns family -> (images, labels) of all patches."""
    found = {}
    for _, patch in read_alike(paths):
        for name in np.unique(patch.families):
            own = patch.families == name
            rows = found.setdefault(str(name), ([], []))
            rows[0].extend(image.copy() for image in patch.images[own])
            rows[1].extend(patch.labels[own].tolist())
    return found


def _cuts(folder, name, images, labels, read, size):
    """Returns the cuts of a family, from the file or found now by the network."""
    digest = hashlib.sha256("".join(labels).encode())
    for image in images:
        digest.update(np.ascontiguousarray(image))
    # The answer to a grey picture identifies the network and its weights.
    for values in read(np.full((1, size, size), 128, np.uint8)).values():
        digest.update(np.round(np.asarray(values, np.float64), 4) + 0.0)
    slug = re.sub(r"[^A-Za-z0-9]+", "_", name)[:40]
    path = Path(folder) / _CUTS_FOLDER / f"{slug}_{digest.hexdigest()[:16]}.npz"
    try:
        kept = read_arrays(path)
        return {
            row: np.unpackbits(mask, axis=1, count=images[row].shape[1]) > 0
            for row, mask in zip(kept["rows"].tolist(), kept["masks"], strict=True)
        }
    except (FileNotFoundError, ArraysError, KeyError):
        cuts = find_finals(images, labels, read, size)
    masks = [np.packbits(mask, axis=1) for mask in cuts.values()]
    file = io.BytesIO()
    np.savez_compressed(file, rows=np.array(list(cuts), np.int64), masks=masks)
    write_atomically(path, file.getvalue())
    return cuts
