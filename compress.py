"""Makes trained weights fast and small: low-rank pairs, drop-weight, weight sharing.

    python compress.py --weights=melnyk --speedup=4 --drop_ratio=0.6 --clusters=128
        --log_path=./logs/compressed

The convolutions are split into pairs of thin ones, one after the other, each time
trained with the label loss (GSLRE); then the smallest weights are dropped, ever more
of them (ADW); then what is left is rounded to a few values a layer. Every stage is
saved in log_path and measured; the same command goes on where it stopped.
See Xiao et al. (2017), https://arxiv.org/abs/1702.07975.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np

from model import KoOCR
from utils.analysis.report import format_table
from utils.backend import set_seed
from utils.cli import parse_options
from utils.output import run_script
from utils.presets import weights_option
from utils.training.loop import TrainingError
from utils.training_options import training_options
from utils.weights.compressing import CompressionOptions, Compressor
from utils.weights.files import find_weights

# Each stage takes a number of steps, on one device in float32, at rates that fall as a
# cosine: options of training that say otherwise are not known here.
_READ = {
    "data_path",
    "val_data_path",
    "val_images",
    "log_path",
    "batch_size",
    "patch_size",
    "optimizer",
    "learning_rate",
    "loss",
    "hybrid_weight",
    "dropout",
    "weight_decay",
    "data_augmentation",
    "distortions",
    "seed",
    "silent_mode",
}

TrainingOptions = training_options(__name__, _READ)


@dataclass(frozen=True)
class Options(CompressionOptions):
    """Which weights, and what is done to them."""

    weights: str = weights_option("melnyk")


def main(argv=None):
    """Runs the script; returns its exit status."""
    options, parsed = parse_options(__doc__, Options, TrainingOptions, argv=argv)
    training = parsed.whole
    try:
        set_seed(training.seed)
        start = KoOCR(find_weights(options.weights))
        if start.config.decoder == "sequence" or start.config.adversarial_learning:
            raise ValueError(
                "compress.py trains with the plain losses; decoder=sequence and "
                "adversarial_learning need their own. Choose other weights."
            )
        compressor = Compressor(start, KoOCR, options, training)
        rows = compressor.run()
        print(_table(rows))
        print(_speed(start, compressor.network))
    except (ValueError, OSError, TrainingError) as error:
        print(f"compress.py: {error}", file=sys.stderr)
        return 1
    return 0


def _table(rows):
    """Returns the stages as a table of text."""
    lines = [
        (
            row["stage"],
            f"{row['multiply_adds'] / 1e6:.1f}",
            f"{row['megabytes']:.2f}",
            f"{100 * row['dropped']:.1f}",
            "-" if row["syllable"] is None else f"{100 * row['syllable']:.2f}",
            row["weights"],
        )
        for row in rows
    ]
    head = ("stage", "million multiply-adds", "MB", "dropped %", "top-1 %", "file")
    return format_table(head, lines)


def _speed(first, last, pictures=64, repeats=5):
    """Returns a line: milliseconds a picture before and after, measured in turns."""
    size = first.config.image_size
    images = np.random.default_rng(0).integers(0, 256, (pictures, size, size), np.uint8)
    times = [[], []]
    for _ in range(repeats + 1):
        for place, network in enumerate((first, last)):
            begun = time.perf_counter()
            network.probabilities(images)
            times[place].append((time.perf_counter() - begun) / pictures * 1e3)
    before, after = (np.median(each[1:]) for each in times)  # the first compiles
    return (
        f"{before:.2f} ms a picture before, {after:.2f} after "
        f"(batches of {pictures}, median of {repeats}): {before / after:.2f} times."
    )


if __name__ == "__main__":
    run_script(main)
