"""Convolutions split in two thin ones: the pairs of GSLRE.

Reference: Xiao, Jin, Yang, Yang, Sun, Chang: Building Fast and Compact Convolutional
Neural Networks for Offline Handwritten Chinese Character Recognition (2017), section 3,
https://arxiv.org/abs/1702.07975.
"""

import math

import keras
from keras import ops

from utils.nn.kernel_pairs import split_kernel
from utils.nn.layers import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class LowRankConv2D(keras.layers.Layer):
    """A k x 1 convolution into few channels, then a 1 x k one out of them.

    Nothing stands between the two, so that they are a k x k convolution of limited
    rank. Without bias: a normalisation follows in every network here.

    Args:
        filters: channels that come out.
        rank: channels in between, 1 or more.
        size: k.
        strides: of the convolution that it replaces.
        padding: `"same"` or `"valid"`.

    Input shape: (batch, height, width, channels).
    Output shape: that of the convolution that it replaces.
    """

    def __init__(self, filters, rank, size, strides=1, padding="same", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.rank, self.size = filters, rank, size
        self.strides, self.padding = strides, padding

    def build(self, input_shape):
        shapes = {
            "vertical": (self.size, 1, input_shape[-1], self.rank),
            "horizontal": (1, self.size, self.rank, self.filters),
        }
        for name, shape in shapes.items():
            weight = self.add_weight(
                name=name, shape=shape, initializer=keras.initializers.HeNormal()
            )
            setattr(self, name, weight)

    def call(self, images):
        how = {"padding": self.padding, "data_format": "channels_last"}
        thin = ops.conv(images, self.vertical, (self.strides, 1), **how)
        return ops.conv(thin, self.horizontal, (1, self.strides), **how)

    def multiply_adds(self):
        """Returns the multiply-adds of one picture."""
        rows, columns = self.output.shape[1:3]
        first = rows * self.input.shape[2] * math.prod(self.vertical.shape)
        return first + rows * columns * math.prod(self.horizontal.shape)

    def get_config(self):
        names = ("filters", "rank", "size", "strides", "padding")
        return super().get_config() | {name: getattr(self, name) for name in names}


def convolutions(model):
    """Returns the convolutions that can be split, in the order of the network.

    Not the first, whose few channels leave nothing to gain; nor 1 x 1 ones, nor grouped
    ones, nor those with a bias.
    """
    found = [each for each in model.layers if isinstance(each, keras.layers.Conv2D)]
    return [
        layer
        for layer in found[1:]
        if layer.kernel_size[0] == layer.kernel_size[1] > 1
        and layer.strides[0] == layer.strides[1]
        and not layer.use_bias
        and layer.groups == 1
        and layer.dilation_rate == (1, 1)
    ]


def split_layers(model, training_model, ranks):
    """Replaces convolutions by pairs that come as near to them as their rank allows.

    All other layers are shared with the models given.

    Args:
        model: `keras.Model` with a dict of probabilities.
        training_model: the same layers with a dict of logits.
        ranks: dict, name of a convolution -> rank.

    Returns:
        (model, training_model) with pairs.

    Raises:
        ValueError: a name is none of `convolutions`, or a rank more than its full one.
    """
    known = {layer.name: layer for layer in convolutions(training_model)}
    unknown = sorted(set(ranks) - set(known))
    if unknown:
        raise ValueError(
            f"low_rank names {', '.join(unknown)}; this network can split: "
            f"{', '.join(known) or 'nothing'}."
        )

    for name, rank in ranks.items():
        _check_rank(name, rank, known[name].kernel.shape)

    def replace(layer):
        return _pair(layer, ranks[layer.name]) if layer.name in ranks else layer

    whole = keras.Model(training_model.inputs, [training_model.output, model.output])
    copy = keras.models.clone_model(whole, clone_function=replace)
    for name, rank in ranks.items():
        kernel = ops.convert_to_numpy(known[name].kernel)
        copy.get_layer(name).set_weights(split_kernel(kernel, rank))
    logits, probabilities = copy.output
    inputs = {tensor.name: tensor for tensor in copy.inputs}
    images = inputs[model.inputs[0].name]
    given = images if len(inputs) == 1 else inputs
    return keras.Model(images, probabilities), keras.Model(given, logits)


def _check_rank(name, rank, kernel_shape):
    full = kernel_shape[0] * min(kernel_shape[2:])
    if rank > full:
        raise ValueError(
            f"low_rank gives {name} rank {rank}; its full rank is {full}, where "
            "nothing is saved any more."
        )


def _pair(layer, rank):
    """Returns the pair that takes a convolution's place."""
    return LowRankConv2D(
        layer.filters,
        rank,
        layer.kernel_size[0],
        layer.strides[0],
        layer.padding,
        name=layer.name,
    )


def read_ranks(text):
    """Reads `conv2=40,conv3=51` as a dict; an empty text is an empty one.

    Raises:
        ValueError: the text is something else.
    """
    ranks = {}
    for part in filter(None, text.split(",")):
        name, _, rank = part.partition("=")
        if not name or not rank.isdecimal() or not int(rank):
            raise ValueError(
                f"low_rank={text!r}; expected name=rank, with a comma between two, as "
                "compress.py writes them."
            )
        ranks[name] = int(rank)
    return ranks


def write_ranks(ranks):
    """Writes a dict as `read_ranks` reads it."""
    return ",".join(f"{name}={rank}" for name, rank in ranks.items())
