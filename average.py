"""Makes one network of several: the mean of their weights.

    python average.py --weights=melnyk,./logs/weights --shares=0.35,0.65
        --save_path=./logs/mean/mean.weights.h5

Weights of one network before and after training on have a mean that often reads
unknown hands better than either. Batch normalisation keeps means and variances that
the mean of weights does not have: --statistics_images of the training patches, as
training would show them, find them anew. Prototypes and temperature of the networks
are not carried over; --prototypes=true learns the former anew. A network of fewer
blocks (compact beside deep) counts as one of more whose others pass on what they read.
See Wortsman et al. (2022), https://arxiv.org/abs/2203.05482.
"""

import sys
from dataclasses import asdict, dataclass, fields, replace

from model import KoOCR
from utils.cli import changed_options, check_options, option, parse_options
from utils.option_values import split_names
from utils.output import run_script
from utils.presets import AT_PREDICTION, WEIGHTS_SUFFIX
from utils.training.fitting import make_dataset
from utils.training_options import training_options
from utils.weights.averaging import average_weights, renew_statistics
from utils.weights.files import WeightsError, find_weights
from utils.weights.transfer import copy_weights

# Options of training that tell which pictures batch normalisation sees, and how.
_READ = {"data_path", "batch_size", "patch_size", "data_augmentation", "distortions"}
_READ |= {"seed"}

TrainingOptions = training_options(__name__, _READ)


@dataclass(frozen=True)
class Options:
    """Which weights, how much of each, and where their mean goes."""

    weights: str = option(
        "", "two or more weights, with commas between", aliases=("weight_path",)
    )
    shares: str = option("", "numbers above 0 with commas between ('': all alike)")
    save_path: str = option("", "file to be written; it ends in .weights.h5")
    half: bool = option(False, "store float16, half the size")
    statistics_images: int = option(
        0, "training pictures that batch normalisation is found by (0: its mean)", low=0
    )
    prototypes: bool = option(
        False, "learn from data_path where each jamo lies, which `adapt` needs"
    )

    def __post_init__(self):
        check_options(self)
        if len(self.names) < 2:
            raise ValueError(
                f"weights={self.weights!r}; expected two or more, with commas between."
            )
        if not self.save_path:
            raise ValueError("save_path is missing: where is the mean to be written?")
        if not self.save_path.endswith(WEIGHTS_SUFFIX):
            raise ValueError(
                f"save_path={self.save_path!r}; the name must end in {WEIGHTS_SUFFIX}."
            )
        if len(self.numbers) != len(self.names):
            raise ValueError(
                f"shares={self.shares!r} for {len(self.names)} networks; expected a "
                "number for each."
            )

    @property
    def names(self):
        """The weights, one by one."""
        return [name for name in split_names(self.weights) if name]

    @property
    def numbers(self):
        """The shares, one by one.

        Raises:
            ValueError: one is no number.
        """
        if not self.shares:
            return [1.0] * len(self.names)
        try:
            return [float(share) for share in self.shares.split(",")]
        except ValueError:
            raise ValueError(
                f"shares={self.shares!r}; expected numbers with commas between."
            ) from None


def main(argv=None):
    """Runs the script; returns its exit status."""
    options, training = parse_options(__doc__, Options, TrainingOptions, argv=argv)
    try:
        _check_training(options, training)
        network = average(options, training.whole)
        network.save(options.save_path, half=options.half)
    except (ValueError, OSError) as error:
        print(f"average.py: {error}", file=sys.stderr)
        return 1
    print(f"{options.save_path}: the mean of {', '.join(options.names)}.")
    return 0


def _check_training(options, training):
    """Refuses options of training that nothing reads."""
    read = _READ if options.statistics_images else set()
    read = read | ({"data_path"} if options.prototypes else set())
    unread = {each.name for each in fields(training)} - read
    if changed := changed_options(training, unread):
        raise ValueError(
            f"{', '.join(changed)}: nothing reads it here. Patches are read with "
            f"--statistics_images, by {', '.join(sorted(_READ))}, and with "
            "--prototypes, by data_path."
        )


def average(options, training):
    """Averages networks.

    Args:
        options: `Options`.
        training: `utils.training_config.TrainConfig`; see `_READ`.

    Returns:
        A `KoOCR` without temperature.

    Raises:
        ValueError: the weights or the patches cannot be used.
    """
    networks = [KoOCR(find_weights(name)) for name in options.names]
    at_prediction = {n: getattr(networks[0].config, n) for n in AT_PREDICTION}
    for network in networks:  # what may differ from weights is that of the first
        network.config = replace(network.config, **at_prediction)
        network.forget_fits()
    largest = max(networks, key=lambda network: len(network.model.layers))
    networks = [_grow(network, largest) for network in networks]
    first = networks[0]
    average_weights([each.training_model for each in networks], options.numbers)
    if options.statistics_images:
        dataset = make_dataset(first.config, first.syllables, training)
        images, _ = dataset.sample(options.statistics_images)
        renew_statistics(first.model, images, training.batch_size)
    if options.prototypes:
        first.learn_prototypes(training.data_path)
    return first


def _grow(network, largest):
    """Returns a network as one of the layers of the largest; the same answers."""
    if network.config == largest.config:
        return network
    if replace(network.config, network=largest.config.network) != largest.config:
        ours, theirs = asdict(largest.config), asdict(network.config)
        unlike = [
            f"{name}={value!r} and {theirs[name]!r}"
            for name, value in ours.items()
            if value != theirs[name]
        ]
        raise ValueError(
            f"Only networks of the same options have a mean; got {', '.join(unlike)}."
        )
    grown = KoOCR(None, **asdict(largest.config))
    try:  # the blocks of the largest, then what both have
        for source in (largest, network):
            copy_weights(source.training_model, grown.training_model)
    except WeightsError:
        raise ValueError(
            f"{network.config.network} and {largest.config.network} have no mean; "
            "expected networks of one kind, whose blocks may differ in number."
        ) from None
    return grown


if __name__ == "__main__":
    run_script(main)
