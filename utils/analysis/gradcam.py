"""Where in a picture a head saw its class: Grad-CAM, and exact class activation maps.

A map is as coarse as the feature map; `enlarge` brings it to the picture's size.
"""

import cv2
import numpy as np

from utils.analysis.maps.gradients import backend_gradient
from utils.analysis.maps.pooling_weights import find_linear_pooling, pooling_weights
from utils.backend import keras
from utils.kinds import Heads, Network
from utils.nn.blocks import FEATURES


def grad_cams(
    model: Network, images: np.ndarray, targets: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Computes Grad-CAM maps, one a head: what raises the class where it is.

    Each channel of the features is weighted with the mean gradient of the class's
    logit; what lowers the logit is left out. An estimate, but of any network.

    Reference: Selvaraju et al. (2017), Grad-CAM, section 3,
    https://arxiv.org/abs/1610.02391.

    Args:
        model: `keras.Model` with named layers as `model.build_model` makes it.
        images: `uint8` (batch, size, size), prepared pictures.
        targets: dict, head -> class indices (batch,); None takes the classes read.

    Returns:
        Dict, head -> array (batch, rows, columns), 0 or more, of the features' size.

    Raises:
        ValueError: the backend is not one whose gradients are known here.
    """
    maps = signed_grad_cams(model, images, targets)
    return {name: np.maximum(each, 0) for name, each in maps.items()}


def signed_grad_cams(
    model: Network, images: np.ndarray, targets: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Computes what `grad_cams` does before it leaves out what lowers the logit.

    Args:
        model: as for `grad_cams`.
        images: as for `grad_cams`.
        targets: as for `grad_cams`.

    Returns:
        Dict, head -> array (batch, rows, columns): positive where for the class.

    Raises:
        ValueError: as `grad_cams`.
    """
    gradient = backend_gradient()
    features, targets = _look(model, images, targets)
    maps = {}
    for name, classes in targets.items():
        layer = model.get_layer(f"{name}_logits")
        tail = keras.Model(model.get_layer(FEATURES).output, layer.output)
        slopes = gradient(tail, features, classes).mean(axis=(1, 2), keepdims=True)
        maps[name] = (slopes * features).sum(axis=3)
    return maps


def exact_cams(
    model: Network, images: np.ndarray, targets: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Computes class activation maps that add up to the logit, one a head.

    Where the head is linear on the pooled features, its logit is a sum over places:
    M(h, w) = sum over c of x_hwc P_hwc W_c, with P the pooling's weights and W the
    head's for the class. Over all places it is exactly the logit less the bias.

    Reference: Melnyk, You, Li (2020), section 3.3, https://arxiv.org/abs/1812.11489;
    Zhou et al. (2016), https://arxiv.org/abs/1512.04150, for GAP.

    Args:
        model: as for `grad_cams`.
        images: `uint8` (batch, size, size), prepared pictures.
        targets: dict, head -> class indices (batch,); None takes the classes read.

    Returns:
        Dict, head -> array (batch, rows, columns) in units of the logit: positive
        where the place speaks for the class, negative where against.

    Raises:
        ValueError: the pooling is not linear.
    """
    pooling = find_linear_pooling(model)
    features, targets = _look(model, images, targets)
    weights = pooling_weights(pooling, features.shape[1:])
    maps = {}
    for name, classes in targets.items():
        kernel = keras.ops.convert_to_numpy(model.get_layer(f"{name}_logits").kernel)
        if isinstance(pooling, keras.layers.Flatten):
            chosen = kernel.T[classes].reshape(
                features.shape
            )  # a weight for each place
        else:
            chosen = kernel.T[classes][:, None, None, :]  # (batch, 1, 1, channels)
        maps[name] = (features * weights * chosen).sum(axis=3)
    return maps


def contrast_cams(
    model: Network, images: np.ndarray, targets: Heads, rivals: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Computes why one class and not another: where the picture decides between them.

    The difference of two maps: with exact maps its sum over all places is the
    difference of the logits less that of the biases; elsewhere of two Grad-CAMs before
    their cut at zero.

    Reference: Prabhushankar et al. (2020), Contrastive Explanations in Neural
    Networks, https://arxiv.org/abs/2008.00178, who differentiate a loss between the
    two classes. Differs from it: the logits themselves are compared.

    Args:
        model: as for `grad_cams`.
        images: `uint8` (batch, size, size), prepared pictures.
        targets: dict, head -> class indices (batch,).
        rivals: the same of the classes to tell them from.

    Returns:
        Dict, head -> array (batch, rows, columns): positive where the place speaks for
        the target against the rival, negative where the other way round.

    Raises:
        ValueError: as `grad_cams`.
    """
    function = exact_cams if has_exact_cams(model) else signed_grad_cams
    for_target = function(model, images, targets)
    for_rival = function(model, images, rivals)
    return {name: for_target[name] - for_rival[name] for name in for_target}


def has_exact_cams(model: Network) -> bool:
    """Tells whether `exact_cams` can explain the model."""
    try:
        pooling_weights(find_linear_pooling(model), (1, 1, 1))
    except ValueError:
        return False
    return True


def enlarge(maps: np.ndarray, size: int) -> np.ndarray:
    """Scales maps (batch, rows, columns) to (batch, size, size), bilinearly.

    Args:
        maps: of one picture at least, as `grad_cams` gives them for a head.
        size: side of the picture in pixels.
    """
    maps = np.asarray(maps, np.float32)
    return np.stack(
        [cv2.resize(m, (size, size), interpolation=cv2.INTER_LINEAR) for m in maps]
    )


def _look(model, images, targets):
    """Returns features (batch, rows, columns, channels) and every head's classes."""
    names = model.output_names
    tensors = {name: model.get_layer(f"{name}_logits").output for name in names}
    tensors[FEATURES] = model.get_layer(FEATURES).output
    pixels = np.asarray(images)[..., None]
    seen = keras.Model(model.inputs[0], tensors)(pixels, training=False)
    seen = {name: keras.ops.convert_to_numpy(tensor) for name, tensor in seen.items()}
    features = seen.pop(FEATURES).astype(np.float32)
    if targets is None:
        targets = {name: logits.argmax(axis=1) for name, logits in seen.items()}
    return features, {name: np.asarray(targets[name]) for name in names}
