"""Patches of faces that imitate hands -> patches of syllables that those faces lack."""

import hashlib
import io
import re
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from utils.data.hands.cutting import find_finals
from utils.data.hands.recombining import LENT, Parts
from utils.data.npz import ArraysError, read_arrays
from utils.data.patches import (
    drop_patches_from,
    list_patches,
    read_alike,
    write_atomically,
    write_patch,
)
from utils.hangul import ALL_SYLLABLES

FROM = "clova"  # the source whose syllables are taken apart
SOURCE = "recombined"
_CUTS = ".cuts"  # folder of what was found out so far
_LIKE = 1.3  # times as wide or narrow: a pen like another
_TRIES = 20  # syllables put together for one that is in the charset


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

    What a network found out of a family is kept in the folder, so that a run that was
    stopped goes on there. Such patches of an earlier run are replaced.

    Args:
        folder: of patches `clova_<i>.pickle`; their pictures, and as many as are made,
            are in memory at once.
        read: network, as for `cutting.find_finals`.
        size: side of its pictures in pixels.
        count: pictures of each family.
        patch_size: pictures a patch.
        seed: of the choice and of the order.
        quiet: show no progress bar.
        syllables: the charset, a sequence: what is outside it is not made. A family
            that can hardly make any of it makes fewer pictures.

    Returns:
        (pictures, families) that were written.

    Raises:
        PatchError: there are no such patches, one is damaged, or their pictures differ
            in size.
    """
    families = _by_family(list_patches(folder, [FROM]))
    made, lenders, charset = [], [], frozenset(syllables)
    for name in tqdm(sorted(families), "families", unit="family", disable=quiet):
        images, labels = families.pop(name)
        parts = Parts(images, labels, _cuts(folder, name, images, labels, read, size))
        if not parts.finals:  # no syllable with a final that could be cut
            continue
        rng = np.random.default_rng([seed, *name.encode()])
        lent = [f for pen, finals in lenders if _alike(pen, parts.pen) for f in finals]
        made += [(*row, name) for row in _draw(parts, rng, lent, count, charset)]
        chosen = rng.permutation(len(parts.finals))[:LENT]
        lenders.append((parts.pen, [parts.finals[i] for i in chosen]))
    order = np.random.default_rng(seed).permutation(len(made))
    for number, start in enumerate(range(0, len(order), patch_size)):
        rows = [made[i] for i in order[start : start + patch_size]]
        path = Path(folder) / f"{SOURCE}_{number}.pickle"
        write_patch(path, *(list(column) for column in zip(*rows, strict=True)))
    drop_patches_from(folder, SOURCE, -(-len(order) // patch_size))
    return len(made), len(lenders)


def _draw(parts, rng, lent, count, charset):
    """Yields up to `count` (image, syllable) of a charset, in a bounded time."""
    drawn = (parts.draw(rng, lent) for _ in range(_TRIES * count))
    return islice((row for row in drawn if row[1] in charset), count)


def _alike(pen, other):
    return 1 / _LIKE < pen / other < _LIKE


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
    """Returns the cuts of a family, found before by the same network, or now."""
    digest = hashlib.sha256("".join(labels).encode())
    for image in images:
        digest.update(np.ascontiguousarray(image))
    # What a network makes of grey tells it from others, other weights from these.
    for values in read(np.full((1, size, size), 128, np.uint8)).values():
        digest.update(np.round(np.asarray(values, np.float64), 4) + 0.0)
    slug = re.sub(r"[^A-Za-z0-9]+", "_", name)[:40]
    path = Path(folder) / _CUTS / f"{slug}_{digest.hexdigest()[:16]}.npz"
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
