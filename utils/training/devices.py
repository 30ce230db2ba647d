"""Where training computes: one device, several of this machine, or several machines.

Each of these gives the same loss and the same weights for the same batch, to the
rounding of sums taken in another order.
"""

import os
import sys

from utils.backend import keras
from utils.output import first_line
from utils.training.data_parallel import DataParallel
from utils.training.mirrored import Mirrored
from utils.training.one_device import OneDevice

DISTRIBUTIONS = ("none", "mirrored", "data_parallel")
_PATIENCE = 300  # seconds that JAX waits for all processes at the start
_SILENCE = 60  # seconds after which a process that says nothing counts as gone
_SETUP: dict[str, object] = {}  # what `connect` was told, once a process


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
        options: `utils.training_config.TrainConfig`.

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
    except (AttributeError, TypeError) as error:  # of what JAX lacked before 0.7
        raise ValueError(
            f"distribute={options.distribute} needs a newer JAX ({error}): pip install "
            "'jax>=0.7', on Python 3.11 or newer."
        ) from None
    except RuntimeError as error:
        reason = first_line(error)[:200]
        raise ValueError(
            f"distribute={options.distribute} cannot begin: {reason}. From Python call "
            "utils.training.devices.connect(TrainConfig(...)) before anything is "
            "computed or built; the processes must reach coordinator="
            f"{options.coordinator!r} within {_PATIENCE} seconds."
        ) from None
    _SETUP.update(wanted)


def make_devices(options):
    """Returns the devices that the options ask for, or the one that there is.

    Raises:
        ValueError: as for `connect`; the batch cannot be shared.
    """
    connect(options)
    kinds = {"none": OneDevice, "mirrored": Mirrored, "data_parallel": DataParallel}
    devices = kinds[options.distribute]()
    parts = devices.replicas * devices.processes
    if parts == 1:  # nothing is to be shared, nor kept alike
        return OneDevice()
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
