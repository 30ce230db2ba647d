import keras
import pytest

from utils.nn.backbones import (
    BACKBONES,
    EXITS,
    FEATURES,
    FIRE_MODULES,
    MELNYK_STAGES,
    SMALLEST,
    afl_net,
    fire_net,
    melnyk,
)
from utils.nn.heads import link

# Parameters of the published table with a softmax over 3,755 classes, less its layer:
# https://github.com/pavlo-melnyk/offline-HCCR
PUBLISHED = 6_523_819 - (448 * 3755 + 3755)


# Rows of the feature map of the smallest picture that each network takes.
ROWS = {
    "VGG16": (32, 1),
    "inception-resnet": (75, 1),
    "mobilenet": (32, 1),
    "efficient-net": (16, 2),
    "melnyk": (16, 1),
    "compact": (16, 2),
    "deep": (16, 2),
    "afl": (33, 1),
}


@pytest.mark.parametrize("channels", [1, 8])
@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_ends_in_the_features(name, channels):
    size, rows = ROWS[name]
    assert SMALLEST.get(name, 16) == size
    inputs = keras.Input((size, size, channels))
    model = keras.Model(inputs, BACKBONES[name](inputs))
    assert model.layers[-1].name == FEATURES
    assert model.output_shape[1:3] == (rows, rows)
    if name in EXITS:
        assert model.get_layer(EXITS[name]).output.shape[1] > rows


# Parameters of the reference implementations without their tops, of 3 channels: what
# https://keras.io/api/applications lists, less the classifier.
@pytest.mark.parametrize(
    ("name", "size", "parameters"),
    [("VGG16", 32, 14_714_688), ("mobilenet", 32, 2_996_352)],
)
def test_known_networks_have_their_number_of_parameters(name, size, parameters):
    inputs = keras.Input((size, size, 3))
    assert keras.Model(inputs, BACKBONES[name](inputs)).count_params() == parameters


@pytest.mark.parametrize("name", BACKBONES)
def test_a_thousand_steps_suffice_for_the_statistics(name):
    size, _ = ROWS[name]
    inputs = keras.Input((size, size, 1))
    model = keras.Model(inputs, BACKBONES[name](inputs))
    kind = keras.layers.BatchNormalization
    momenta = [layer.momentum for layer in model.layers if isinstance(layer, kind)]
    assert momenta or name == "VGG16"
    assert all(momentum**1000 < 1e-4 for momentum in momenta)  # of the initial values


def test_fire_modules_squeeze_and_expand_both_ways():
    inputs = keras.Input((32, 32, 1))
    model = keras.Model(inputs, fire_net(inputs))
    channels = 64
    for index, (filters, strides) in enumerate(FIRE_MODULES, 1):
        squeeze = model.get_layer(f"fire{index}_squeeze_conv")
        assert squeeze.kernel.shape == (1, 1, channels, filters // 8)
        for size in (1, 3):
            expand = model.get_layer(f"fire{index}_expand{size}")
            assert expand.kernel.shape == (size, size, filters // 8, filters // 2)
            assert expand.strides == (strides, strides)
        assert model.get_layer(f"fire{index}_squeeze_bn")
        channels = filters
    assert model.output_shape == (None, 4, 4, 512)


def test_afl_net_makes_two_by_two_of_sixty_four():
    inputs = keras.Input((64, 64, 1))
    model = keras.Model(inputs, afl_net(inputs))
    assert model.output_shape == (None, 2, 2, 256)  # the authors' 1,024 features


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
