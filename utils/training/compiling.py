"""A network -> the model that is fitted: dropout, losses, metrics, optimizer."""

from utils.backend import keras
from utils.hangul import COMPONENTS
from utils.nn.adversary import (
    WRITER,
    WriterAccuracy,
    WriterLoss,
    add_discriminator,
)
from utils.nn.heads import DROPOUT
from utils.nn.losses import LOSSES, JointRivalModel, LastAccuracy, make_losses
from utils.nn.mixed import scale_loss
from utils.nn.optimizers import make_optimizer


def dropouts(model):
    """Returns the layers of a model that leave features out, in a list."""
    return [each for each in model.layers if isinstance(each, keras.layers.Dropout)]


def set_dropout(model, rate):
    """Sets what share of the features training leaves out before the heads.

    Args:
        model: `keras.Model`.
        rate: the share, from 0 to less than 1.

    Raises:
        ValueError: the rate is not the usual one, and the heads leave nothing out.
    """
    layers = dropouts(model)
    if not layers and rate != DROPOUT:
        raise ValueError(
            f"dropout={rate:g}, but these heads (decoder=sequence) leave no features "
            "out; leave dropout as it is."
        )
    for layer in layers:
        layer.rate = rate


def compile_model(training_model, options, adversary=None):
    """Compiles a model on the same layers: optimizer, losses, a metric a head.

    The model given stays without an optimizer, so that what is saved of it is weights
    alone.

    Args:
        training_model: `keras.Model` with a dict of logits.
        options: `utils.training_config.TrainConfig`.
        adversary: arguments of `utils.nn.adversary.add_discriminator` after the model,
            or None.

    Returns:
        The compiled `keras.Model`.

    Raises:
        ValueError: the loss needs heads that the model does not have.
    """
    names = sorted(training_model.output)  # the keys of the logits
    graph = {"inputs": training_model.input, "outputs": training_model.output}
    losses = make_losses(names, options.loss, options.hybrid_weight)
    metrics = {name: [LastAccuracy(name="accuracy")] for name in names}
    if adversary:
        graph = add_discriminator(training_model, *adversary)
        losses[WRITER], metrics[WRITER] = WriterLoss(), [WriterAccuracy()]
    if not LOSSES[options.loss][1]:
        fitted = keras.Model(**graph)
    else:
        if len(training_model.inputs) > 1:
            raise ValueError(
                f"loss={options.loss} ranks syllables by independent heads; "
                "decoder=sequence spells them in turn. Choose another loss."
            )
        if set(names) != set(COMPONENTS):
            raise ValueError(
                f"loss={options.loss} needs the heads {', '.join(COMPONENTS)}; the "
                f"network has {', '.join(names)}. Set split_components=true."
            )
        fitted = JointRivalModel(**graph, rival_weight=options.hybrid_weight)
    optimizer = make_optimizer(
        options.optimizer, options.learning_rate, options.weight_decay
    )
    # XLA on one device of TensorFlow's alone: it knows no others.
    jit = False if options.distribute == "mirrored" else "auto"
    optimizer = scale_loss(optimizer, options.precision)
    fitted.compile(optimizer, losses, metrics=metrics, jit_compile=jit)
    return fitted
