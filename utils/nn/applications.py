"""Networks of `keras.applications` as trunks, from random weights."""

import keras
from keras import layers

from utils.nn.blocks import FEATURES

_MOMENTUM = 0.99  # of batch normalisation's statistics, at most: Keras's usual


def vgg16(images):
    """Applies VGG16's convolutions: https://arxiv.org/abs/1409.1556, table 1, D.

    Input shape: (batch, height, width, channels), 32 pixels or more.
    Output shape: (batch, height // 32, width // 32, 512).
    """
    return _application(keras.applications.VGG16, images)


def inception_resnet(images):
    """Applies Inception-ResNet-v2: https://arxiv.org/abs/1602.07261, section 3.2.

    Input shape: (batch, height, width, channels), 75 pixels or more.
    Output shape: (batch, rows, columns, 1536), 1 x 1 at 96 pixels.
    """
    return _application(keras.applications.InceptionResNetV2, images)


def mobilenet(images):
    """Applies MobileNetV3-Large: https://arxiv.org/abs/1905.02244, table 1.

    Input shape: (batch, height, width, channels), 32 pixels or more.
    Output shape: (batch, ceil(height / 32), ceil(width / 32), 960).

    The statistics of batch normalisation follow those of the batches ten times as fast
    as in Keras, whose 0.999 is for hundreds of thousands of steps: after a thousand, a
    third of them were still the initial ones, and what was trained could not read.
    """
    make = keras.applications.MobileNetV3Large
    return _application(make, images, include_preprocessing=False)


def _application(make, images, **options):
    """Applies a network of `keras.applications` without its top, from random weights.

    Its preparation is left out: the model scales ink itself.
    """
    trunk = make(include_top=False, weights=None, input_tensor=images, **options)
    for layer in trunk.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = min(layer.momentum, _MOMENTUM)
    return layers.Activation("linear", name=FEATURES)(trunk.output)
