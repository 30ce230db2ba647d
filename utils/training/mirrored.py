"""Several devices of this machine that share a batch, by TensorFlow."""

import numpy as np

from utils.backend import keras
from utils.training.one_device import OneDevice


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
