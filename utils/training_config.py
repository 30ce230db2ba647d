"""The declaration of every option of training, for Python and the command line."""

import dataclasses
import json
from dataclasses import dataclass

from utils.cli import check_options, option
from utils.config_rules import TRAINING_RULES, check_rules
from utils.data.augment import DISTORTIONS
from utils.nn.heads import DROPOUT
from utils.nn.losses import LOSSES
from utils.nn.mixed import PRECISIONS
from utils.nn.optimizers import OPTIMIZERS
from utils.option_help import tell_options
from utils.option_values import split_names
from utils.training.devices import DISTRIBUTIONS

_ADVERSARIAL_RATIO = 0.15  # the seed's; the authors of the method have 0.1


@tell_options
@dataclass(frozen=True)
class TrainConfig:
    """How the network is fitted: logged with the run."""

    data_path: str = option("./data", "folder of training patches")
    val_data_path: str = option("./val_data", "folder of validation patches ('': none)")
    val_images: int = option(
        2000,
        "validation pictures of each source after an epoch (0: all)",
        low=0,
        read_by=("val_data_path",),
    )
    initial_weights: str = option(
        "",
        "start from these weights; options of the network not named are theirs. "
        "With GAP, GWAP or GWOAP image_size may differ, direct_map with raw_plane be "
        "new, and deep start from compact",
    )
    log_path: str = option("./logs", "folder for weights, curves and pictures")
    epochs: int = option(50, "passes over the training patches", low=1)
    batch_size: int = option(32, "pictures a step", low=1)
    patch_size: int = option(10, "patches held in memory at once", low=1)
    workers: int = option(
        0, "processes that prepare pictures, for a fast GPU (0: threads)", low=0
    )
    optimizer: str = option("adabound", "optimizer", OPTIMIZERS)
    learning_rate: float = option(0.001, "initial step size", aliases=("lr",), low=0.0)
    loss: str = option(
        "cross-entropy",
        "loss; hybrid adds the strongest rivals, jamo or (joint-) syllables",
        LOSSES,
    )
    hybrid_weight: float = option(0.3, "weight of the rivals in a hybrid loss", low=0.0)
    teachers: str = option(
        "", "networks, with commas between, whose answers are learnt beside the labels"
    )
    teacher_share: float = option(
        0.7, "what part of the targets is theirs", low=0.0, high=1.0
    )
    dropout: float = option(
        DROPOUT, "share of the features left out before the heads", low=0.0, high=0.95
    )
    schedule: str = option(
        "constant",
        "learning rate over time; cosine falls to zero at the end of the epochs or of "
        "max_minutes",
        ("constant", "cosine"),
    )
    warmup_steps: int = option(0, "steps over which the rate rises from zero", low=0)
    weight_decay: float = option(0.0, "decoupled weight decay", low=0.0)
    data_augmentation: bool = option(False, "distort pictures: pen, paper, camera")
    distortions: str = option(
        ",".join(DISTORTIONS),
        "kinds of it, with commas between: the whole picture, jamo and strokes as "
        "hands move them, widths of the pen, camera and scanner",
    )
    adversarial_ratio: float = option(
        _ADVERSARIAL_RATIO,
        "share of the adversarial loss, reached over the first epoch",
        low=0.0,
    )
    fit_discriminator: bool = option(
        True, "train the discriminator as well (false: a random one judges)"
    )
    seed: int = option(
        0,
        "of shuffling, augmentation and, by train.py, initial weights",
        low=0,
        high=2**32 - 1,
    )
    precision: str = option(
        "float32",
        "of the trunk's arithmetic; weights, heads and loss are float32 in all of them",
        PRECISIONS,
    )
    distribute: str = option(
        "none",
        "mirrored: several devices of this machine, TensorFlow; data_parallel: all "
        "devices of all processes, JAX",
        DISTRIBUTIONS,
    )
    devices: int = option(
        0, "logical devices made of a CPU, for distribute (0: as it is)", low=0
    )
    coordinator: str = option(
        "", "HOST:PORT on which process 0 meets the others (data_parallel)"
    )
    processes: int = option(1, "processes of the run (data_parallel)", low=1)
    process: int = option(0, "which of the processes this is, from 0", low=0)
    resume: bool = option(
        False, "go on where the run in log_path stopped, if one has begun"
    )
    max_minutes: float = option(
        0.0,
        "minutes of the run in all, after which it stops cleanly (0: never)",
        low=0.0,
    )
    patience: int = option(
        0,
        "validations that may read no more than one before; then training ends "
        "(0: never)",
        low=0,
        read_by=("val_data_path",),
    )
    checkpoint_minutes: float = option(
        10.0, "minutes between checkpoints inside an epoch (0: every step)", low=0.0
    )
    zip_weights: bool = option(False, "also pack each epoch's weights into a zip")
    log_tensorboard: bool = option(True, "curves and samples for TensorBoard")
    log_wandb: bool = option(False, "log to Weights & Biases")
    setup_wandb: bool = option(False, "log in to Weights & Biases first")
    silent_mode: bool = option(False, "print nothing but errors")

    def __post_init__(self):
        check_options(self)
        check_rules(self, TRAINING_RULES)

    @property
    def teacher_names(self):
        """List of what `teachers` names."""
        return split_names(self.teachers)

    def to_json(self):
        """Returns the options as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False)
