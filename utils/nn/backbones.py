"""Image tensor -> feature map: the networks, and their registry."""

from keras import layers

from utils.nn.layers import FusedBatchNormalization

# Filters of every 3 x 3 convolution, stage by stage; a pooling between the stages.
# Source: Melnyk, You, Li (2020), table 1.
MELNYK_STAGES = (
    (64, 64),
    (96, 64, 96),
    (128, 96, 128),
    (256, 192, 256),
    (448, 256, 448),
)

FEATURES = "features"  # name of the last activation: what maps are drawn from


def melnyk(images):
    """Applies the Melnyk trunk: 14 convolutions whose stages narrow in the middle.

    Every convolution is 3 x 3 'same' without bias, He-normal, then batch normalisation
    and ReLU; between the stages 3 x 3 average pooling, stride 2.

    Reference: Melnyk, You, Li: A High-Performance CNN Method for Offline Handwritten
    Chinese Character Recognition and Visualization (2020), table 1,
    https://arxiv.org/abs/1812.11489.

    Input shape: (batch, height, width, channels).
    Output shape: (batch, ceil(height / 16), ceil(width / 16), 448).
    """
    x = images
    last = len(MELNYK_STAGES) - 1
    for stage, widths in enumerate(MELNYK_STAGES):
        for block, filters in enumerate(widths):
            is_last = stage == last and block == len(widths) - 1
            name = f"stage{stage + 1}_block{block + 1}"
            x = _conv_block(x, filters, name, FEATURES if is_last else f"{name}_relu")
        if stage < last:
            x = layers.AveragePooling2D(
                3, strides=2, padding="same", name=f"stage{stage + 1}_pool"
            )(x)
    return x


def _conv_block(x, filters, name, activation_name):
    """Applies convolution, batch normalisation and ReLU."""
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = FusedBatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(name=activation_name)(x)


# Value of --network -> function of a tensor (batch, height, width, channels).
BACKBONES = {"melnyk": melnyk}
