"""What a run leaves in its log folder: options, samples, and what its loggers write."""

import dataclasses
from pathlib import Path

from utils.analysis.plots import sample_grid, save_figure
from utils.data.atomic import write_atomically
from utils.training.loggers import (
    CSVLogger,
    PrintLogger,
    TensorBoardLogger,
    WandbLogger,
    WeightsLogger,
    join_pictures,
)

_NUM_SAMPLES = 40  # pictures in the sample grid


def make_loggers(model, config, dataset, options, pictures=None, first=1):
    """Writes options and samples to the log folder; returns the run's loggers.

    Args:
        model: `keras.Model` whose weights are saved.
        config: as for `fitting.prepare`.
        dataset: `PatchDataset`, whose first pictures are the samples.
        options: as for `fitting.prepare`.
        pictures: `EpochPictures` for TensorBoard and Weights & Biases, or None.
        first: as for `CSVLogger`.
    """
    folder, network = Path(options.log_path), config.to_json()
    write_atomically(folder / "train_options.json", options.to_json().encode())
    write_atomically(folder / "model_options.json", network.encode())
    images, labels = dataset.sample(_NUM_SAMPLES)
    save_figure(folder / "samples.png", sample_grid(images, labels))
    loggers = [
        WeightsLogger(model, folder / "weights", network, options.zip_weights),
        CSVLogger(folder / "history.csv", first),
    ]
    if not options.silent_mode:
        loggers.append(PrintLogger())
    if options.log_tensorboard:
        tiles = join_pictures(images)
        loggers.append(TensorBoardLogger(folder / "tensorboard", tiles, pictures))
    if options.log_wandb:
        facts = dataclasses.asdict(config) | dataclasses.asdict(options)
        loggers.append(WandbLogger(facts, options.setup_wandb, pictures))
    return loggers
