"""Makes patches of synthetic handwriting: every hand writes some syllables."""

from pathlib import Path

import numpy as np

from utils.bars import progress_bar
from utils.data.hands.inking import Pen, draw_strokes
from utils.data.hands.scribes import Scribe
from utils.data.patches import INVENTED, drop_patches_from, write_patch
from utils.data.workers import map_tasks
from utils.hangul import ALL_SYLLABLES

SYLLABLES_PER_HAND = 300


def write_hands(
    folder,
    hands,
    size,
    patch_size,
    workers=None,
    seed=0,
    quiet=False,
    syllables=ALL_SYLLABLES,
):
    """Writes `written_<i>.pickle`, with `SYLLABLES_PER_HAND` pictures of each hand.

    Syllables are drawn from the charset, equally likely. A patch depends on its number,
    the seed, the counts and the charset alone; those of an earlier run are replaced.

    Args:
        folder: of the patches; made if it is not there.
        hands: how many hands, 1 or more.
        size: side of the pictures in pixels.
        patch_size: pictures a patch.
        workers: processes; None takes one for each core.
        seed: of hands, syllables and order.
        quiet: show no progress bar.
        syllables: the charset, a sequence.

    Returns:
        Pictures that were written.
    """
    order = np.random.default_rng(seed).permutation(hands * SYLLABLES_PER_HAND)
    starts = range(0, len(order), patch_size)
    rows = [(int(row) // SYLLABLES_PER_HAND, int(row)) for row in order]
    tasks = [
        (
            str(Path(folder) / f"{INVENTED}_{i}.pickle"),
            rows[s : s + patch_size],
            seed,
            syllables,
            size,
        )
        for i, s in enumerate(starts)
    ]
    with progress_bar(total=len(order), unit="picture", quiet=quiet) as bar:
        for count in map_tasks(_write_patch, tasks, workers):
            bar.update(count)
    drop_patches_from(folder, INVENTED, len(tasks))
    return len(order)


def _write_patch(task):
    path, rows, seed, charset, size = task
    images, labels, families = [], [], []
    for hand, row in rows:
        habits = np.random.default_rng([seed, hand])
        scribe, pen = Scribe(habits), Pen(habits)
        rng = np.random.default_rng([seed, hand, row])
        syllable = charset[rng.integers(len(charset))]
        images.append(draw_strokes(scribe.write(syllable, rng), pen, rng, size))
        labels.append(syllable)
        families.append(f"invented hand {hand}")
    write_patch(path, images, labels, families)
    return len(rows)
