import keras
import numpy as np
import pytest

from model import KoOCR
from utils.analysis.speed.complexity import multiply_adds
from utils.nn.kernel_pairs import rank_for, split_kernel
from utils.nn.low_rank import LowRankConv2D, convolutions, read_ranks, write_ranks


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_pair_of_full_rank_is_its_convolution(rng, strides, padding):
    images = rng.normal(size=(2, 9, 8, 5)).astype(np.float32)
    full = keras.layers.Conv2D(
        7, 3, strides=strides, padding=padding, use_bias=False, name="full"
    )
    expected = keras.ops.convert_to_numpy(full(images))
    pair = LowRankConv2D(7, 15, 3, strides, padding)
    pair.build(images.shape)
    pair.set_weights(split_kernel(np.array(full.kernel), 15))
    np.testing.assert_allclose(np.array(pair(images)), expected, atol=1e-4)


def test_a_lower_rank_is_the_nearest_by_the_singular_values(rng):
    kernel = rng.normal(size=(3, 3, 4, 6)).astype(np.float32)
    matrix = kernel.transpose(0, 2, 1, 3).reshape(12, 18)
    values = np.linalg.svd(matrix, compute_uv=False)
    for rank in (1, 5, 12):
        vertical, horizontal = split_kernel(kernel, rank)
        assert vertical.shape == (3, 1, 4, rank)
        assert horizontal.shape == (1, 3, rank, 6)
        near = np.einsum("aicr,ibrn->aibcn", vertical, horizontal)[:, 0]
        error = np.linalg.norm(near - kernel)
        assert error == pytest.approx(np.sqrt((values[rank:] ** 2).sum()), abs=1e-4)


# Table 4 and equation 5 of Xiao et al. (2017): ranks at a speed-up of four.
@pytest.mark.parametrize(
    ("channels", "filters", "rank"),
    [(96, 128, 41), (128, 160, 53), (160, 256, 73), (256, 256, 96), (384, 384, 144)],
)
def test_ranks_are_those_of_the_paper(channels, filters, rank):
    assert rank_for(4, (3, 3, channels, filters)) == rank


def test_ranks_stay_within_what_there_is():
    assert rank_for(1e6, (3, 3, 8, 8)) == 1
    assert rank_for(0.01, (3, 3, 8, 8)) == 24
    assert read_ranks("") == {}
    assert read_ranks(write_ranks({"one": 4, "two": 15})) == {"one": 4, "two": 15}
    for text in ("one", "one=", "one=0", "=3", "one=-2", "one=3;two=4"):
        with pytest.raises(ValueError, match="expected name=rank"):
            read_ranks(text)


@pytest.fixture(scope="module")
def compact():
    return KoOCR(weights=None, network="compact", fc_link="GWAP", image_size=16)


def test_networks_are_split_saved_and_loaded(compact, tmp_path, rng):
    layers = convolutions(compact.training_model)
    assert [layer.name for layer in layers][:2] == ["stage1_conv", "stage2_conv"]
    assert "widen_conv" not in [layer.name for layer in layers]  # 1 x 1
    ranks = {layer.name: rank_for(3, layer.kernel.shape) for layer in layers}
    split = compact.split(write_ranks(ranks))
    pairs = [split.model.get_layer(layer.name) for layer in layers]
    for layer, pair in zip(layers, pairs, strict=True):
        if layer.strides == (1, 1):
            ratio = layer.output.shape[1] ** 2 * layer.kernel.shape[2]
            ratio *= 9 * layer.filters / pair.multiply_adds()
            assert ratio == pytest.approx(3, rel=0.1)
    assert multiply_adds(split.model) < 0.5 * multiply_adds(compact.model)
    split.save(tmp_path / "split.weights.h5")
    images = rng.integers(0, 256, (3, 16, 16)).astype(np.uint8)
    loaded = KoOCR(tmp_path / "split.weights.h5")
    assert loaded.config.low_rank == write_ranks(ranks)
    for name, found in split.probabilities(images).items():
        again = loaded.probabilities(images)[name]
        np.testing.assert_allclose(found, again, atol=1e-5)


def test_full_rank_answers_as_before(compact, rng):
    images = rng.integers(0, 256, (3, 16, 16)).astype(np.uint8)
    layers = convolutions(compact.training_model)[:3]
    ranks = {layer.name: 3 * min(layer.kernel.shape[2:]) for layer in layers}
    split = compact.split(write_ranks(ranks))
    before, after = compact.probabilities(images), split.probabilities(images)
    for name, found in before.items():
        np.testing.assert_allclose(after[name], found, atol=1e-4)


def test_what_cannot_be_split_is_named(compact):
    with pytest.raises(ValueError, match="low_rank names widen_conv; .*stage1_conv"):
        compact.split("widen_conv=3")
    with pytest.raises(ValueError, match="stage1_conv rank 97; its full rank is 96"):
        compact.split("stage1_conv=97")


def test_pairs_that_are_there_stay_as_they_are(compact):
    names = [layer.name for layer in convolutions(compact.training_model)][1:3]
    split = compact.split(write_ranks({names[0]: 4}))
    for ranks in ({names[0]: 2}, {names[1]: 4}):
        with pytest.raises(ValueError, match="leaves out or changes"):
            split.split(write_ranks(ranks))
