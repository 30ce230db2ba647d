import keras
import pytest

from utils.nn.backbones import BACKBONES, FEATURES, MELNYK_STAGES, melnyk
from utils.nn.heads import link

# Parameters of the published table with a softmax over 3,755 classes, less its layer:
# https://github.com/pavlo-melnyk/offline-HCCR
PUBLISHED = 6_523_819 - (448 * 3755 + 3755)


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_ends_in_the_features(name):
    inputs = keras.Input((32, 32, 1))
    model = keras.Model(inputs, BACKBONES[name](inputs))
    assert model.layers[-1].name == FEATURES
    assert model.output_shape[1:3] == (2, 2)


def test_melnyk_has_the_published_number_of_parameters():
    assert PUBLISHED == 4_837_824
    inputs = keras.Input((96, 96, 1))
    model = keras.Model(inputs, link(melnyk(inputs), "GWAP"))
    assert model.count_params() == PUBLISHED


def test_melnyk_has_the_published_convolutions():
    inputs = keras.Input((96, 96, 1))
    model = keras.Model(inputs, melnyk(inputs))
    kernels = [
        layer.count_params()
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    assert kernels[:3] == [576, 36864, 55296]  # the first lines of the table
    widths = [width for stage in MELNYK_STAGES for width in stage]
    expected = [9 * a * b for a, b in zip([1, *widths], widths, strict=False)]
    assert kernels == expected
    assert model.output_shape == (None, 6, 6, 448)
    pools = [
        layer.name
        for layer in model.layers
        if isinstance(layer, keras.layers.AveragePooling2D)
    ]
    assert len(pools) == 4
