import keras
import numpy as np
import pytest

import average
from model import KoOCR
from tests.helpers.small_networks import build, thin, values
from utils.data.patches import write_patch
from utils.nn import backbones
from utils.weights.averaging import average_weights, renew_statistics


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two networks, a third of other options, and patches."""
    monkeypatch.setitem(backbones.BACKBONES, "thin", thin)
    for seed, name in enumerate(("a", "b")):
        keras.utils.set_random_seed(seed)
        network = KoOCR(None, network="thin", image_size=16, temperature=1.5)
        network.save(tmp_path / f"{name}.weights.h5")
    KoOCR(None, network="thin", image_size=20).save(tmp_path / "c.weights.h5")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 20, 20)).astype(np.uint8)
    write_patch(
        tmp_path / "data" / "printed_0.pickle", images, list("가나다라마바" * 2)
    )
    return tmp_path


def run(folder, names, *more):
    weights = ",".join(str(folder / f"{name}.weights.h5") for name in names)
    saved = folder / "mean" / "mean.weights.h5"
    flags = [f"--weights={weights}", f"--save_path={saved}", *more]
    return average.main(flags), saved


def test_the_mean_of_two_networks_is_written(folder, capsys):
    status, saved = run(folder, "ab", "--shares=1,3")
    assert status == 0
    assert str(saved) in capsys.readouterr().out
    mean = KoOCR(saved)
    assert mean.config.temperature == 1
    first, second = (KoOCR(folder / f"{name}.weights.h5") for name in "ab")
    parts = values(first.training_model), values(second.training_model)
    for found, one, other in zip(values(mean.training_model), *parts, strict=True):
        np.testing.assert_allclose(found, 0.25 * one + 0.75 * other, atol=1e-6)


def test_without_shares_all_count_alike(folder):
    _, alike = run(folder, "ab")
    one = values(KoOCR(alike).training_model)
    _, half = run(folder, "ab", "--shares=0.5,0.5", "--half=true")
    for found, expected in zip(values(KoOCR(half).training_model), one, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_statistics_are_found_by_training_pictures(folder):
    _, plain = run(folder, "ab")
    before = KoOCR(plain).training_model
    pictures = [f"--data_path={folder / 'data'}", "--batch_size=4"]
    status, found = run(folder, "ab", "--statistics_images=8", *pictures)
    assert status == 0
    for layer in KoOCR(found).training_model.layers:
        old = before.get_layer(layer.name).get_weights()
        moving = isinstance(layer, keras.layers.BatchNormalization)
        for place, (new, was) in enumerate(zip(layer.get_weights(), old, strict=True)):
            assert np.array_equal(new, was) != (moving and place >= 2)


def test_prototypes_are_learnt_of_the_mean(folder):
    data = folder / "data"
    status, saved = run(folder, "ab", f"--data_path={data}", "--prototypes=true")
    assert status == 0
    mean = KoOCR(saved)
    found = mean.prototypes
    mean.learn_prototypes(data)
    np.testing.assert_allclose(found, mean.prototypes, rtol=2e-3, atol=1e-3)


def test_a_network_of_fewer_blocks_counts_as_one_whose_others_pass_on(tmp_path, rng):
    options = {"weights": None, "fc_link": "GWAP", "image_size": 16}
    few, many = (KoOCR(network=name, **options) for name in ("compact", "deep"))
    for layer in many.training_model.layers:  # as training leaves them
        layer.set_weights(
            [w + rng.uniform(0, 0.1, w.shape) for w in layer.get_weights()]
        )
    paths = [tmp_path / "few.weights.h5", tmp_path / "many.weights.h5"]
    few.save(paths[0])
    many.save(paths[1])
    saved = tmp_path / "mean.weights.h5"
    flags = [f"--weights={paths[0]},{paths[1]}", f"--save_path={saved}"]
    assert average.main([*flags, "--shares=1,1e-9"]) == 0
    images = rng.integers(0, 256, (3, 16, 16)).astype(np.uint8)
    found, expected = KoOCR(saved).probabilities(images), few.probabilities(images)
    for name, rows in expected.items():
        np.testing.assert_allclose(found[name], rows, atol=1e-5)
    assert average.main([*flags, "--shares=1,3"]) == 0
    mean, few, many = (each.training_model for each in (KoOCR(saved), few, many))
    for name in ("stage3_conv", "stage3_block2_out_bn", "initial_logits"):
        triples = zip(
            *(values(m.get_layer(name)) for m in (mean, few, many)), strict=True
        )
        for found, one, other in triples:
            np.testing.assert_allclose(
                found, one / 4 + other * 3 / 4, rtol=1e-4, atol=1e-6
            )
    new, block = (values(m.get_layer("stage3_block6_out_bn")) for m in (mean, many))
    for found, trained, share in zip(new, block, (0.75, 0.75, 1, 1), strict=True):
        np.testing.assert_allclose(found, trained * share, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("names", "more", "message"),
    [
        ("ac", [], "same options"),
        ("ac", [], "got image_size=16 and 20."),
        ("ab", ["--shares=1,0"], "above 0"),
        ("ab", ["--batch_size=4"], "batch_size: nothing reads it"),
        ("ab", ["--statistics_images=8", "--data_path=nowhere"], "nowhere"),
    ],
)
def test_what_has_no_mean_is_refused(folder, capsys, names, more, message):
    status, saved = run(folder, names, *more)
    assert status == 1
    assert not saved.exists()
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "more", "message"),
    [
        ("a", [], "two or more"),
        ("ab", ["--shares=1"], "a number for each"),
        ("ab", ["--shares=1,x"], "expected numbers"),
        ("ab", ["--save_path="], "save_path is missing"),
        ("ab", ["--save_path=mean.h5"], "the name must end in .weights.h5"),
        ("ab", ["--epochs=3"], "unrecognized arguments: --epochs=3"),
        ("ab", ["--batch_size=0"], "batch_size=0 is too small"),
    ],
)
def test_options_that_make_no_mean(folder, capsys, names, more, message):
    with pytest.raises(SystemExit):
        run(folder, names, *more)
    assert message in capsys.readouterr().err


def test_the_help_tells_what_can_be_given(capsys):
    with pytest.raises(SystemExit):
        average.main(["--help"])
    shown = capsys.readouterr().out
    assert "--batch_size" in shown and "--save_path" in shown
    for never in ("--epochs", "--resume", "compact)"):
        assert never not in shown


def test_statistics_are_those_of_the_layers_inputs(rng):
    model = build(size=6)
    images = rng.integers(0, 256, (10, 6, 6, 2)).astype(np.float32)
    layer = model.get_layer("bn")
    momentum = layer.momentum
    # `renew_statistics` adds the axis of one channel: here two pictures of one.
    inputs = keras.Input((6, 6, 1))
    pair = keras.layers.Concatenate()([inputs, 255 - inputs])
    outer = inputs, pair
    for each in model.layers[1:]:
        outer = (*outer, each(outer[-1]))
    single = keras.Model(inputs, outer[-1])
    renew_statistics(single, images[..., 0].astype(np.uint8), 4)
    grey = images[:8, ..., :1]
    x = np.concatenate([grey, 255 - grey], -1)
    seen = np.asarray(model.get_layer("conv")(x)).reshape(2, 4 * 36, 5)
    _, _, mean, variance = layer.get_weights()
    np.testing.assert_allclose(mean, seen.mean((0, 1)), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(variance, seen.var(1).mean(0), rtol=1e-3)
    assert layer.momentum == momentum


def test_models_of_other_layers_have_no_mean():
    with pytest.raises(ValueError, match="same layers"):
        average_weights([build(), build(units=4)], [1, 1])


def test_less_than_a_batch_has_no_statistics():
    with pytest.raises(ValueError, match="3 pictures are no batch of 4"):
        renew_statistics(build(), np.zeros((3, 4, 4), np.uint8), 4)
