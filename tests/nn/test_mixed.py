import keras
import numpy as np
import pytest

import train
from model import KoOCR
from utils.data.patches import write_patch
from utils.nn.mixed import PRECISIONS, copy_for_training, copy_variables, scale_loss

NETWORKS = {
    "plain": {"fc_link": "GWAP"},
    "sequence": {"decoder": "sequence"},
    "refinement": {"fc_link": "GWAP", "iterative_refinement": True},
    "early_exit": {"fc_link": "GWAP", "early_exit": True},
    "direct_map": {"fc_link": "GWAP", "direct_map": True},
}


def inputs_of(model):
    rng = np.random.default_rng(0)
    given = {"images": rng.integers(0, 256, (4, 32, 32, 1)).astype("uint8")}
    given |= {"initial": np.arange(4), "medial": np.arange(4)}
    named = {each.name: given[each.name] for each in model.inputs}
    return given["images"] if len(named) == 1 else named


@pytest.mark.parametrize("network", NETWORKS)
def test_a_copy_computes_the_same_in_float32_and_nearly_in_bfloat16(
    network, tiny_network
):
    options = {"network": tiny_network, "image_size": 32, **NETWORKS[network]}
    model = KoOCR(weights=None, **options).training_model
    expected = model(inputs_of(model))
    for precision, room in (("float32", 1e-6), ("mixed_bfloat16", 0.03)):
        copy = copy_for_training(model, precision)
        found = copy(inputs_of(model))
        for name in expected:
            assert keras.backend.standardize_dtype(found[name].dtype) == "float32"
            ours, theirs = np.asarray(found[name]), np.asarray(expected[name])
            assert np.abs(ours - theirs).max() <= room * np.abs(theirs).max()
        assert all(each.dtype == "float32" for each in copy.weights)
        wanted = "bfloat16" if precision == "mixed_bfloat16" else "float32"
        trunk = copy.get_layer("tiny_middle")
        assert trunk.compute_dtype == wanted
        before = np.array(model.get_layer("tiny_middle").kernel)
        trunk.kernel.assign(before + 1)  # its variables are its own
        np.testing.assert_array_equal(model.get_layer("tiny_middle").kernel, before)
        copy_variables(model, copy)
        np.testing.assert_array_equal(trunk.kernel, before)


def test_float16_alone_scales_the_loss():
    sgd = keras.optimizers.SGD(0.1)
    assert scale_loss(sgd, "float32") is sgd
    assert scale_loss(sgd, "mixed_bfloat16") is sgd
    scaled = scale_loss(sgd, "mixed_float16")
    weight = keras.Variable(np.float32(1))
    scaled.build([weight])
    factor = float(np.asarray(scaled.dynamic_scale))
    assert float(np.asarray(scaled.scale_loss(np.float32(1)))) == factor >= 2**10
    scaled.apply([np.float32(factor)], [weight])  # a gradient of one, scaled
    assert float(np.asarray(weight)) == pytest.approx(0.9)
    scaled.apply([np.float32(np.inf)], [weight])  # overflow: no step
    assert float(np.asarray(weight)) == pytest.approx(0.9)
    assert float(np.asarray(scaled.dynamic_scale)) == factor / 2


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    """Pictures of four syllables that anything can tell apart."""
    folder = tmp_path_factory.mktemp("patches")
    images = np.full((64, 24, 24), 255, np.uint8)
    for row in range(64):
        top, left = divmod(row % 4, 2)
        images[row, 2:22, 2 + 10 * left : 12 + 10 * left] = 200 * top
    write_patch(folder / "printed_0.pickle", images, list("가넋닭뷁") * 16)
    return folder


@pytest.mark.parametrize("precision", PRECISIONS[1:])
@pytest.mark.parametrize("optimizer", ["muon", "adabound"])
def test_training_in_16_bits_ends_near_that_in_32(
    patches, tmp_path, tiny_network, precision, optimizer
):
    losses = {}
    for each in (PRECISIONS[0], precision):
        logs = tmp_path / each
        flags = [f"--data_path={patches}", f"--val_data_path={patches}"]
        flags += [f"--log_path={logs}", f"--precision={each}", "--epochs=1"]
        flags += [f"--network={tiny_network}", "--fc_link=GWAP", "--image_size=16"]
        flags += ["--batch_size=8", "--silent_mode", "--log_tensorboard=false"]
        flags += [f"--optimizer={optimizer}", "--learning_rate=0.01", "--dropout=0"]
        assert train.main(flags) == 0
        line = (logs / "history.csv").read_text().splitlines()[1]
        losses[each] = float(line.split(",")[2])
        network = KoOCR(logs / "weights")  # reads in float32
        assert {layer.compute_dtype for layer in network.model.layers} == {"float32"}
        assert np.isfinite(network.probabilities(np.zeros((1, 16, 16)))["final"]).all()
        assert f'"precision": "{each}"' in (logs / "train_options.json").read_text()
    # The first steps of float16 overflow and are skipped until the scale is found.
    room = 0.08 if precision == "mixed_float16" else 0.02
    assert losses[precision] == pytest.approx(losses[PRECISIONS[0]], rel=room)
    assert losses[precision] < 8  # and it learns: a guess has 9.3
