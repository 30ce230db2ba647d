"""Makes patches of new hands by morphing between pictures of handwriting faces."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from utils.bars import progress_bar
from utils.data.hands.morphing import SECOND_PROBABILITY, NoFlowError, morph
from utils.data.patches import (
    PRINTED,
    PatchError,
    drop_patches_from,
    list_patches,
    read_alike,
    source_of,
    write_patch,
)

SOURCE = "morphed"
INPUT_SOURCES = ("clova", "recombined", "printed")  # the last two are optional
_PRINT_PROBABILITY = 0.12  # that a printed picture is bent towards a hand
_MAX_TRIES = 20  # pictures, until one can be bent towards another hand's


class Pool:
    """The pictures of all hands in memory, by family and by syllable.

    Args:
        folder: of patches of the sources `INPUT_SOURCES`.

    Attributes:
        images: list of `uint8` (size, size), dark on white.
        labels: a syllable each.
        families: `<U` (pictures,).
        hands: the families that imitate handwriting, sorted.

    Raises:
        PatchError: there are no such patches, one is damaged, their pictures differ in
            size, or there is only one hand.
    """

    def __init__(self, folder):
        self.images, self.labels, families, hand = [], [], [], []
        for path, patch in read_alike(list_patches(folder, INPUT_SOURCES)):
            self.images += list(patch.images)
            self.labels += patch.labels.tolist()
            families += patch.families.tolist()
            hand += [source_of(path) not in PRINTED] * len(patch.labels)
        self.families = np.array(families)
        self.hands, self._of_family = _rows_by(self.families, np.array(hand))
        if len(self.hands) < 2:
            raise PatchError(
                f"{folder} holds pictures of {len(self.hands)} handwriting families; "
                "hands between hands need two. Draw more with crawl_data.py, from a "
                "folder of fonts that is called handwriting."
            )
        self._hands_of = _rows_by(np.array(self.labels), np.array(hand))[1]
        self._print_of = _rows_by(np.array(self.labels), ~np.array(hand))[1]

    def draw(self, family, rng):
        """Makes a picture by morphing one of a family towards other hands.

        Args:
            family: one of `hands`.
            rng: `numpy.random.Generator`.

        Returns:
            (image, syllable, family), or None after `_MAX_TRIES` failures.
        """
        for _ in range(_MAX_TRIES):
            row = int(rng.choice(self._of_family[family]))
            label = self.labels[row]
            others = self._hands_of[label]
            others = others[self.families[others] != family]
            if not len(others):
                continue
            count = min(len(others), 2 if rng.random() < SECOND_PROBABILITY else 1)
            others = [int(other) for other in rng.choice(others, count, replace=False)]
            if label in self._print_of and rng.random() < _PRINT_PROBABILITY:
                row, others[0] = int(rng.choice(self._print_of[label])), row
            pictures = [self.images[other] for other in others]
            try:
                return morph(self.images[row], pictures, rng), label, family
            except NoFlowError:
                continue
        return None


def _rows_by(names, chosen):
    """Returns (sorted names, dict name -> its rows) of the rows that are chosen."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(names[rows], kind="stable")]
    found, starts = np.unique(names[rows], return_index=True)
    parts = np.split(rows, starts[1:]) if len(rows) else []
    return found.tolist(), dict(zip(found.tolist(), parts, strict=True))


def morph_patches(folder, count, patch_size, workers=None, seed=0, quiet=False):
    """Writes `morphed_<i>.pickle` beside the patches whose pictures are morphed.

    Patches of an earlier run are replaced. What is written depends on those patches,
    the counts and the seed alone.

    Args:
        folder: of patches `clova_<i>.pickle`, with recombined and printed ones where
            they are; all their pictures are in memory at once.
        count: pictures of each family.
        patch_size: pictures a patch.
        workers: threads; None takes one for each core.
        seed: of the choice and of the order.
        quiet: show no progress bar.

    Returns:
        (pictures, families) that were written; fewer where hands differ too much.

    Raises:
        PatchError: as `Pool`.
    """
    pool = Pool(folder)
    order = np.random.default_rng(seed).permutation(count * len(pool.hands))

    def draw(row):
        rng = np.random.default_rng([seed, int(row)])
        return pool.draw(pool.hands[int(row) // count], rng)

    written, number = 0, 0
    with (
        ThreadPoolExecutor(workers) as threads,
        progress_bar(
            total=len(order), desc="morphed", unit="picture", quiet=quiet
        ) as bar,
    ):
        for start in range(0, len(order), patch_size):
            part = order[start : start + patch_size]
            rows = [row for row in threads.map(draw, part) if row]
            if rows:
                path = Path(folder) / f"{SOURCE}_{number}.pickle"
                write_patch(path, *(list(column) for column in zip(*rows, strict=True)))
                written, number = written + len(rows), number + 1
            bar.update(len(part))
    drop_patches_from(folder, SOURCE, number)
    return written, len(pool.hands)
