import keras
import pytest

from utils.analysis.speed.complexity import multiply_adds
from utils.nn.backbones import MELNYK_STAGES, melnyk
from utils.nn.directions import DirectMap
from utils.nn.heads import link
from utils.nn.refinement import IterativeRefiner
from utils.nn.sequence import SequenceDecoder


def test_melnyk_costs_what_the_table_says():
    """1.2e9 at 96 pixels with 3,755 classes: methods of Melnyk et al. (2020)."""
    inputs = keras.Input((96, 96, 1))
    outputs = keras.layers.Dense(3755)(link(melnyk(inputs), "GWAP"))
    by_hand, channels, side = 0, 1, 96
    for stage in MELNYK_STAGES:
        for width in stage:
            by_hand += 9 * channels * width * side * side
            channels = width
        side = -(-side // 2)
    by_hand += 6 * 6 * 448 + 448 * 3755
    found = multiply_adds(keras.Model(inputs, outputs))
    assert found == by_hand
    assert round(found / 1e8, 1) == 12.0


def test_depthwise_and_nested_layers_are_counted():
    inputs = keras.Input((8, 8, 4))
    x = keras.layers.DepthwiseConv2D(3, strides=2, padding="same")(inputs)
    inner = keras.Model(inputs, keras.layers.Conv2D(6, 1)(x))
    outputs = keras.layers.Dense(5)(keras.layers.Flatten()(inner(inputs)))
    assert multiply_adds(keras.Model(inputs, outputs)) == (
        4 * 4 * 9 * 4 + 4 * 4 * 4 * 6 + 4 * 4 * 6 * 5
    )


@pytest.mark.parametrize(
    "layer",
    [IterativeRefiner({"a": 3, "b": 4}, 2, 8), SequenceDecoder(8), DirectMap()],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_of_our_own_tell_their_cost(layer):
    small, large = (
        multiply_adds(
            keras.Model(x, layer.__class__.from_config(layer.get_config())(x))
        )
        for x in (keras.Input((2, 2, 1)), keras.Input((4, 4, 1)))
    )
    assert 0 < small < large
