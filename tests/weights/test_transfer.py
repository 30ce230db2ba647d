import numpy as np
import pytest

from model import KoOCR
from tests.helpers.small_networks import build, values
from utils.weights.files import WeightsError
from utils.weights.transfer import copy_weights


def test_position_weights_are_resampled_and_their_sum_kept():
    small, large = build(4), build(6)
    slope = np.arange(4, dtype="float32")[:, None, None] * np.ones((1, 4, 5), "float32")
    small.get_layer("pooling").kernel.assign(slope)
    copy_weights(small, large)
    kernel = np.asarray(large.get_layer("pooling").kernel)
    assert kernel.shape == (6, 6, 5)
    np.testing.assert_allclose(kernel.sum((0, 1)), slope.sum((0, 1)), rtol=1e-5)
    assert (np.diff(kernel[:, 0, 0]) >= 0).all() and kernel[0, 0, 0] < kernel[-1, 0, 0]
    np.testing.assert_array_equal(values(large)[0], values(small)[0])


@pytest.mark.parametrize(("before", "after"), [(6, 4), (12, 5), (8, 4)])
def test_fewer_positions_stand_for_all(before, after):
    large, small = build(before), build(after)
    kernel = np.random.default_rng(0).normal(size=(before, before, 5))
    kernel[0, 0] += 9  # a corner, which no position may skip
    large.get_layer("pooling").kernel.assign(kernel)
    copy_weights(large, small)
    found = np.asarray(small.get_layer("pooling").kernel)
    np.testing.assert_allclose(found.sum((0, 1)), kernel.sum((0, 1)), atol=1e-4)


def test_another_network_is_refused():
    with pytest.raises(WeightsError, match="Layer 'dense' has weights of shape"):
        copy_weights(build(units=3), build(units=4))


def test_a_network_that_also_sees_directions_begins_as_one_that_does_not():
    options = {"weights": None, "network": "compact", "fc_link": "GWAP"}
    plain = KoOCR(image_size=16, **options)
    seeing = KoOCR(image_size=32, direct_map=True, raw_plane=True, **options)
    copy_weights(plain.training_model, seeing.training_model)
    small = np.random.default_rng(0).integers(0, 256, (3, 16, 16)).astype(np.uint8)
    large = small.repeat(2, axis=1).repeat(2, axis=2)  # averaged by twos: the small one
    expected, found = plain.probabilities(small), seeing.probabilities(large)
    for name, rows in expected.items():
        np.testing.assert_allclose(found[name], rows, atol=1e-6)


def test_directions_without_the_picture_cannot_begin_so():
    options = {"weights": None, "network": "compact", "fc_link": "GWAP"}
    plain = KoOCR(image_size=16, **options)
    blind = KoOCR(image_size=32, direct_map=True, **options)
    with pytest.raises(WeightsError, match="Layer 'stem_conv' has weights of shape"):
        copy_weights(plain.training_model, blind.training_model)


def test_a_network_of_more_blocks_begins_as_one_of_fewer():
    options = {"weights": None, "fc_link": "GWAP", "image_size": 16}
    few = KoOCR(network="compact", **options)
    many = KoOCR(network="deep", **options)
    blocks = [layer for layer in many.model.layers if layer.name.endswith("_add")]
    assert len(blocks) == 8
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16)).astype(np.uint8)
    expected = few.probabilities(images)
    assert any(
        abs(many.probabilities(images)[n] - expected[n]).max() > 1e-5 for n in expected
    )
    copy_weights(few.training_model, many.training_model)
    found = many.probabilities(images)
    for name, rows in expected.items():
        np.testing.assert_allclose(found[name], rows, atol=1e-6)


def test_new_blocks_learn():
    options = {"weights": None, "fc_link": "GWAP", "image_size": 16}
    many = KoOCR(network="deep", **options)
    copy_weights(
        KoOCR(network="compact", **options).training_model, many.training_model
    )
    gamma = many.training_model.get_layer("stage3_block6_out_bn").gamma
    assert not np.asarray(gamma).any()
    kernel = many.training_model.get_layer("stage3_block6_out_conv").kernel
    assert np.asarray(kernel).any()


def test_a_network_without_blocks_is_no_beginning():
    options = {"weights": None, "fc_link": "GWAP", "image_size": 16}
    melnyk, deep = (KoOCR(network=name, **options) for name in ("melnyk", "deep"))
    with pytest.raises(WeightsError, match="start from a network of the same kind"):
        copy_weights(melnyk.training_model, deep.training_model)
    compact = KoOCR(network="compact", **options)
    with pytest.raises(
        WeightsError, match=r"blocks that .* lacks \(stage2_block2, stage3"
    ):
        copy_weights(deep.training_model, compact.training_model)
