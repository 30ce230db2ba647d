"""Knowledge distillation: a network learns what teachers read, beside the labels.

Distorted pictures are doubtful, and a label says nothing of that: what several networks
make of them does, and one network can learn most of what their mean knows. Hinton,
Vinyals, Dean (2015), https://arxiv.org/abs/1503.02531, without a temperature: there is
doubt enough. Teachers see the very picture that the network learns from, as Beyer et
al. (2022) have it, https://arxiv.org/abs/2106.05237.
"""

import hashlib

import numpy as np

from utils.inference.network import apply_model
from utils.nn.mixed import copy_for_training


class DistilledDataset:
    """A dataset whose soft targets mix labels and what the teachers read.

    Args:
        dataset: `utils.data.dataset.PatchDataset`; whatever is not here is its own.
        models: list of `keras.Model`, from pictures to dicts of probabilities.
        share: 0-1, the weight of the mean of the teachers' probabilities.
    """

    def __init__(self, dataset, models, share):
        self._dataset, self._models, self._share = dataset, models, share

    def __getattr__(self, name):
        return getattr(self._dataset, name)

    @property
    def teachers_digest(self):
        """SHA-256 of the weights of all teachers, in hexadecimal digits."""
        state = hashlib.sha256()
        for array in (each for model in self._models for each in model.get_weights()):
            state.update(np.ascontiguousarray(array))
        return state.hexdigest()

    def batches(self, epoch, first_step=0):
        """Yields the batches of an epoch, see `PatchDataset.batches`.

        Args:
            epoch: its number, from 0.
            first_step: number of the first batch, from 0.

        Yields:
            (images, targets): `uint8` (batch, size, size, 1), and a dict of `float32`
            (batch, classes), probabilities that each jamo or syllable is shown; what
            the networks do not answer stays as it is.

        Raises:
            ChildProcessError: one of the dataset's `workers` is gone.
        """
        for images, targets in self._dataset.batches(epoch, first_step):
            yield images, targets | self._soften(images[..., 0], targets)

    def _soften(self, images, targets):
        """Returns labels and the networks' answers in one, by head."""
        read = [apply_model(model, images) for model in self._models]
        softened, rows = {}, np.arange(len(images))
        for name in read[0]:
            mean = np.mean([answers[name] for answers in read], axis=0)
            softened[name] = (self._share * mean).astype(np.float32)
            softened[name][rows, targets[name]] += 1 - self._share
        return softened


def distil(dataset, network, syllables, teachers, options):
    """Adds what teachers read to the targets of a dataset.

    Each looks once, at whole pictures, and says what its network does: its looks and
    its temperature do not count.

    Args:
        dataset: `utils.data.dataset.PatchDataset`.
        network: `keras.Model` that is to learn, with a dict of probabilities.
        syllables: what it can answer.
        teachers: dict, name -> `model.KoOCR`, of which there may be none.
        options: `utils.training_config.TrainConfig`.

    Returns:
        A `DistilledDataset`, or the dataset as it is without teachers.

    Raises:
        ValueError: a teacher takes pictures of another size or answers otherwise than
            the network.
    """
    own = _describe(network)
    for name, teacher in teachers.items():
        if _describe(teacher.model) != own:
            raise ValueError(
                f"teachers={name}: it answers {_describe(teacher.model)}, and the "
                f"network {own}; a teacher is asked what the network is asked, of the "
                "same pictures."
            )
        if tuple(teacher.syllables) != tuple(syllables):
            raise ValueError(
                f"teachers={name}: its {len(teacher.syllables)} syllables are not "
                "those of the network; a teacher has the same charset."
            )
    models = [_computing(each.model, options.precision) for each in teachers.values()]
    return (
        DistilledDataset(dataset, models, options.teacher_share) if models else dataset
    )


def _computing(model, precision):
    """Returns a model that computes in a precision."""
    return model if precision == "float32" else copy_for_training(model, precision)


def _describe(model):
    """Tells the classes of a model's heads and the side of its pictures, in words."""
    heads = [f"{name} ({each.shape[-1]})" for name, each in model.output.items()]
    return f"{', '.join(sorted(heads))} at {model.inputs[0].shape[1]} pixels"
