"""The model: `build_model` says what KoOCR is, and `KoOCR` is what people use.

from model import KoOCR

KoOCR().predict("picture.png", n=5)     # five syllables, best first
"""

import dataclasses
from pathlib import Path

import numpy as np

from utils.analysis.metrics import evaluate_probabilities
from utils.backend import keras
from utils.cli import rename_aliases
from utils.config import ModelConfig, TrainConfig
from utils.data.dataset import (
    JamoEncoder,
    PatchDataset,
    SyllableEncoder,
    prepare_or_blank,
    read_evenly,
)
from utils.data.patches import list_patches, write_atomically
from utils.hangul import ALL_SYLLABLES, COMPONENTS, read_charset
from utils.inference import decoding, imaging
from utils.inference.pictures import is_single_picture
from utils.loggers import (
    CSVLogger,
    PrintLogger,
    TensorBoardLogger,
    WandbLogger,
    WeightsLogger,
)
from utils.nn.backbones import BACKBONES
from utils.nn.heads import classify, link
from utils.nn.layers import InkScale
from utils.nn.losses import make_losses
from utils.nn.optimizers import make_optimizer
from utils.training import Trainer
from utils.weights import (
    copy_weights,
    find_weights,
    load_weights,
    read_config,
    save_weights,
)

PRETRAINED = Path(__file__).parent / "pretrained" / "melnyk"

_BATCH = 256  # pictures that go through the network at once


def build_model(config):
    """Builds the network: preparation, backbone, pooling link, heads.

    Args:
        config: `utils.config.ModelConfig`.

    Returns:
        (model, training_model): two `keras.Model` on the same layers, from pictures
        (batch, image_size, image_size, 1), 0-255, dark on white. The first gives a dict
        of probabilities, the second of logits, (batch, classes) by output name.
    """
    images = keras.Input((config.image_size, config.image_size, 1), name="images")
    features = BACKBONES[config.network](InkScale(name="ink")(images))
    if config.split_components:
        classes = {name: len(jamo) for name, jamo in COMPONENTS.items()}
    else:
        classes = {"syllable": len(read_charset(config.charset))}
    logits, probabilities = classify(link(features, config.fc_link), classes)
    return keras.Model(images, probabilities), keras.Model(images, logits)


class KoOCR:
    """Recognises pictures of single Hangul syllables.

    Args:
        weights: path of a `.weights.h5` file or a folder of them. By default the
            pretrained weights; None builds a network that is not trained.
        **options: fields of `utils.config.ModelConfig`. With weights they come from the
            file beside them, and an option that contradicts it is an error.

    Attributes:
        config: the `ModelConfig`.
        model: a plain `keras.Model` from pictures (batch, image_size, image_size, 1),
            0-255, dark on white, to a dict of probabilities by output name.
        syllables: what the network can answer.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is illegal or contradicts the weights, or the weights
            cannot be read.
    """

    def __init__(self, weights=PRETRAINED, **options):
        options = dict(options)
        if "weight_path" in options:  # the spelling of 2021
            weights = options.pop("weight_path")
        options = rename_aliases(ModelConfig, options)
        path = None if weights is None else find_weights(weights)
        self.config = _configure(path, options)
        self.model, self.training_model = build_model(self.config)
        flat = not self.config.split_components
        self.syllables = read_charset(self.config.charset) if flat else ALL_SYLLABLES
        if path is not None:
            load_weights(self.model, path)

    def predict(self, image, n=1, scores=False):
        """Reads pictures of one syllable each.

        Args:
            image: one picture (path, PIL image or array, see
                `utils.inference.pictures.to_gray`), or several: a list of pictures,
                whose sizes may differ, or an array (N, H, W) or (N, H, W, C).
            n: how many syllables for each picture.
            scores: also tell the probabilities.

        Returns:
            A list of `n` syllables, best first, or with `scores` of (syllable,
            probability) pairs; for several pictures a list of such lists. The n best
            are exact: of the products of the three heads, over all 11,172.

        Raises:
            TypeError: something is no picture.
            ValueError: a picture cannot be read or holds no ink, or n is out of range.
        """
        single = is_single_picture(image)
        images = [self.prepare(each) for each in ([image] if single else image)]
        if not images:
            return []
        probabilities = self.probabilities(np.stack(images))
        found, values = decoding.top_n(probabilities, n, self.syllables)
        answers = found.tolist()
        if scores:
            pairs = zip(answers, values.tolist(), strict=True)
            answers = [list(zip(*pair, strict=True)) for pair in pairs]
        return answers[0] if single else answers

    def prepare(self, image):
        """Returns what the network sees of a picture: `uint8` (size, size).

        Raises:
            TypeError, ValueError: as `utils.inference.imaging.prepare`.
        """
        return imaging.prepare(image, self.config.image_size)

    def probabilities(self, images):
        """Applies the network to prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).

        Returns:
            Dict of `float32` arrays (pictures, classes) by output name.
        """
        parts = [
            self.model.predict_on_batch(images[start : start + _BATCH, ..., None])
            for start in range(0, len(images), _BATCH)
        ]
        names = parts[0] if parts else {}
        return {k: np.concatenate([part[k] for part in parts]) for k in names}

    def train(self, **options):
        """Fits the network to patches, see `train.py`.

        Args:
            **options: fields of `utils.config.TrainConfig`.

        Returns:
            List of dicts of figures, one an epoch: `loss`, `val_syllable`, ...

        Raises:
            TypeError: an option is unknown.
            ValueError: an option is illegal, patches or a state cannot be read.
            utils.training.TrainingError: the loss is no number any more.
        """
        options = TrainConfig(**rename_aliases(TrainConfig, options))
        keras.utils.set_random_seed(options.seed)
        if options.initial_weights:
            copy_weights(KoOCR(options.initial_weights).model, self.model)
        dataset = self._dataset(options)
        validate = self._validation(options) if options.val_data_path else None
        self._compile(options)
        loggers = self._loggers(options)
        network = self.config.to_json()
        trainer = Trainer(
            self.training_model, dataset, options, validate, loggers, network
        )
        return trainer.run()

    def save(self, path, half=False):
        """Writes the weights, and the configuration as JSON beside them.

        Args:
            path: file name that ends in `.weights.h5`.
            half: store float16.

        Raises:
            ValueError: the name has another ending.
        """
        save_weights(self.model, path, self.config.to_json(), half)

    def evaluate_patches(self, paths, count=0):
        """Measures accuracies on patches, pictures prepared as `predict` does.

        Args:
            paths: patch files.
            count: pictures, spread evenly over the files; 0 is all.

        Returns:
            Dict, see `utils.analysis.metrics.evaluate_probabilities`.
        """
        probabilities, labels = [], []
        for _, patch in read_evenly(paths, count):
            size = self.config.image_size
            images = np.stack([prepare_or_blank(each, size) for each in patch.images])
            probabilities.append(self.probabilities(images))
            labels.append(patch.labels)
        joined = {
            k: np.concatenate([p[k] for p in probabilities]) for k in probabilities[0]
        }
        return evaluate_probabilities(joined, np.concatenate(labels), 5, self.syllables)

    def _dataset(self, options):
        flat = not self.config.split_components
        return PatchDataset(
            list_patches(options.data_path),
            self.config.image_size,
            SyllableEncoder(self.syllables) if flat else JamoEncoder(),
            options.batch_size,
            options.patch_size,
            options.seed,
            options.data_augmentation,
        )

    def _validation(self, options):
        paths = list_patches(options.val_data_path)
        return lambda: self.evaluate_patches(paths, options.val_images)

    def _compile(self, options):
        optimizer = make_optimizer(
            options.optimizer, options.learning_rate, options.weight_decay
        )
        names = self.model.output_names  # keys of the logits too
        metrics = {name: ["accuracy"] for name in names}
        losses = make_losses(names)
        self.training_model.compile(optimizer, losses, metrics=metrics)

    def _loggers(self, options):
        folder, network = Path(options.log_path), self.config.to_json()
        write_atomically(folder / "train_options.json", options.to_json().encode())
        write_atomically(folder / "model_options.json", network.encode())
        loggers = [
            WeightsLogger(self.model, folder / "weights", network, options.zip_weights),
            CSVLogger(folder / "history.csv"),
        ]
        if not options.silent_mode:
            loggers.append(PrintLogger())
        if options.log_tensorboard:
            loggers.append(TensorBoardLogger(folder / "tensorboard"))
        if options.log_wandb:
            facts = dataclasses.asdict(self.config) | dataclasses.asdict(options)
            loggers.append(WandbLogger(facts, options.setup_wandb))
        return loggers


def _configure(path, options):
    """Returns the configuration of the weights, or of the options alone."""
    if path is None:
        return ModelConfig(**options)
    saved = ModelConfig(**rename_aliases(ModelConfig, read_config(path)))
    for name, value in options.items():
        if getattr(saved, name) != value:
            raise ValueError(
                f"{name}={value!r} contradicts the weights {path}, which were made with "
                f"{name}={getattr(saved, name)!r}; leave the option out, or build a "
                "fresh network with weights=None."
            )
    return saved
