"""One device: what training asks of devices, where nothing is distributed."""

import contextlib


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
        """Takes a training step on this process's share of a batch; returns figures."""
        return model.train_on_batch(inputs, targets, return_dict=True)

    def assign(self, variable, value):
        """Gives a variable a value that all processes know."""
        variable.assign(value)

    def agree(self, value, least=False):
        """Returns one number for all processes: the chief's, or the least of all."""
        return value
