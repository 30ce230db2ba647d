"""One device: what training asks of devices, where nothing is distributed."""

import contextlib

from utils.backend import keras


class OneDevice:
    """The device that the backend chooses: nothing is distributed.

    Attributes:
        process, processes: number of this process from 0, and how many there are.
        replicas: devices that share a batch, in this process.
        is_chief: whether this process writes files; exactly one does.
    """

    process, processes, replicas = 0, 1, 1

    @property
    def is_chief(self):
        """Whether this process writes files."""
        return self.process == 0

    @property
    def copies(self):
        """Whether a model must be built anew to be trained here."""
        return self.replicas * self.processes > 1

    def scope(self):
        """Returns the context in which variables live on these devices."""
        return contextlib.nullcontext()

    def step(self, model, inputs, targets):
        """Takes a training step on this process's share of a batch; returns figures.

        Args:
            model: compiled `keras.Model` with a dict of logits.
            inputs: `uint8` (batch, size, size, 1), or a dict of arrays by input name.
            targets: dict of `int32` (batch,) or, of soft ones, `float32` (batch,
                classes).

        Returns:
            Dict, name -> mean over the batch: `loss`, and losses and metrics by output.
        """
        first = model.train_function is None
        if first and keras.backend.backend() == "tensorflow":
            build_figures(model, targets)
        return model.train_on_batch(inputs, targets, return_dict=True)

    def assign(self, variable, value):
        """Gives a variable a value that all processes know.

        Args:
            variable: of Keras.
            value: number or array of its shape, the same in every process.
        """
        variable.assign(value)

    def agree(self, value, least=False):
        """Returns one number for all processes: the chief's, or the least of all.

        Args:
            value: this process's number. Among several it is rounded to thousandths,
                and has to be below 2 million.
            least: take the least of all.
        """
        return value


def inputs_of(model, images, targets):
    """Returns what a step gives a model, as `OneDevice.step` takes it.

    A decoder that spells takes the true jamo before each as inputs too.

    Args:
        model: `keras.Model`.
        images: `uint8` (batch, size, size, 1).
        targets: dict of arrays (batch,).
    """
    if len(model.inputs) == 1:
        return images
    given = {"images": images, **targets}
    return {tensor.name: given[tensor.name] for tensor in model.inputs}


def build_figures(model, targets):
    """Creates the variables of a compiled model's losses and metrics.

    A graph that creates variables is traced twice by TensorFlow, and to trace a step of
    Melnyk's network takes seconds. On JAX, Keras creates them before by itself.

    Args:
        model: compiled `keras.Model` with a dict of logits.
        targets: dict of arrays (batch,), as `train_on_batch` takes them.
    """
    logits = {
        name: keras.ops.zeros((1, *each.shape[1:]))
        for name, each in model.output.items()
    }
    first = {name: each[:1] for name, each in targets.items()}
    model.compute_loss(None, first, logits)
    model.compute_metrics(None, first, logits, None)
