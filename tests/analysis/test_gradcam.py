import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy as to_numpy

from utils.analysis import gradcam
from utils.nn.heads import FC_LINKS, classify, link

CLASSES = {"initial": 19, "medial": 21, "final": 28}
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 8, 8), np.uint8)


def tiny_model(fc_link, classes=None, pooling=None):
    """Returns a convolution, the link and the heads, with nothing left at its start."""
    inputs = keras.Input((8, 8, 1))
    scaled = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(5, 3, strides=2, padding="same")(scaled)
    x = keras.layers.Activation("relu", name="features")(x)
    vector = link(x, fc_link) if pooling is None else pooling(x)
    _, probabilities = classify(vector, classes or CLASSES)
    model = keras.Model(inputs, probabilities)
    rng = np.random.default_rng(2)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def look(model):
    """Returns features, pooling weights and logits by name, as arrays."""
    names = ["features", *(f"{name}_logits" for name in model.output_names)]
    outputs = {name: model.get_layer(name).output for name in names}
    seen = keras.Model(model.inputs[0], outputs)(IMAGES[..., None])
    return {name: keras.ops.convert_to_numpy(value) for name, value in seen.items()}


def place_weights(model, fc_link, name):
    """Returns d logit / d feature (rows, columns, channels, classes), by hand."""
    kernel = to_numpy(model.get_layer(f"{name}_logits").kernel)
    if fc_link == "":
        return kernel.reshape(4, 4, 5, -1)
    pooling = {
        "GAP": lambda: np.full((4, 4, 5), 1 / 16),
        "GWAP": lambda: to_numpy(model.get_layer("pooling").kernel),
        "GWOAP": lambda: np.tile(
            to_numpy(model.get_layer("pooling").kernel), (4, 4, 1)
        ),
    }[fc_link]()
    return pooling[..., None] * kernel


@pytest.mark.parametrize("fc_link", FC_LINKS)
def test_exact_map_adds_up_to_the_logit_less_the_bias(fc_link):
    model = tiny_model(fc_link)
    seen, maps = look(model), gradcam.exact_cams(model, IMAGES)
    assert set(maps) == set(CLASSES)
    for name in CLASSES:
        logits = seen[f"{name}_logits"]
        bias = to_numpy(model.get_layer(f"{name}_logits").bias)
        best = logits.argmax(axis=1)
        expected = logits[np.arange(3), best] - bias[best]
        assert maps[name].shape == (3, 4, 4)
        total = maps[name].sum(axis=(1, 2))
        np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("fc_link", FC_LINKS)
def test_exact_map_has_every_place_right(fc_link):
    model = tiny_model(fc_link)
    targets = {"initial": [0, 5, 18], "medial": [20, 1, 7], "final": [0, 0, 27]}
    maps = gradcam.exact_cams(model, IMAGES, targets)
    features = look(model)["features"]
    for name, classes in targets.items():
        weights = place_weights(model, fc_link, name)[..., classes]
        expected = np.einsum("nhwc,hwcn->nhw", features, weights)
        np.testing.assert_allclose(maps[name], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("fc_link", FC_LINKS)
def test_grad_cam_equals_its_formula(fc_link):
    model = tiny_model(fc_link)
    targets = {"initial": [0, 5, 18], "medial": [20, 1, 7], "final": [0, 0, 27]}
    maps = gradcam.grad_cams(model, IMAGES, targets)
    features = look(model)["features"]
    for name, classes in targets.items():
        # The head is linear, so its gradient is known without differentiating.
        slopes = place_weights(model, fc_link, name)[..., classes].mean(axis=(0, 1))
        expected = np.maximum(np.einsum("nhwc,cn->nhw", features, slopes), 0)
        np.testing.assert_allclose(maps[name], expected, rtol=1e-4, atol=1e-5)
        assert maps[name].max() > 0


def test_grad_cam_explains_the_classes_read_unless_told():
    model = tiny_model("GWAP")
    logits = look(model)
    read = {name: logits[f"{name}_logits"].argmax(axis=1) for name in CLASSES}
    for name, maps in gradcam.grad_cams(model, IMAGES).items():
        np.testing.assert_array_equal(
            maps, gradcam.grad_cams(model, IMAGES, read)[name]
        )


@pytest.mark.parametrize("fc_link", FC_LINKS)
def test_contrast_adds_up_to_the_difference_of_logits(fc_link):
    model = tiny_model(fc_link)
    targets = {"initial": [0, 5, 18], "medial": [20, 1, 7], "final": [0, 0, 27]}
    rivals = {name: np.roll(classes, 1) for name, classes in targets.items()}
    maps = gradcam.contrast_cams(model, IMAGES, targets, rivals)
    seen, rows = look(model), np.arange(3)
    for name in CLASSES:
        bias = to_numpy(model.get_layer(f"{name}_logits").bias)
        logits = seen[f"{name}_logits"] - bias
        expected = logits[rows, targets[name]] - logits[rows, rivals[name]]
        total = maps[name].sum(axis=(1, 2))
        np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-4)


def test_contrast_of_other_networks_is_by_gradient():
    model = tiny_model("", pooling=keras.layers.GlobalMaxPooling2D(name="pooling"))
    one, other = ({name: [k] * 3 for name in CLASSES} for k in (2, 7))
    maps = gradcam.contrast_cams(model, IMAGES, one, other)
    features = look(model)["features"]
    kernel = to_numpy(model.get_layer("final_logits").kernel)
    slopes = (kernel[:, 2] - kernel[:, 7]) / 16  # a maximum's gradient: one of 16
    np.testing.assert_allclose(maps["final"], features @ slopes, rtol=1e-4, atol=1e-5)
    assert maps["final"].min() < 0 < maps["final"].max()


def test_flat_head_has_one_map():
    model = tiny_model("GAP", {"syllable": 11})
    assert set(gradcam.grad_cams(model, IMAGES)) == {"syllable"}
    assert set(gradcam.exact_cams(model, IMAGES)) == {"syllable"}


def test_grad_cam_needs_no_linear_pooling():
    pooling = keras.layers.GlobalMaxPooling2D(name="pooling")
    model = tiny_model("", pooling=pooling)
    maps = gradcam.grad_cams(model, IMAGES)
    features = look(model)["features"]
    kernel = to_numpy(model.get_layer("medial_logits").kernel)
    best = look(model)["medial_logits"].argmax(axis=1)
    # The gradient of a maximum is one at one of 16 places.
    expected = np.einsum("nhwc,cn->nhw", features, kernel[:, best] / 16)
    np.testing.assert_allclose(
        maps["medial"], np.maximum(expected, 0), rtol=1e-4, atol=1e-5
    )


def test_exact_map_needs_linear_pooling():
    pooling = keras.layers.GlobalMaxPooling2D(name="pooling")
    model = tiny_model("", pooling=pooling)
    assert not gradcam.has_exact_cams(model)
    assert gradcam.has_exact_cams(tiny_model("GWAP"))
    with pytest.raises(ValueError, match="pools with GlobalMaxPooling2D. Use Grad-CAM"):
        gradcam.exact_cams(model, IMAGES)


def test_unknown_backend_is_an_error(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ValueError, match="tensorflow, jax; KERAS_BACKEND is 'torch'"):
        gradcam.grad_cams(None, IMAGES)


def test_enlarged_map_keeps_its_level_and_its_sides():
    maps = np.zeros((2, 4, 4), np.float32)
    maps[0] = 3
    maps[1, 0] = 1  # the top row
    large = gradcam.enlarge(maps, 32)
    assert large.shape == (2, 32, 32)
    np.testing.assert_array_equal(large[0], 3)
    assert large[1, 0].min() == 1 and large[1, 16:].max() == 0


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="runs on JAX already")
def test_maps_on_jax_without_tensorflow():
    pytest.importorskip("jax")
    root = Path(__file__).parents[2]
    code = (
        "import sys, pytest\n"
        "status = pytest.main(['-q', '-p', 'no:cacheprovider', sys.argv[1], '-k',"
        " 'exact or formula or unless_told or linear'])\n"
        "assert 'tensorflow' not in sys.modules, 'TensorFlow was imported'\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, __file__],
        cwd=root,
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
