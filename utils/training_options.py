"""Options of training for scripts that read some of them."""

import dataclasses

from utils.training_config import TrainConfig


def training_options(module, names):
    """Returns the options class of a script that reads some options of training.

    Args:
        module: the script's `__name__`.
        names: of fields of `utils.training_config.TrainConfig`; the script knows no
            others.

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
