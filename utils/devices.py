"""Where training computes: one device, several of this machine, or several machines.

Each of these gives the same loss and the same weights for the same batch, to the
rounding of sums taken in another order.
"""

import contextlib
import os
import sys
from functools import cached_property, partial

import numpy as np

from utils.backend import keras
from utils.watching import LostProcessError

DISTRIBUTIONS = ("none", "mirrored", "data_parallel")
_PATIENCE = 300  # seconds that JAX waits for all processes at the start
_SILENCE = 60  # seconds after which a process that says nothing counts as gone
# What JAX's errors say when a connection is gone; it has no class of error for that.
_BROKEN = ("Gloo", "NCCL", "UNAVAILABLE", "DEADLINE_EXCEEDED", "coordination")
_SETUP: dict[str, object] = {}  # what `connect` was told, once a process


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


class Mirrored(OneDevice):
    """Several devices of this machine, each with a copy of the variables (TensorFlow).

    `tf.distribute.MirroredStrategy`: each device gets its part of the batch, gradients
    are summed over the devices, batch normalisation takes the whole batch's statistics.
    """

    def __init__(self):
        import tensorflow as tf

        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        names = [each.name for each in tf.config.list_logical_devices(kind)]
        # Collectives of NVIDIA's library on its devices alone.
        reduce = None if kind == "GPU" else tf.distribute.ReductionToOneDevice()
        self.strategy = tf.distribute.MirroredStrategy(names, reduce)
        self.replicas = self.strategy.num_replicas_in_sync

    def scope(self):
        """Returns the strategy's scope."""
        return self.strategy.scope()

    def step(self, model, inputs, targets):
        """Takes a step; `train_on_batch` would give the whole batch to each device."""
        with self.scope():
            model.make_train_function()
            model.reset_metrics()
            figures = model.train_function(iter([self._parts((inputs, targets))]))
        return {name: float(value) for name, value in figures.items()}

    def _parts(self, batch):
        """Returns a nest of arrays (batch, ...) as values with a part a device."""

        def part(array, context):
            return np.array_split(array, self.replicas)[
                context.replica_id_in_sync_group
            ]

        def parts(context):
            return keras.tree.map_structure(lambda array: part(array, context), batch)

        return self.strategy.experimental_distribute_values_from_function(parts)


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
            reason = str(error).strip().split("\n")[0][:200]
            if not any(sign in reason for sign in _BROKEN):
                raise
            raise LostProcessError(
                f"Process {self.process} of {self.processes} lost the others "
                f"({reason}). Start all of them again with resume=true."
            ) from None


def leave(status):
    """Ends a process that has lost the others; the usual way out waits for them."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def connect(options):
    """Makes ready what must be before the first computation of the process.

    Several devices of a CPU, and the connection of several processes: call it before a
    network is built. Without distribution it does nothing.

    Args:
        options: `utils.config.TrainConfig`.

    Raises:
        ValueError: the backend cannot do it, it is too late, or the other processes
            cannot be reached.
    """
    wanted = {
        name: getattr(options, name)
        for name in ("distribute", "devices", "coordinator", "processes", "process")
    }
    if options.distribute == "none" or _SETUP == wanted:
        return
    if _SETUP:
        raise ValueError(
            f"This process computes with {_SETUP} already; start another for {wanted}."
        )
    needed = {"mirrored": "tensorflow", "data_parallel": "jax"}[options.distribute]
    if keras.backend.backend() != needed:
        raise ValueError(
            f"distribute={options.distribute} needs KERAS_BACKEND={needed}; this is "
            f"{keras.backend.backend()}."
        )
    try:
        (_connect_jax if needed == "jax" else _split_tensorflow)(options)
    except RuntimeError as error:
        reason = str(error).strip().split("\n")[0][:200]
        raise ValueError(
            f"distribute={options.distribute} cannot begin: {reason}. From Python call "
            "utils.devices.connect(TrainConfig(...)) before anything is computed or "
            "built; the processes must reach coordinator="
            f"{options.coordinator!r} within {_PATIENCE} seconds."
        ) from None
    _SETUP.update(wanted)


def make_devices(options):
    """Returns the devices that the options ask for.

    Raises:
        ValueError: as for `connect`; the batch cannot be shared.
    """
    connect(options)
    kinds = {"none": OneDevice, "mirrored": Mirrored, "data_parallel": DataParallel}
    devices = kinds[options.distribute]()
    parts = devices.replicas * devices.processes
    if options.batch_size % parts:
        raise ValueError(
            f"batch_size={options.batch_size} is shared by {parts} devices; give a "
            f"multiple of {parts}."
        )
    return devices


def _split_tensorflow(options):
    """Makes several logical devices of the CPU, where that is asked for."""
    import tensorflow as tf

    if options.devices and not tf.config.list_physical_devices("GPU"):
        cpu = tf.config.list_physical_devices("CPU")[0]
        one = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [one] * options.devices)


def _connect_jax(options):
    """Makes several devices of the CPU, and connects the processes."""
    import jax

    if options.devices:
        jax.config.update("jax_num_cpu_devices", options.devices)
    if options.processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        # What `keras.distribution.initialize` calls, but for the time limit: a process
        # that stops silently, as a machine without power does, is missed after it.
        jax.distributed.initialize(
            options.coordinator,
            options.processes,
            options.process,
            initialization_timeout=_PATIENCE,
            heartbeat_timeout_seconds=_SILENCE,
        )
