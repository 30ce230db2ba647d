"""What feeding costs in training, and what a prediction takes.

Two sides of a comparison take turns, so that a machine that slows down slows both.
"""

import statistics
import time
from itertools import chain, count, islice

import numpy as np

from utils.data.patches import list_patches, read_patch
from utils.training.compiling import compile_model
from utils.training.fitting import make_dataset
from utils.training_config import TrainConfig

_ROUNDS = 3  # turns of each side of a comparison
_PREPARED_AHEAD = 16  # batches, more than the loader keeps


def measure_feeding(network, options):
    """Measures what reading, distorting and preparing cost a training step.

    The same steps are run by `fit` on arrays that lie in memory, and on batches as
    training gets them. Before the second is timed, what was prepared ahead while the
    first ran is used up.

    Args:
        network: a `KoOCR`.
        options: `benchmark.BenchmarkOptions`.

    Returns:
        Rows of (what, pictures a second, ratio to memory).

    Raises:
        ValueError: there are no patches, or the network needs more than pictures.
    """
    if len(network.training_model.inputs) > 1:
        raise ValueError("decoder=sequence trains on more than pictures; see train.py.")
    training = TrainConfig(
        data_path=options.data_path,
        batch_size=options.batch_size,
        data_augmentation=True,
        patch_size=1,
    )
    fitted = compile_model(network.training_model, training)
    dataset = make_dataset(network.config, network.syllables, training)
    batches = chain.from_iterable(dataset.batches(epoch) for epoch in count())
    images, targets = zip(*islice(batches, options.steps), strict=True)
    images = np.concatenate(images)
    targets = {k: np.concatenate([t[k] for t in targets]) for k in targets[0]}
    how = {"batch_size": options.batch_size, "shuffle": False, "verbose": 0}

    def feed(steps):
        for batch in islice(batches, steps):
            fitted.train_on_batch(*batch)

    fitted.fit(images, targets, **how)  # compiles
    feed(1)
    seconds = {"memory (fit)": [], "patches": []}
    for _ in range(_ROUNDS):
        in_memory = _time(lambda: fitted.fit(images, targets, **how))
        seconds["memory (fit)"].append(in_memory)
        feed(_PREPARED_AHEAD)
        seconds["patches"].append(_time(lambda: feed(options.steps)))
    medians = [statistics.median(each) for each in seconds.values()]
    return [
        (name, f"{len(images) / each:.1f}", f"{medians[0] / each:.3f}")
        for name, each in zip(seconds, medians, strict=True)
    ]


def measure_prediction(network, options):
    """Measures `predict` against the bare network, one picture and 256 at a time.

    Args:
        network: a `KoOCR`.
        options: `benchmark.BenchmarkOptions`.

    Returns:
        Rows of (pictures a call, ms a picture prepared and decoded, bare, ratio).

    Raises:
        ValueError: there are no patches.
    """
    images = read_patch(list_patches(options.data_path)[0]).images
    rows = []
    for number in (1, 256):
        batch = np.resize(images, (number, *images.shape[1:]))
        prepared = np.stack([network.prepare(image) for image in batch])[..., None]
        network.predict(batch, n=5)
        whole, bare = [], []
        for _ in range(options.steps):
            whole.append(_time(lambda b=batch: network.predict(b, n=5)))
            bare.append(_time(lambda p=prepared: network.model.predict_on_batch(p)))
        each = [1000 * statistics.median(times) / number for times in (whole, bare)]
        rows.append((number, *(f"{ms:.2f}" for ms in each), f"{each[0] / each[1]:.3f}"))
    return rows


def _time(function):
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun
