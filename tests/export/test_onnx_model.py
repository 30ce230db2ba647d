import dataclasses
import json

import numpy as np
import pytest

from model import KoOCR

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from utils.export.onnx_model import make_onnx  # noqa: E402
from utils.inference.export_files import METADATA_KEY  # noqa: E402
from utils.inference.exported import ExportedNetwork  # noqa: E402

SIZE = 19  # odd, so that 'same' pads unevenly


@pytest.fixture(scope="module")
def networks():
    """Registers small networks that hold every kind of layer."""
    from utils.nn.backbones import BACKBONES, EXITS, FEATURES, layers
    from utils.nn.layers import FusedBatchNormalization as Norm

    def residual(x):
        x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(Norm()(x))
        x = layers.Conv2D(6, 3, 2, padding="same", use_bias=False, name="split")(x)
        x = Norm()(x)
        y = layers.Conv2D(6, 3, padding="same")(x)
        y = layers.Add()([x, Norm()(y)])
        y = layers.AveragePooling2D(3, 2, padding="same")(layers.ReLU()(y))
        y = layers.DepthwiseConv2D(3, strides=2, padding="same")(y)
        return layers.ReLU(name=FEATURES)(Norm(scale=False)(y))

    def varied(x):
        x = layers.Conv2D(4, (3, 2), dilation_rate=2, activation="tanh")(x)
        x = layers.Concatenate()([Norm()(x), layers.LeakyReLU(0.3)(x)])
        x = layers.MaxPooling2D(3, 2, padding="same")(layers.ZeroPadding2D(1)(x))
        gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
        gate = layers.ReLU(max_value=6.0)(gate + 3.0) * 0.25
        x = layers.Multiply()([x, layers.Activation("hard_silu")(gate)])
        return layers.Activation("linear", name=FEATURES)(x)

    def early(x):
        x = layers.Conv2D(4, 3, strides=2, name="early_middle")(x)
        return layers.Conv2D(5, 3, name=FEATURES)(layers.ReLU()(x))

    def shared(x):
        twice = layers.Conv2D(1, 3, padding="same")
        return layers.ReLU(name=FEATURES)(twice(twice(x)))

    with pytest.MonkeyPatch.context() as patch:
        for function in (residual, varied, early, shared):
            patch.setitem(BACKBONES, function.__name__, function)
        patch.setitem(EXITS, "early", "early_middle")
        yield


def randomise(network):
    """Gives every weight a value of its own, statistics of normalisation too."""
    rng = np.random.default_rng(0)

    def draw(weight):
        if weight.path.endswith(("variance", "gamma")):
            return rng.uniform(0.3, 1.5, weight.shape)
        # Kernels of the size that keeps what goes through them as large as it is.
        fan = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 25
        return rng.normal(0, (2 / fan) ** 0.5, weight.shape)

    network.training_model.set_weights(
        [draw(weight) for weight in network.training_model.weights]
    )
    return network


def export(network, folder):
    made = make_onnx(
        network.model, dataclasses.asdict(network.config), network.syllables, "a name"
    )
    path = folder / "a_float32.onnx"
    onnx.save(made, path)
    return made, ExportedNetwork(path)


@pytest.mark.parametrize(
    "options",
    [
        {"network": "residual", "fc_link": "GWAP"},
        {"network": "residual", "split_components": False, "charset": "나가다"},
        {"network": "varied", "fc_link": "GAP"},
        {"network": "varied", "fc_link": "GWOAP", "direct_map": True, "image_size": 33},
        {"network": "early", "direct_map": True, "raw_plane": True, "image_size": 32},
        {"network": "early", "early_exit": True, "fc_link": "GWAP"},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_the_graph_answers_as_keras_does(options, networks, tmp_path):
    network = randomise(KoOCR(weights=None, **{"image_size": SIZE} | options))
    side = network.config.image_size
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (3, side, side)).astype(np.uint8)
    images[1], images[2, : side // 2] = images[1] // 4, 255
    _, exported = export(network, tmp_path)
    ours, theirs = network.probabilities(images), exported(images)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_allclose(theirs[name], values, atol=1e-5)
    apart = [np.ptp(values, axis=0).max() for values in ours.values()]
    assert max(apart) > 1e-3  # the pictures do differ
    assert exported.syllables == network.syllables
    assert vars(exported.config) == dataclasses.asdict(network.config)


def test_split_convolutions_answer_as_keras_does(networks, tmp_path):
    options = {"network": "residual", "fc_link": "GAP", "image_size": SIZE}
    network = randomise(KoOCR(weights=None, **options))
    network = network.split("split=5")
    images = np.random.default_rng(2).integers(0, 256, (2, SIZE, SIZE))
    _, exported = export(network, tmp_path)
    theirs = exported(images.astype(np.uint8))
    for head, values in network.probabilities(images.astype(np.uint8)).items():
        np.testing.assert_allclose(theirs[head], values, atol=1e-5)


def test_normalisation_is_folded_into_convolutions(networks, tmp_path):
    network = KoOCR(weights=None, network="residual", image_size=SIZE)
    made, _ = export(network, tmp_path)
    kinds = [node.op_type for node in made.graph.node]
    assert "BatchNormalization" not in kinds and "Mul" not in kinds
    assert kinds.count("Conv") == 4 and kinds.count("Add") == 1


def test_any_number_of_pictures_can_come(networks, tmp_path):
    network = KoOCR(weights=None, network="early", image_size=SIZE)
    _, exported = export(network, tmp_path)
    for number in (0, 1, 257):
        images = np.zeros((number, SIZE, SIZE), np.uint8)
        assert {k: v.shape for k, v in exported(images).items()} == {
            "initial": (number, 19),
            "medial": (number, 21),
            "final": (number, 28),
        }


def test_the_file_says_what_it_is(networks, tmp_path):
    network = KoOCR(
        weights=None,
        network="early",
        image_size=SIZE,
        split_components=False,
        charset="뷁가",
    )
    made, _ = export(network, tmp_path)
    facts = json.loads({p.key: p.value for p in made.metadata_props}[METADATA_KEY])
    assert facts["format"] == 1 and facts["precision"] == "float32"
    assert facts["heads"] == {"syllable": 2} and facts["syllables"] == "뷁가"
    assert facts["config"]["image_size"] == SIZE


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"iterative_refinement": True, "refinement_t": 1},
            "layers of the kind IterativeRefiner",
        ),
        ({"network": "shared"}, "a layer in two places"),
    ],
)
def test_what_onnx_cannot_hold_is_named(options, reason, networks, tmp_path):
    network = KoOCR(weights=None, **{"network": "early", "image_size": SIZE} | options)
    with pytest.raises(ValueError, match=f"{reason}.*--format=saved_model"):
        export(network, tmp_path)
