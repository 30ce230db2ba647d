"""Patches -> encoded, shuffled batches in bounded memory.

An epoch is a pure function of (seed, epoch): the files are shuffled, `patch_size` of
them at a time are read, the rows of a group are shuffled (images and labels by one
permutation) and cut into batches; what is left over opens the next group's batches.
Files of each source are spread evenly, so that every group mixes them.
Every picture is seen exactly once an epoch, and any step can be the first, which is
what makes a resumed run the same run.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from utils.data.augment import DISTORTIONS
from utils.data.batches.preparers import Preparers
from utils.data.batches.rows import NOTHING, copy, join, shuffle, spread
from utils.data.batches.shares import count_rows, count_steps, take_share
from utils.data.batches.squares import make_squares
from utils.data.patches import PRINTED, read_patch, source_of


class PatchDataset:
    """Shuffled batches of a list of patches.

    Args:
        paths: patch files.
        image_size: side of the prepared pictures in pixels.
        encode: labels (batch,) -> dict of targets.
        batch_size: pictures a step; the last step of an epoch may hold fewer.
        patch_size: patches in memory at once.
        seed: of shuffling and augmentation.
        augmented: distort the pictures before they are prepared.
        writer: name of a further target, 1 for written pictures and 0 for printed ones;
            None leaves it out.
        share: (number, count): which of `count` shares of the patches this is, from 0.
            The shares are disjoint and mix the sources alike.
        whole: leave out what does not fill a batch at the end of an epoch; other
            pictures every time.
        distortions: kinds of them, see `augment`.
        workers: processes that distort and prepare pictures; 0 leaves it to threads of
            this one. The pictures are the same.

    Attributes:
        num_steps: number of batches in an epoch; may be lowered.

    Raises:
        ValueError: there is no patch, or fewer than shares, or less than a batch; or
            `writer` is asked for and all patches are written or all printed.
        PatchError: a patch is damaged or has labels that `encode` refuses. All are read
            once here, to count their rows: better now than hours into a run.
    """

    def __init__(
        self,
        paths,
        image_size,
        encode,
        batch_size=32,
        patch_size=10,
        seed=0,
        augmented=False,
        writer=None,
        share=(0, 1),
        whole=False,
        distortions=DISTORTIONS,
        workers=0,
    ):
        self.paths, self.image_size, self.encode = list(paths), image_size, encode
        self.batch_size, self.patch_size = batch_size, patch_size
        self.seed, self.writer = seed, writer
        self.kinds = distortions if augmented else None
        self._preparers = Preparers(workers)
        if not self.paths:
            raise ValueError("No patches were given; expected one at least.")
        kinds = {source_of(path) in PRINTED for path in self.paths}
        if writer and len(kinds) == 1:
            raise ValueError(
                "Telling written pictures from printed ones needs patches of both; "
                f"all {len(self.paths)} are "
                f"{'printed' if True in kinds else 'written'}. Add the others, or set "
                "adversarial_learning=false."
            )
        # Shares must not be distorted alike; the only one draws as it always did.
        self._salt = [share[0]] if share[1] > 1 else []
        self.paths = take_share(self.paths, share)
        self._counts = [count_rows(path, encode) for path in self.paths]
        self.num_steps = count_steps(self.num_images, batch_size, whole)

    @property
    def num_images(self):
        """Number of pictures in an epoch."""
        return sum(self._counts)

    @property
    def fingerprint(self):
        """Text that changes with the patches' names, order or numbers of pictures."""
        names = [Path(path).name for path in self.paths]
        listed = json.dumps([names, self._counts])
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def teachers_digest(self):
        """Text on who teaches beside the labels: nobody."""
        return ""

    def batches(self, epoch, first_step=0):
        """Yields the batches of an epoch from `first_step` on.

        Preparation of the next batches runs beside the caller's work.

        Args:
            epoch: its number, from 0.
            first_step: number of the first batch, from 0.

        Yields:
            (images, targets): `uint8` (batch, size, size, 1) and a dict of `int32`
            (batch,).

        Raises:
            ChildProcessError: one of the `workers` is gone.
        """
        for images, targets in self._preparers.run(self._tasks(epoch, first_step)):
            yield images[..., None], targets

    def close(self):
        """Ends the threads or processes; the next batch would start them again."""
        self._preparers.close()

    def sample(self, count, epoch=0):
        """Returns the first pictures of an epoch, prepared, and their labels.

        Args:
            count: how many; all where the epoch has fewer.
            epoch: its number, from 0.

        Returns:
            (images, labels): `uint8` (count, size, size) and `<U1` (count,).
        """
        images, labels = [], []
        for step, rows in self._row_batches(epoch, 0):
            images.append(make_squares(rows, *self._how(epoch, step)))
            labels.append(rows.labels)
            if sum(map(len, labels)) >= count:
                break
        return np.concatenate(images)[:count], np.concatenate(labels)[:count]

    def _row_batches(self, epoch, first_step):
        """Yields (step, rows), reading no group that lies before `first_step`."""
        skip = first_step * self.batch_size
        rest, step = NOTHING, first_step
        for group in self._groups(epoch):
            size = sum(self._counts[i] for i in group)
            if skip >= size:
                skip -= size
                continue
            rows, start, skip = self._read_group(group, epoch, skip), 0, 0
            while start < len(rows.labels):
                stop = start + self.batch_size - len(rest.labels)
                rest, start = join(rest, copy(rows, start, stop)), stop
                if len(rest.labels) == self.batch_size:
                    yield step, rest
                    rest, step = NOTHING, step + 1
            del rows  # before the next group is read: two would be twice the memory
        if len(rest.labels):
            yield step, rest

    def _groups(self, epoch):
        """Returns the epoch's groups of places in `paths`."""
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.paths))
        order = order[spread([source_of(self.paths[place]) for place in order])]
        starts = range(0, len(order), self.patch_size)
        return [order[start : start + self.patch_size] for start in starts]

    def _read_group(self, group, epoch, skip):
        """Reads a group and returns its shuffled rows from `skip` on."""
        patches = [read_patch(self.paths[place]) for place in group]
        sources = [source_of(self.paths[place]) for place in group]
        rng = np.random.default_rng([self.seed, epoch, int(group[0]), *self._salt])
        return shuffle(patches, sources, rng, skip)

    def _tasks(self, epoch, first_step):
        """Yields what to prepare, and the targets of each batch."""
        for step, rows in self._row_batches(epoch, first_step):
            if step >= self.num_steps:
                return
            yield (rows, *self._how(epoch, step)), self._targets(rows)

    def _how(self, epoch, step):
        """Returns the arguments of `make_squares` after the rows of a batch."""
        seed = [self.seed, epoch, step, 1, *self._salt]
        return self.image_size, seed, self.kinds

    def _targets(self, rows):
        targets = self.encode(rows.labels)
        if self.writer:
            targets = targets | {self.writer: rows.written.astype(np.int32)}
        return targets
