"""What trunks are built of: convolution with its normalisation, Fire, narrow blocks."""

from keras import layers

from utils.nn.layers import FusedBatchNormalization

FEATURES = "features"  # name of the last activation: what maps are drawn from


def fire_module(x, filters, strides, name, activation_name):
    """Applies a Fire module: squeeze, two expansions side by side, normalisation.

    Reference: Iandola et al. (2016), https://arxiv.org/abs/1602.07360, section 3.1.

    Args:
        x: tensor (batch, height, width, channels).
        filters: of the result; an eighth of them is what it squeezes to.
        strides: of the expansions.
        name: of its layers, before what each does.
        activation_name: of its last layer, a leaky ReLU.

    Returns:
        Tensor (batch, ceil(height / strides), ceil(width / strides), filters).
    """
    x = conv_block(
        x,
        filters // 8,
        f"{name}_squeeze",
        f"{name}_squeeze_act",
        size=1,
        activation=layers.LeakyReLU,
    )
    sides = [
        _conv(filters // 2, size, strides, f"{name}_expand{size}")(x) for size in (1, 3)
    ]
    x = layers.Concatenate(name=f"{name}_concat")(sides)
    x = FusedBatchNormalization(name=f"{name}_bn")(x)
    return layers.LeakyReLU(name=activation_name)(x)


def narrow_block(x, inner, name):
    """Adds two convolutions, narrow in between, to what they read.

    Args:
        x: tensor (batch, height, width, channels).
        inner: channels in between.
        name: of its layers, before what each does.

    Returns:
        Tensor of the same shape.
    """
    y = conv_block(x, inner, f"{name}_in", f"{name}_in_relu")
    y = conv_block(y, x.shape[-1], f"{name}_out", None)
    x = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_relu")(x)


def conv_block(
    x, filters, name, activation_name, size=3, strides=1, activation=layers.ReLU
):
    """Applies convolution, batch normalisation and an activation.

    Args:
        x: tensor (batch, height, width, channels).
        filters: channels of the result.
        name: of its layers, before what each does.
        activation_name: of the activation; None is without.
        size: side of the convolution's windows in pixels.
        strides: of the convolution.
        activation: class of the activation.

    Returns:
        Tensor (batch, ceil(height / strides), ceil(width / strides), filters).
    """
    x = _conv(filters, size, strides, f"{name}_conv")(x)
    x = FusedBatchNormalization(name=f"{name}_bn")(x)
    return activation(name=activation_name)(x) if activation_name else x


def _conv(filters, size, strides, name):
    """Returns a convolution as all have it before a normalisation."""
    return layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )
