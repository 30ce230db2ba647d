"""Options -> a run: dataset, validation, losses, loggers, and the loop over them."""

import contextlib
import dataclasses
from functools import partial
from pathlib import Path

from utils.analysis.plots import sample_grid, save_figure
from utils.analysis.sources import read_seen
from utils.analysis.tally import Tally
from utils.backend import keras
from utils.cli import changed_options
from utils.config import TrainConfig
from utils.data.atomic import write_atomically
from utils.data.augment import read_distortions
from utils.data.dataset import PatchDataset
from utils.data.encoders import JamoEncoder, SyllableEncoder
from utils.data.patches import list_patches
from utils.devices import OneDevice, make_devices
from utils.epoch_pictures import EpochPictures
from utils.hangul import COMPONENTS
from utils.inference.network import apply_model
from utils.inference.prior import USUAL
from utils.loggers import (
    CSVLogger,
    PrintLogger,
    TensorBoardLogger,
    WandbLogger,
    WeightsLogger,
    join_pictures,
)
from utils.nn.adversary import (
    WRITER,
    WriterAccuracy,
    WriterLoss,
    add_discriminator,
)
from utils.nn.heads import DROPOUT
from utils.nn.losses import LOSSES, JointRivalModel, LastAccuracy, make_losses
from utils.nn.mixed import copy_for_training, copy_variables, scale_loss
from utils.nn.optimizers import make_optimizer
from utils.teaching import teach
from utils.training import Trainer
from utils.transfer import copy_weights
from utils.weights import SUFFIX, save_weights

_NUM_SAMPLES = 40  # pictures in the sample grid
_NUM_SHOWN = 16  # of them shown with what is read of them, epoch by epoch


def prepare(
    model, training_model, config, syllables, options, source=None, teachers=None
):
    """Makes a network ready to be fitted to patches.

    Args:
        model: `keras.Model` with a dict of probabilities: what is saved and validated.
        training_model: the same layers with a dict of logits: what is fitted.
        config: `utils.config.ModelConfig`.
        syllables: what the network can answer.
        options: `utils.config.TrainConfig`.
        source: `keras.Model` whose weights the network starts from, or None.
        teachers: dict, name -> `model.KoOCR` whose answers are learnt as well; or None.

    Returns:
        A `utils.training.Trainer`, to be run.

    Raises:
        ValueError: patches, weights, or a state to resume from, cannot be used. The
            network is then as it was before.
    """
    with _unchanged_if_refused(training_model):
        if source:
            copy_weights(source, training_model)
        models = model, training_model, teachers or {}
        return _prepare(*models, config, syllables, options)


@contextlib.contextmanager
def _unchanged_if_refused(model):
    """Gives a model its weights and dropout back where what is inside raises."""
    rates = [(dropout, dropout.rate) for dropout in _dropouts(model)]
    weights = model.get_weights()
    try:
        yield
    except BaseException:
        model.set_weights(weights)
        for dropout, rate in rates:
            dropout.rate = rate
        raise


def _prepare(model, training_model, teachers, config, syllables, options):
    """Does what `prepare` does, to a network that has its first weights."""
    devices = make_devices(options)
    dataset = make_dataset(config, syllables, options, devices)
    if teachers and len(training_model.inputs) > 1:
        raise ValueError(
            f"teachers={options.teachers} give each jamo a share, and decoder=sequence "
            "is told the true ones before each; leave one of them out."
        )
    dataset = teach(dataset, model, syllables, teachers, options)
    set_dropout(training_model, options.dropout)
    adversary = _adversary(config, options, dataset)
    with devices.scope():
        working = _working_copy(training_model, options.precision, devices)
        fitted = compile_model(working, options, adversary)
    pictures = EpochPictures(model, *dataset.sample(_NUM_SHOWN), syllables)
    validate = None
    if options.val_data_path:
        list_patches(options.val_data_path)  # better an error now than in an hour

        def validate():
            figures, tally = measure_tally(model, config, syllables, options)
            pictures.matrices = tally.matrices
            return figures

    with devices.scope():
        trainer = Trainer(fitted, dataset, options, validate, config.to_json(), devices)
    if working is not training_model:
        trainer.settle = partial(copy_variables, working, training_model)
    if not devices.is_chief:  # it waits for the chief, which does this
        trainer.validate = None
        return trainer
    # After the trainer, which refuses a folder that holds another run.
    trainer.loggers = make_loggers(training_model, config, dataset, options, pictures)
    trainer.rescue = partial(_rescue, training_model, config, options)
    return trainer


def _working_copy(training_model, precision, devices):
    """Returns the model to be fitted: the one given, where that can be."""
    if precision == "float32" and not devices.copies:
        return training_model
    mirrored = devices.replicas > 1 and keras.backend.backend() == "tensorflow"
    return copy_for_training(training_model, precision, synchronised=mirrored)


def training_options(module, names):
    """Returns the options class of a script that reads some options of training.

    Args:
        module: the script's `__name__`.
        names: of fields of `utils.config.TrainConfig`; the script knows no others.

    Returns:
        A dataclass `TrainingOptions`, whose `whole` is a `TrainConfig`.
    """
    chosen = [
        (
            each.name,
            each.type,
            dataclasses.field(default=each.default, metadata=each.metadata),
        )
        for each in dataclasses.fields(TrainConfig)
        if each.name in names
    ]
    namespace = {"__module__": module, "__doc__": TrainConfig.__doc__}
    namespace["whole"] = property(lambda self: TrainConfig(**dataclasses.asdict(self)))
    namespace["__post_init__"] = _check_whole
    return dataclasses.make_dataclass(
        "TrainingOptions", chosen, frozen=True, namespace=namespace
    )


def _check_whole(options):
    """Refuses what `TrainConfig` refuses."""
    TrainConfig(**dataclasses.asdict(options))


def _rescue(model, config, options):
    """Saves the weights of a run that had to stop; returns their path."""
    path = Path(options.log_path) / "weights" / f"last_good{SUFFIX}"
    save_weights(model, path, config.to_json())
    return path


def _adversary(config, options, dataset):
    """Returns the arguments of `add_discriminator`, or None without adversary.

    Raises:
        ValueError: options or pictures do not fit.
    """
    if config.adversarial_learning:
        return options.adversarial_ratio, dataset.num_steps, options.fit_discriminator
    for name in changed_options(options, ("adversarial_ratio", "fit_discriminator")):
        raise ValueError(
            f"{name}={getattr(options, name)} belongs to adversarial learning; set "
            "adversarial_learning=true, or leave it."
        )
    return None


def _dropouts(model):
    return [each for each in model.layers if isinstance(each, keras.layers.Dropout)]


def set_dropout(model, rate):
    """Sets what share of the features training leaves out before the heads.

    Raises:
        ValueError: the rate is not the usual one, and the heads leave nothing out.
    """
    dropouts = _dropouts(model)
    if not dropouts and rate != DROPOUT:
        raise ValueError(
            f"dropout={rate:g}, but these heads (decoder=sequence) leave no features "
            "out; leave dropout as it is."
        )
    for layer in dropouts:
        layer.rate = rate


def compile_model(training_model, options, adversary=None):
    """Compiles a model on the same layers: optimizer, losses, a metric a head.

    The model given stays without an optimizer, so that what is saved of it is weights
    alone.

    Args:
        training_model: `keras.Model` with a dict of logits.
        options: `utils.config.TrainConfig`.
        adversary: arguments of `utils.nn.adversary.add_discriminator` after the model,
            or None.

    Returns:
        The compiled `keras.Model`.

    Raises:
        ValueError: the loss needs heads that the model does not have.
    """
    names = sorted(training_model.output)  # the keys of the logits
    graph = {"inputs": training_model.input, "outputs": training_model.output}
    losses = make_losses(names, options.loss, options.hybrid_weight)
    metrics = {name: [LastAccuracy(name="accuracy")] for name in names}
    if adversary:
        graph = add_discriminator(training_model, *adversary)
        losses[WRITER], metrics[WRITER] = WriterLoss(), [WriterAccuracy()]
    if not LOSSES[options.loss][1]:
        fitted = keras.Model(**graph)
    else:
        if len(training_model.inputs) > 1:
            raise ValueError(
                f"loss={options.loss} ranks syllables by independent heads; "
                "decoder=sequence spells them in turn. Choose another loss."
            )
        if set(names) != set(COMPONENTS):
            raise ValueError(
                f"loss={options.loss} needs the heads {', '.join(COMPONENTS)}; the "
                f"network has {', '.join(names)}. Set split_components=true."
            )
        fitted = JointRivalModel(**graph, rival_weight=options.hybrid_weight)
    optimizer = make_optimizer(
        options.optimizer, options.learning_rate, options.weight_decay
    )
    # XLA on one device of TensorFlow's alone: it knows no others.
    jit = False if options.distribute == "mirrored" else "auto"
    optimizer = scale_loss(optimizer, options.precision)
    fitted.compile(optimizer, losses, metrics=metrics, jit_compile=jit)
    return fitted


def make_dataset(config, syllables, options, devices=None):
    """Returns the `PatchDataset` of the training patches, or a process's share."""
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


def measure(model, config, syllables, options):
    """Measures a model on the validation patches, at its first look.

    Returns:
        Dict of fractions 0-1: `syllable` (top-1), `top_n` (n = 5, or all), `initial`,
        `medial`, `final`, and `syllable_<source>` for each source; and `count`.
    """
    return measure_tally(model, config, syllables, options)[0]


def measure_tally(model, config, syllables, options):
    """Returns what `measure` does, and the `Tally` over all sources."""
    guesses = min(5, len(syllables))
    tallies, everything = {}, Tally(guesses, syllables, prior=USUAL)
    for chunk in read_seen(options.val_data_path, config, options.val_images):
        probabilities = apply_model(model, chunk.images)
        everything.add(chunk, probabilities)
        if chunk.source not in tallies:
            tallies[chunk.source] = Tally(guesses, syllables, prior=USUAL)
        tally = tallies[chunk.source]
        tally.add(chunk, probabilities)
    shares = {
        f"syllable_{source}": float(tally.right["syllable"].mean())
        for source, tally in tallies.items()
    }
    right = everything.right
    figures = {name: float(values.mean()) for name, values in right.items()}
    return figures | shares | {"count": len(right["syllable"])}, everything


def make_loggers(model, config, dataset, options, pictures=None):
    """Writes options and samples to the log folder; returns the run's loggers."""
    folder, network = Path(options.log_path), config.to_json()
    write_atomically(folder / "train_options.json", options.to_json().encode())
    write_atomically(folder / "model_options.json", network.encode())
    images, labels = dataset.sample(_NUM_SAMPLES)
    save_figure(folder / "samples.png", sample_grid(images, labels))
    loggers = [
        WeightsLogger(model, folder / "weights", network, options.zip_weights),
        CSVLogger(folder / "history.csv"),
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
