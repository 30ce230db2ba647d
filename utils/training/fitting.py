"""Options -> a run: dataset, validation, losses, loggers, and the loop over them."""

import contextlib
from functools import partial
from pathlib import Path

from utils.backend import keras
from utils.cli import changed_options
from utils.data.atomic import make_folder
from utils.data.augment import read_distortions
from utils.data.batches.encoders import JamoEncoder, SyllableEncoder
from utils.data.dataset import PatchDataset
from utils.data.patches import list_patches
from utils.nn.adversary import WRITER
from utils.nn.mixed import copy_for_training, copy_variables
from utils.presets import WEIGHTS_SUFFIX
from utils.training.compiling import compile_model, dropouts, set_dropout
from utils.training.devices import make_devices
from utils.training.distillation import distil
from utils.training.epoch_pictures import EpochPictures
from utils.training.loop import Trainer
from utils.training.one_device import OneDevice
from utils.training.run_folder import make_loggers
from utils.training.starts import record_start
from utils.training.validating import check_validation, measure_tally
from utils.weights.files import save_weights
from utils.weights.transfer import copy_weights

_NUM_SHOWN = 16  # of them shown with what is read of them, epoch by epoch


def prepare(
    model,
    training_model,
    config,
    syllables,
    options,
    source=None,
    teachers=None,
    learnt=False,
):
    """Makes a network ready to be fitted to patches.

    Args:
        model: `keras.Model` with a dict of probabilities: what is saved and validated.
        training_model: the same layers with a dict of logits: what is fitted.
        config: `utils.config.ModelConfig`.
        syllables: what the network can answer.
        options: `utils.training_config.TrainConfig`.
        source: `keras.Model` whose weights the network starts from, or None.
        teachers: dict, name -> `model.KoOCR` whose answers are learnt as well; or None.
        learnt: whether the network has learnt something, as it has from a `source`:
            what it begins with is then validated before the first epoch.

    Returns:
        A `utils.training.loop.Trainer`, to be run.

    Raises:
        ValueError: patches, weights or a state are of no use; the network is as before.
    """
    with _unchanged_if_refused(training_model):
        if source:
            copy_weights(source, training_model)
        models = model, training_model, teachers or {}
        judged = bool((learnt or source) and options.val_data_path)
        return _prepare(*models, config, syllables, options, judged)


@contextlib.contextmanager
def _unchanged_if_refused(model):
    """Gives a model its weights and dropout back where what is inside raises."""
    rates = [(dropout, dropout.rate) for dropout in dropouts(model)]
    weights = model.get_weights()
    try:
        yield
    except BaseException:
        model.set_weights(weights)
        for dropout, rate in rates:
            dropout.rate = rate
        raise


def _prepare(model, training_model, teachers, config, syllables, options, judged):
    """Does what `prepare` does, to a network that has its first weights."""
    make_folder(options.log_path)  # not only after an epoch
    devices = make_devices(options)
    dataset = make_dataset(config, syllables, options, devices)
    if teachers and len(training_model.inputs) > 1:
        raise ValueError(
            f"teachers={options.teachers} give each jamo a share, and decoder=sequence "
            "is told the true ones before each; leave one of them out."
        )
    dataset = distil(dataset, model, syllables, teachers, options)
    set_dropout(training_model, options.dropout)
    adversary = _adversary(config, options, dataset)
    with devices.scope():
        working = _working_copy(training_model, options.precision, devices)
        fitted = compile_model(working, options, adversary)
    pictures = EpochPictures(model, *dataset.sample(_NUM_SHOWN), syllables)
    validate = None
    if options.val_data_path:
        check_validation(options)  # better now than in an hour

        def validate():
            figures, tally = measure_tally(model, config, syllables, options)
            pictures.matrices = tally.matrices
            return figures

    with devices.scope():
        trainer = Trainer(fitted, dataset, options, validate, config.to_json(), devices)
    if working is not training_model:
        trainer.sync_weights = partial(copy_variables, working, training_model)
    if not devices.is_chief:  # it waits for the chief, which does this
        trainer.judge.validate = None
        return trainer
    # After the trainer, which refuses a folder that holds another run.
    shown = training_model, config, dataset, options, pictures
    trainer.judge.loggers = make_loggers(*shown, first=0 if judged else 1)
    trainer.judge.of_initial = judged
    record_start(options, trainer.progress)
    trainer.save_last_good = partial(_rescue, training_model, config, options)
    return trainer


def _working_copy(training_model, precision, devices):
    """Returns the model to be fitted: the one given, where that can be."""
    if precision == "float32" and not devices.copies:
        return training_model
    mirrored = devices.replicas > 1 and keras.backend.backend() == "tensorflow"
    return copy_for_training(training_model, precision, synchronised=mirrored)


def _rescue(model, config, options):
    """Saves the weights of a run that had to stop; returns their path."""
    path = Path(options.log_path) / "weights" / f"last_good{WEIGHTS_SUFFIX}"
    save_weights(model, path, config.to_json())
    return path


def _adversary(config, options, dataset):
    """Returns the arguments of `add_discriminator`, or None; refuses unread options."""
    if config.adversarial_learning:
        return options.adversarial_ratio, dataset.num_steps, options.fit_discriminator
    for name in changed_options(options, ("adversarial_ratio", "fit_discriminator")):
        raise ValueError(
            f"{name}={getattr(options, name)} belongs to adversarial learning; set "
            "adversarial_learning=true, or leave it."
        )
    return None


def make_dataset(config, syllables, options, devices=None):
    """Returns the `PatchDataset` of the training patches, or a process's share.

    Args:
        config: as for `prepare`.
        syllables: as for `prepare`.
        options: as for `prepare`; `PatchDataset` says what patches it refuses.
        devices: as `devices.make_devices` gives them; None: one.
    """
    devices = devices or OneDevice()
    encode = JamoEncoder() if config.split_components else SyllableEncoder(syllables)
    dataset = PatchDataset(
        list_patches(options.data_path),
        config.image_size,
        encode,
        options.batch_size // devices.processes,
        options.patch_size,
        options.seed,
        options.data_augmentation,
        WRITER if config.adversarial_learning else None,
        (devices.process, devices.processes),
        whole=devices.copies,
        distortions=read_distortions(options.distortions),
        workers=options.workers,
    )
    # Each process has as many steps as the one with the fewest pictures.
    dataset.num_steps = round(devices.agree(dataset.num_steps, least=True))
    return dataset
