"""Training in mixed precision: a copy of a network whose trunk computes in 16 bits."""

import keras

from utils.nn.blocks import FEATURES
from utils.nn.directions import DirectMap
from utils.nn.layers import InkScale

# Values of --precision: Keras's names of dtype policies.
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def copy_for_training(model, precision, synchronised=False):
    """Returns a copy of a network that computes in a precision.

    Weights are float32 in all of them. The trunk, which has nearly all of the work,
    computes in 16 bits; preparation, pooling, heads, logits and the loss stay float32,
    where sums over many values and small differences matter.

    Reference: Micikevicius et al.: Mixed Precision Training (2018), sections 3.1 and
    3.3, https://arxiv.org/abs/1710.03740.

    Args:
        model: functional `keras.Model`.
        precision: one of `PRECISIONS`.
        synchronised: batch normalisation takes the statistics of all replicas together
            (TensorFlow alone).

    Returns:
        `keras.Model` with variables of its own, which have the values of the model's.
    """
    trunk = _trunk_names(model)

    def copy_layer(layer):
        config = layer.get_config()
        if layer.name in trunk:
            config["dtype"] = precision
        if synchronised and isinstance(layer, keras.layers.BatchNormalization):
            config["synchronized"] = True
        return layer.__class__.from_config(config)

    copy = keras.models.clone_model(model, clone_function=copy_layer)
    copy_variables(model, copy)
    return copy


def copy_variables(source, target):
    """Copies all variables, seeds of dropout among them, between equal networks.

    Args:
        source: `keras.Model` whose values are taken.
        target: `keras.Model` with layers of the same names, which takes them.

    Raises:
        ValueError: a layer is missing in `source`, or has other variables there.
    """
    for layer in target.layers:  # by name: a copy may list them in another order
        theirs = source.get_layer(layer.name).variables
        # Dropout of nothing needs no seed, and has none.
        strict = not isinstance(layer, keras.layers.Dropout)
        for given, wanted in zip(theirs, layer.variables, strict=strict):
            wanted.assign(keras.ops.convert_to_numpy(given))


def scale_loss(optimizer, precision):
    """Returns an optimizer that scales the loss where 16 bits could lose gradients.

    float16 has nothing below 6e-8: the loss is multiplied before its gradient is taken
    and the gradient divided after, by a factor that doubles until something overflows
    and halves when it does; the step that did is left out. bfloat16 has the range of
    float32.

    Args:
        optimizer: of Keras.
        precision: one of `PRECISIONS`.

    Returns:
        A `keras.optimizers.LossScaleOptimizer` about it for `mixed_float16`; else the
        optimizer as it is.
    """
    if precision != "mixed_float16":
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def _trunk_names(model):
    """Returns the names of the layers between the prepared picture and the features."""
    images = next(each for each in model.inputs if each.name == "images")
    trunk = keras.Model(images, model.get_layer(FEATURES).output)
    still = (InkScale, DirectMap, keras.layers.InputLayer)
    return {each.name for each in trunk.layers if not isinstance(each, still)}
