"""Trains a network on patches.

    python train.py --data_path=./data --network=melnyk --fc_link=GWAP
        --image_size=96 --batch_size=128 --epochs=10

Weights go to ./logs/weights after every epoch, the best by validation syllable accuracy
to best.weights.h5 (those that the run began with, where no epoch reads as many), curves
to ./logs/history.csv and ./logs/tensorboard, options and a grid of samples beside them.
A run that was stopped, as by Ctrl-C, goes on with --resume=true.
"""

import sys
from dataclasses import asdict, dataclass

from model import KoOCR
from utils.backend import set_seed
from utils.cli import check_options, named_options, option, parse_options
from utils.config import ModelConfig
from utils.model_options import options_of
from utils.output import INTERRUPTED
from utils.training.devices import connect, leave
from utils.training.loop import TrainingError
from utils.training.monitoring import LostProcessError
from utils.training_config import TrainConfig


@dataclass(frozen=True)
class ScriptOptions:
    """Options of this script alone."""

    weights: str = option(
        "", "go on from these weights ('': a fresh network)", aliases=("weight_path",)
    )

    def __post_init__(self):
        check_options(self)


def main(argv=None):
    """Runs the script; returns its exit status."""
    classes = (ScriptOptions, TrainConfig)
    # With weights, what is not named on the command line is as the weights have it.
    named = named_options(ModelConfig, *classes, ModelConfig, argv=argv)
    script, training = parse_options(
        __doc__, *classes, argv=argv, unread=(ModelConfig,)
    )
    if not (script.weights or training.initial_weights):  # then they must fit as named
        parse_options(__doc__, *classes, ModelConfig, argv=argv)
    try:
        if script.weights and training.initial_weights:
            raise ValueError(
                "weights goes on with a network, initial_weights starts another from "
                "one; give one of the two."
            )
        if training.initial_weights:  # what begins with them is as they are
            named = options_of(training.initial_weights) | named
        connect(training)
        # Before the network is built, so that its initial weights are the seed's.
        set_seed(training.seed)
        KoOCR(script.weights, **named).train(**asdict(training))
    except (ValueError, OSError, ImportError, TrainingError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        if isinstance(error, LostProcessError):
            leave(1)
        return 1
    except KeyboardInterrupt:
        print(
            "train.py: stopped; the same command with --resume=true goes on.",
            file=sys.stderr,
        )
        if training.processes > 1:
            leave(INTERRUPTED)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
