"""Several trained networks -> one, whose weights are their mean.

References: Wortsman et al. (2022), model soups, https://arxiv.org/abs/2203.05482;
Izmailov et al. (2018), section 3.2, https://arxiv.org/abs/1803.05407, for the
statistics of batch normalisation, which a mean of weights does not have.
"""

import numpy as np

from utils.backend import keras
from utils.bars import progress_bar


def average_weights(models, shares):
    """Gives the first of several models the mean of the weights of all.

    Args:
        models: list of `keras.Model` of the same layers; the first is changed.
        shares: positive numbers, one a model; their sum counts as 1.

    Raises:
        ValueError: a share is not positive, or the models differ.
    """
    if not all(0 < each < np.inf for each in shares):
        raise ValueError(f"shares={list(shares)}; expected numbers above 0.")
    kinds = [[(w.path, w.shape) for w in model.weights] for model in models]
    if any(each != kinds[0] for each in kinds):
        raise ValueError("Only networks of the same layers have a mean.")
    total = sum(shares)
    for variables in zip(*(model.weights for model in models), strict=True):
        parts = [
            keras.ops.convert_to_numpy(variable).astype(np.float64) * share / total
            for variable, share in zip(variables, shares, strict=True)
        ]
        variables[0].assign(sum(parts).astype(np.float32))


def renew_statistics(model, images, batch_size):
    """Finds means and variances of batch normalisation anew, and nothing else.

    Every batch counts alike: the moving average becomes a mean. A last batch that is
    not full is left out, for its variance would be another.

    Args:
        model: `keras.Model` of pictures (batch, size, size, 1).
        images: `uint8` (pictures, size, size), of training.
        batch_size: pictures that are normalised together, as in training.

    Raises:
        ValueError: there is not one full batch.
    """
    count = len(images) // batch_size
    if not count:
        raise ValueError(
            f"{len(images)} pictures are no batch of {batch_size}; expected more."
        )
    layers = [
        each
        for each in model.layers
        if isinstance(each, keras.layers.BatchNormalization)
    ]
    before = [layer.momentum for layer in layers]
    bar = progress_bar(range(count), "batch normalisation", leave=False)
    for step in bar:
        for layer in layers:
            layer.momentum = step / (step + 1)
        batch = images[step * batch_size : (step + 1) * batch_size]
        model(batch[..., None].astype(np.float32), training=True)
    for layer, momentum in zip(layers, before, strict=True):
        layer.momentum = momentum
