"""What a training run leaves behind: weights, curves, options, sample pictures.

A logger is told of every epoch by `epoch(number, figures)`, and once more of one that
was interrupted and went on. `number` counts from 1; 0 are the weights that a run begins
with, where they are measured: of them there are the figures of validation alone.
`figures` is a dict of numbers: `epoch`; means over its pictures, as `loss` and
fractions 0-1 as `initial_accuracy`; `learning_rate`, of its last step;
`images_per_second`; with validation `val_<name>` for what `validating.measure` gives;
and two booleans, `complete` (all of its steps are
done) and `best` (of the epochs so far, or nobody validates).
"""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np

from utils.analysis.report import write_csv
from utils.data.atomic import write_atomically
from utils.presets import WEIGHTS_SUFFIX
from utils.weights.files import BEST, config_path, save_weights


class WeightsLogger:
    """Writes weights and configuration after every epoch, and the best apart.

    Args:
        model: `keras.Model` to save.
        folder: where the files go.
        config_json: the configuration as JSON text.
        zipped: also pack each epoch's two files into a zip.
    """

    def __init__(self, model, folder, config_json, zipped=False):
        self.model, self.folder = model, Path(folder)
        self.config_json, self.zipped = config_json, zipped

    def epoch(self, number, figures):
        """Saves the weights of an epoch, counted from 1; of 0 only as the best."""
        if figures["best"]:
            save_weights(self.model, self.folder / BEST, self.config_json)
        if not number:
            return
        path = self.folder / f"epoch_{number:03d}{WEIGHTS_SUFFIX}"
        save_weights(self.model, path, self.config_json)
        if self.zipped:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in (path, config_path(path)):
                    archive.write(file, file.name)
            target = path.with_name(path.name.removesuffix(WEIGHTS_SUFFIX) + ".zip")
            write_atomically(target, buffer.getvalue())


class CSVLogger:
    """Keeps one line an epoch in a CSV file.

    Args:
        path: the file.
        first: number of the run's first line: 0 where the weights that it begins with
            are measured. What the file held before goes.
    """

    columns = (
        *("epoch", "complete", "loss", "learning_rate", "images_per_second"),
        *("initial_accuracy", "medial_accuracy", "final_accuracy", "accuracy"),
        *("val_syllable", "val_top_n", "val_initial", "val_medial", "val_final"),
        *("val_n", "val_count"),
    )  # first; the others follow in the order of their names

    def __init__(self, path, first=1):
        self.path, self.first = Path(path), first

    def epoch(self, number, figures):
        """Adds an epoch's line, or replaces it if the epoch was resumed."""
        rows = {}
        if self.path.exists() and number > self.first:
            with open(self.path, encoding="utf-8-sig", newline="") as file:
                rows = {int(row["epoch"]): row for row in csv.DictReader(file)}
        rows[number] = figures
        others = {name for row in rows.values() for name in row} - {*self.columns}
        columns = [*self.columns, *sorted(others)]
        kept = (rows[key] for key in sorted(rows) if key <= number)
        write_csv(
            self.path, columns, ([row.get(c, "") for c in columns] for row in kept)
        )


class TensorBoardLogger:
    """Writes an epoch's figures and pictures for TensorBoard.

    Args:
        folder: of the event files.
        samples: `uint8` (height, width, 3) picture of training samples, or None.
        pictures: `utils.training.epoch_pictures.EpochPictures`, or None.
    """

    def __init__(self, folder, samples=None, pictures=None):
        # tensorboardX rather than the Keras callback: that one needs TensorFlow.
        from tensorboardX import SummaryWriter

        self.writer, self.pictures = SummaryWriter(str(folder)), pictures
        if samples is not None:
            self.writer.add_image("samples", samples, 0, dataformats="HWC")

    def epoch(self, number, figures):
        """Adds the figures and pictures of an epoch."""
        for name, value in numbers(figures).items():
            self.writer.add_scalar(name, value, number)
        drawn = self.pictures.draw(number) if self.pictures else {}
        for name, picture in drawn.items():
            self.writer.add_image(name, picture, number, dataformats="HWC")
        self.writer.flush()


class WandbLogger:
    """Logs to Weights & Biases.

    Args:
        options: dict of the run's options.
        login: log in first.
        pictures: `utils.training.epoch_pictures.EpochPictures`, or None.

    Raises:
        ImportError: the package wandb is not installed.
    """

    def __init__(self, options, login=False, pictures=None):
        try:
            import wandb
        except ImportError:
            raise ImportError(
                "log_wandb=true needs the package wandb: pip install wandb"
            ) from None
        if login:
            wandb.login()
        self.run = wandb.init(project="KoOCR", config=options)
        self.pictures, self._image = pictures, wandb.Image

    def epoch(self, number, figures):
        """Logs the figures and pictures of an epoch."""
        drawn = self.pictures.draw(number) if self.pictures else {}
        shown = {name: self._image(picture) for name, picture in drawn.items()}
        self.run.log(numbers(figures) | shown, step=number)


class PrintLogger:
    """Prints one line an epoch."""

    def epoch(self, number, figures):
        """Prints loss, and the accuracies on validation in per cent."""
        parts = [f"epoch {number}" if number else "initial weights"]
        parts += [f"loss {figures['loss']:.4f}"] if "loss" in figures else []
        top_n = f"top-{figures.get('val_n')}"
        names = {"syllable": "val_syllable", top_n: "val_top_n"}
        names |= {name: f"val_{name}" for name in ("initial", "medial", "final")}
        parts += [
            f"{shown} {100 * figures[name]:.2f} %"
            for shown, name in names.items()
            if name in figures
        ]
        if number:
            parts.append(f"{figures['images_per_second']:.0f} images/s")
        print(" | ".join(parts), flush=True)


def numbers(figures):
    """Returns those figures that a curve can show."""
    return {k: float(v) for k, v in figures.items() if not isinstance(v, str)}


def join_pictures(images, columns=10):
    """Joins pictures (count, size, size) into one, `uint8` (height, width, 3).

    Args:
        images: `uint8`, grey.
        columns: pictures in a row; the last row ends in white.
    """
    count, size, _ = images.shape
    tiles = np.full((-(-count // columns) * columns, size, size), 255, np.uint8)
    tiles[:count] = images
    rows = tiles.reshape(-1, columns, size, size).transpose(0, 2, 1, 3)
    return np.repeat(rows.reshape(-1, columns * size)[..., None], 3, axis=2)
