"""Devices of several processes that share a batch, by JAX."""

import contextlib
from functools import cached_property, partial

import numpy as np

from utils.backend import keras
from utils.output import first_line
from utils.training.monitoring import LostProcessError
from utils.training.one_device import OneDevice

# What JAX's errors say when a connection is gone; it has no class of error for that.
_BROKEN = ("Gloo", "NCCL", "UNAVAILABLE", "DEADLINE_EXCEEDED", "coordination")


class DataParallel(OneDevice):
    """All devices of all processes, each with a part of every batch (JAX).

    `keras.distribution.DataParallel`: the step is one program over all devices, so that
    loss, gradient and batch statistics are those of the whole batch.
    """

    def __init__(self):
        import jax

        self._jax = jax
        self.process, self.processes = jax.process_index(), jax.process_count()
        self.replicas = jax.local_device_count()

    @cached_property
    def _distribution(self):
        return keras.distribution.DataParallel(auto_shard_dataset=False)

    def scope(self):
        """Returns the distribution's scope."""
        return self._distribution.scope()

    def step(self, model, inputs, targets):
        """Takes a step on this process's part of the batch.

        Raises:
            LostProcessError: another process is gone.
        """
        # Keras's own way asks all processes whether their zeros are equal.
        model.reset_metrics = partial(self._reset, model)
        with self.scope(), self._together():
            figures = model.train_on_batch(inputs, targets, return_dict=True)
            # A number shows that the step is done; until then JAX only promises.
            return {name: float(value) for name, value in figures.items()}

    def _reset(self, model):
        """Sets the metrics of a model to zero."""
        for metric in model.metrics:
            for variable in metric.variables:
                self.assign(variable, np.zeros(variable.shape))

    def assign(self, variable, value):
        """Assigns without asking the other processes whether they have the same."""
        layout = self._distribution.get_variable_layout(variable).backend_layout
        array = np.asarray(value, variable.dtype)
        make = self._jax.make_array_from_process_local_data
        with self.scope():
            variable.assign(make(layout, array))

    def agree(self, value, least=False):
        """Returns one number for all processes: the chief's, or the least of all.

        Raises:
            LostProcessError: another process is gone.
        """
        from jax.experimental import multihost_utils

        with self._together():
            # Whole thousandths: float64 would become float32 on the way.
            mine = np.asarray(round(value * 1000), np.int32)
            every = np.asarray(multihost_utils.process_allgather(mine)).reshape(-1)
        return float(every.min() if least else every[0]) / 1000

    @contextlib.contextmanager
    def _together(self):
        """Turns the failure of a collective operation into an error that says so."""
        try:
            yield
        except (self._jax.errors.JaxRuntimeError, ValueError) as error:
            reason = first_line(error)[:200]
            if not any(sign in reason for sign in _BROKEN):
                raise
            raise LostProcessError(
                f"Process {self.process} of {self.processes} lost the others "
                f"({reason}). Start all of them again with resume=true."
            ) from None
