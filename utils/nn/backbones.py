"""Image tensor -> feature map: the networks, and their registry."""

from keras import layers

from utils.nn.applications import inception_resnet, mobilenet, vgg16
from utils.nn.blocks import FEATURES, conv_block, fire_module, narrow_block
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

# Channels of every Fire module, and the stride of its expansions.
FIRE_MODULES = (
    (64, 2),
    *((128, 1),) * 2,
    (128, 2),
    *((256, 1),) * 2,
    (256, 2),
    *((512, 1),) * 4,
)

# Filters and stride of every convolution of the network of adversarial learning.
AFL_LAYERS = (
    *((96, 1), (96, 2), (128, 1), (128, 2), (160, 1), (160, 2)),
    *((256, 1), (256, 2), (256, 1)),
)

# Filters of each stage of the compact trunk, and those inside its narrow blocks.
COMPACT_STAGES = (
    (40, ()),
    (96, (64,)),
    (192, (96, 96)),
)
COMPACT_STEM, COMPACT_FEATURES = 32, 320

# The same of the deep trunk: where places are few, blocks cost little.
DEEP_STAGES = (
    (40, ()),
    (96, (64,) * 2),
    (192, (96,) * 6),
)


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
            x = conv_block(x, filters, name, FEATURES if is_last else f"{name}_relu")
        if stage < last:
            x = layers.AveragePooling2D(
                3, strides=2, padding="same", name=f"stage{stage + 1}_pool"
            )(x)
    return x


def compact(images):
    """Applies a trunk of a fifth of Melnyk's multiply-adds: `pretrained/compact`.

    Source: ours. Melnyk spends a third of its work on the full resolution, where there
    is little to tell; here a stride of 2 opens, and most of the work is done at an
    eighth of the side. Blocks narrow in the middle, as Melnyk's stages do, and are
    residual (He et al. (2015), https://arxiv.org/abs/1512.03385, section 3); 1 x 1
    widens what the heads read. Every convolution has no bias, is followed by batch
    normalisation and, but for the end of a block, ReLU.

    Input shape: (batch, height, width, channels).
    Output shape: (batch, ceil(height / 8), ceil(width / 8), 320).
    """
    return _narrow_trunk(images, COMPACT_STAGES)


def deep(images):
    """Applies the compact trunk with five more blocks, for twice its multiply-adds.

    Source: ours. It begins well from the weights of `compact`: a block whose last
    normalisation has a gamma of zero passes on what it reads (Goyal et al. (2017),
    https://arxiv.org/abs/1706.02677, section 5.1; `weights.transfer` starts it so),
    and what a cheaper network learnt need not be learnt again (Chen, Goodfellow,
    Shlens (2016), https://arxiv.org/abs/1511.05641).

    Input shape: (batch, height, width, channels).
    Output shape: (batch, ceil(height / 8), ceil(width / 8), 320).
    """
    return _narrow_trunk(images, DEEP_STAGES)


def _narrow_trunk(images, stages):
    """Applies a stem, stages of narrow residual blocks, and what widens the end."""
    x = conv_block(images, COMPACT_STEM, "stem", "stem_relu", strides=2)
    for stage, (filters, blocks) in enumerate(stages, 1):
        name = f"stage{stage}"
        strides = 1 if stage == 1 else 2
        x = conv_block(x, filters, name, f"{name}_relu", strides=strides)
        for block, inner in enumerate(blocks, 1):
            x = narrow_block(x, inner, f"{name}_block{block}")
    return conv_block(x, COMPACT_FEATURES, "widen", FEATURES, size=1)


def fire_net(images):
    """Applies a net of Fire modules: the efficient network of Li et al.

    A 3 x 3 convolution of 64 channels, then modules of 64, 128 (three), 256 (three) and
    512 (four) channels; the last of the first three widths halves the picture. A module
    squeezes by a 1 x 1 convolution to an eighth of its channels and expands by 1 x 1
    and 3 x 3 side by side, normalised after both.

    Reference: Li, Teng, Jin, Lu: Building Efficient CNN Architecture for Offline
    Handwritten Chinese Character Recognition (2018), https://arxiv.org/abs/1804.01259;
    the module is that of SqueezeNet, https://arxiv.org/abs/1602.07360, section 3.1.
    The paper's table of layers could not be had: widths are those of KoOCR (2021).

    Input shape: (batch, height, width, channels).
    Output shape: (batch, ceil(height / 8), ceil(width / 8), 512).
    """
    x = conv_block(images, 64, "fire0", "fire0_act", activation=layers.LeakyReLU)
    last = len(FIRE_MODULES) - 1
    for index, (filters, strides) in enumerate(FIRE_MODULES):
        activation_name = FEATURES if index == last else f"fire{index + 1}_act"
        x = fire_module(x, filters, strides, f"fire{index + 1}", activation_name)
    return x


def afl_net(images):
    """Applies the feature extractor of adversarial feature learning: nine convolutions.

    3 x 3 with biases, Glorot-normal, then batch normalisation and leaky ReLU (0.3); the
    last one without padding, so that 64 x 64 pixels become 2 x 2 x 256.

    Reference: Zhang, Liang, Nie, Liu, Peng: Robust offline handwritten character
    recognition through exploring writer-independent features under the guidance of
    printed data (2018), https://doi.org/10.1016/j.patrec.2018.02.006, by the authors'
    code. Differs: normalises by moving statistics at prediction, where the authors'
    layer always takes the batch's.

    Input shape: (batch, height, width, channels), 33 pixels or more.
    Output shape: (batch, ceil(height / 16) - 2, ceil(width / 16) - 2, 256).
    """
    x = images
    for index, (filters, strides) in enumerate(AFL_LAYERS, 1):
        is_last = index == len(AFL_LAYERS)
        x = layers.Conv2D(
            filters,
            3,
            strides=strides,
            padding="valid" if is_last else "same",
            kernel_initializer="glorot_normal",
            name=f"afl{index}_conv",
        )(x)
        x = FusedBatchNormalization(name=f"afl{index}_bn")(x)
        name = FEATURES if is_last else f"afl{index}_act"
        x = layers.LeakyReLU(negative_slope=0.3, name=name)(x)
    return x


# Value of --network -> function of a tensor (batch, height, width, channels).
BACKBONES = {
    "VGG16": vgg16,
    "inception-resnet": inception_resnet,
    "mobilenet": mobilenet,
    "efficient-net": fire_net,
    "melnyk": melnyk,
    "compact": compact,
    "deep": deep,
    "afl": afl_net,
}

# Pixels that a network needs at least; 16 unless it is named here.
SMALLEST = {"VGG16": 32, "inception-resnet": 75, "mobilenet": 32, "afl": 33}

# Network -> layer of its middle after which easy pictures may leave (--early_exit).
EXITS = {"efficient-net": "fire4_act", "melnyk": "stage3_block3_relu"}
