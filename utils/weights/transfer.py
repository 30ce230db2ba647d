"""Weights of one build of a network -> another that sees or holds more."""

import cv2
import numpy as np

from utils.nn.directions import RAW_PLANE
from utils.weights.files import WeightsError


def copy_weights(source, target):
    """Copies weights between two builds of a network that may differ in picture size.

    Position weights (the kernel of GWAP) are resampled, their sum kept. A network that
    sees stroke directions beside the picture starts from one that saw the picture
    alone: what the first convolution makes of directions is zero. So does one with more
    residual blocks: those that are new pass on what they read.

    Args:
        source: `keras.Model` whose weights are taken.
        target: `keras.Model` that takes them; nothing is changed unless all fit.

    Raises:
        WeightsError: the networks differ in more than that.
    """
    blocks, found = _new_blocks(source, target), []
    for layer in target.layers:
        if layer.name.startswith(blocks):
            continue
        try:
            given = source.get_layer(layer.name).get_weights()
        except ValueError:
            given = []
        wanted = [tuple(weight.shape) for weight in layer.weights]
        given = [_fit_kernel(g, w) for g, w in zip(given, wanted, strict=False)]
        if [g.shape for g in given] != wanted:
            raise WeightsError(
                f"Layer {layer.name!r} has weights of shape {wanted}, the initial "
                f"weights bring {[g.shape for g in given]}; start from a network of "
                "the same kind."
            )
        found.append((layer, given))
    for layer, given in found:  # nothing is changed unless all of it fits
        layer.set_weights(given)
    for block in blocks:
        last = target.get_layer(f"{block}out_bn")
        for weight in (last.gamma, last.beta):
            weight.assign(np.zeros(weight.shape))


def _new_blocks(source, target):
    """Returns what names of layers begin with in residual blocks that are new."""
    there, wanted = (
        {layer.name for layer in model.layers if layer.name.endswith("_add")}
        for model in (source, target)
    )
    if there - wanted and wanted:
        lost = ", ".join(sorted(name[: -len("_add")] for name in there - wanted))
        raise WeightsError(
            f"The initial weights have blocks that the network lacks ({lost}), whose "
            "part nothing would play; start from a network of as many blocks or fewer."
        )
    # Of networks of other kinds nothing is new, all of it is different.
    return tuple(name[: -len("add")] for name in wanted - there) if there else ()


def _fit_kernel(kernel, shape):
    """Fits a kernel to a shape: resamples positions, or adds planes of directions."""
    if kernel.ndim == 4 and kernel.shape[2] == 1 and shape[2:3] == (RAW_PLANE + 1,):
        grown = np.zeros((*kernel.shape[:2], *shape[2:]), kernel.dtype)
        grown[:, :, RAW_PLANE] = kernel[:, :, 0]
        return grown
    if kernel.shape == shape or kernel.ndim != 3 or kernel.shape[2:] != shape[2:]:
        return kernel
    # Fewer positions each stand for all that they cover, which keeps the sum.
    how = cv2.INTER_AREA if shape[0] < kernel.shape[0] else cv2.INTER_LINEAR
    channels = [
        cv2.resize(kernel[..., c], shape[1::-1], interpolation=how)
        for c in range(shape[2])
    ]
    area = kernel.shape[0] * kernel.shape[1] / (shape[0] * shape[1])
    return np.stack(channels, -1).astype(kernel.dtype) * np.float32(area)
