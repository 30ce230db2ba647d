"""Measures speed: what feeding costs in training, and what a prediction takes.

    python benchmark.py --feeding=true --data_path=./data
    python benchmark.py --prediction=true --weights=./logs/weights

Times are of this machine at this moment; the ratios, whose two sides take turns, hold
better. Feeding compares steps on batches that are read, distorted and prepared beside
them with steps on batches that lie in memory.
"""

import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np

from model import KoOCR
from utils.analysis.report import format_table
from utils.cli import check_options, option, parse_options
from utils.config import TrainConfig
from utils.data.patches import list_patches, read_patch
from utils.fitting import compile_model, make_dataset


@dataclass(frozen=True)
class BenchmarkOptions:
    """What to measure, and on what."""

    feeding: bool = option(False, "training steps fed from patches and from memory")
    prediction: bool = option(False, "milliseconds a picture, prepared and bare")
    data_path: str = option("./data", "folder of patches")
    weights: str = option("", "weight file or folder of them ('': pretrained)")
    batch_size: int = option(64, "pictures a step, for feeding", low=1)
    steps: int = option(24, "steps or calls of each kind", low=2)

    def __post_init__(self):
        check_options(self)
        if not self.feeding and not self.prediction:
            raise ValueError("Nothing to measure; ask with --feeding or --prediction.")


def measure_feeding(network, options):
    """Measures what reading, distorting and preparing cost a training step.

    Blocks of steps take turns, so that a machine that slows down slows both.

    Returns:
        Rows of (what, pictures a second, ratio to memory).
    """
    training = TrainConfig(
        data_path=options.data_path,
        batch_size=options.batch_size,
        data_augmentation=True,
        patch_size=1,
    )
    fitted = compile_model(network.training_model, training)
    dataset = make_dataset(network.config, network.syllables, training)
    batches = dataset.batches(0)
    step = fitted.train_on_batch
    kept = [next(batches) for _ in range(2)]
    for batch in kept:
        step(*batch)  # compiles
    seconds = {"memory": [], "patches": []}
    for _ in range(options.steps // 2):
        seconds["memory"].append(_time(lambda: [step(*batch) for batch in kept]))
        seconds["patches"].append(
            _time(lambda: [step(*next(batches)) for _ in range(2)])
        )
    batches.close()
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    pictures = 2 * options.batch_size
    return [
        (name, f"{pictures / each:.1f}", f"{medians['memory'] / each:.3f}")
        for name, each in medians.items()
    ]


def measure_prediction(network, options):
    """Measures `predict` against the bare network, one picture and 256 at a time.

    Returns:
        Rows of (pictures a call, ms a picture prepared and decoded, bare, ratio).
    """
    images = read_patch(list_patches(options.data_path)[0]).images
    rows = []
    for count in (1, 256):
        batch = np.resize(images, (count, *images.shape[1:]))
        prepared = np.stack([network.prepare(image) for image in batch])[..., None]
        network.predict(batch, n=5)
        whole, bare = [], []
        for _ in range(options.steps):
            whole.append(_time(lambda b=batch: network.predict(b, n=5)))
            bare.append(_time(lambda p=prepared: network.model.predict_on_batch(p)))
        each = [1000 * statistics.median(times) / count for times in (whole, bare)]
        rows.append((count, *(f"{ms:.2f}" for ms in each), f"{each[0] / each[1]:.3f}"))
    return rows


def _time(function):
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, BenchmarkOptions, argv=argv)
    try:
        network = KoOCR(options.weights) if options.weights else KoOCR()
        if options.prediction:
            header = ("pictures a call", "ms a picture", "bare network", "ratio")
            print(format_table(header, measure_prediction(network, options)))
        if options.feeding:
            header = ("batches from", "pictures/s", "of memory's speed")
            print(format_table(header, measure_feeding(network, options)))
    except (ValueError, OSError) as error:
        print(f"benchmark.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
