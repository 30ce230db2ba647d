"""A network and a writer's pictures -> a network that has adapted to the writer."""

import io

import numpy as np

from utils.backend import keras
from utils.bars import progress_bar
from utils.data.atomic import write_atomically
from utils.data.batches.squares import prepare_or_blank
from utils.data.npz import ArraysError, read_arrays
from utils.data.patches import list_patches, read_patch
from utils.hangul import COMPONENTS, split_syllables
from utils.inference import adaptation
from utils.inference.looking import look, look_again
from utils.inference.network import apply_model
from utils.inference.prior import DEFAULT_PRIOR
from utils.inference.spreading import spread_places
from utils.inference.tempering import temper
from utils.nn.heads import linear_pooling
from utils.weights.contents import prototypes_path
from utils.weights.files import WeightsError

_FEATURES = "pooled"


def learn_prototypes(model, config, data_path, per_patch=500):
    """Fits the prototypes of a network's features to training patches.

    Args:
        model: `keras.Model` whose heads are linear on the pooled features.
        config: its `utils.config.ModelConfig`: the size of pictures, and of a look.
        data_path: folder of patches.
        per_patch: pictures taken of each patch, evenly spread; those without ink are
            left out.

    Returns:
        See `adaptation.fit_prototypes`.
    """
    features, labels, extractor = [], [], make_extractor(model)
    paths = list_patches(data_path)
    for path in progress_bar(paths, "prototypes", unit="patch", leave=False):
        patch = read_patch(path)
        chosen = spread_places(len(patch.labels), per_patch)
        images = [
            prepare_or_blank(patch.images[place], config.image_size) for place in chosen
        ]
        seen = look(np.stack(images), config.first_look)
        inked = seen.min(axis=(1, 2)) < 255
        features.append(pooled_features(extractor, seen[inked]))
        labels.append(patch.labels[chosen][inked])
    targets = split_syllables(np.concatenate(labels))
    return adaptation.fit_prototypes(np.concatenate(features), targets)


def make_extractor(model):
    """Returns the model from pictures to what the heads are linear on."""
    return keras.Model(model.inputs[0], {_FEATURES: check_linear(model).output})


def pooled_features(extractor, images):
    """Returns the pooled features of prepared pictures, (pictures, units).

    Args:
        extractor: as `make_extractor` gives it.
        images: `uint8` (pictures, size, size), dark on white.
    """
    return apply_model(extractor, images)[_FEATURES]


def adapt_heads(model, prototypes, images, config, prior=DEFAULT_PRIOR):
    """Folds a writer's layer into the heads of a model, in place.

    Args:
        model: `keras.Model` whose heads are linear on the pooled features.
        prototypes: see `learn_prototypes`.
        images: `uint8` (pictures, size, size), prepared pictures of one writer.
        config: its `utils.config.ModelConfig`: how it looks, and the temperature.
        prior: as for `predict`.

    Raises:
        ValueError: the prototypes are of other features.
    """
    extractor = make_extractor(model)
    times = (False, True) if config.second_look else (False,)
    views = [look(images, config.first_look, again) for again in times]
    looks = [pooled_features(extractor, view) for view in views]
    known, units = prototypes.shape[1], looks[0].shape[1]
    if known != units:
        raise ValueError(
            f"The prototypes are of {known} features, the network has {units}: they "
            "are another's. Call learn_prototypes(data_path), and save."
        )
    heads = {name: model.get_layer(f"{name}_logits") for name in COMPONENTS}
    weights = {name: head.get_weights() for name, head in heads.items()}

    def read(features):
        logits = {n: features @ kernel + bias for n, (kernel, bias) in weights.items()}
        shares = {n: np.exp(z - z.max(1, keepdims=True)) for n, z in logits.items()}
        return {n: each / each.sum(1, keepdims=True) for n, each in shares.items()}

    def answer(looks):
        below = config.second_look
        found = look_again(read(looks[0]), lambda at: read(looks[-1][at]), below)
        return temper(found, config.temperature)

    layer = adaptation.adapt(looks, prototypes, answer, prior)
    for name, head in heads.items():
        head.set_weights(adaptation.fold(*layer, *weights[name]))


def check_linear(model):
    """Returns the pooling layer of a model whose heads are linear on it.

    Raises:
        ValueError: the model has not the three heads, or they are not linear.
    """
    pooling = linear_pooling(model)
    if set(model.output_names) != set(COMPONENTS) or pooling is None:
        raise ValueError(
            "Adaptation needs three heads that are linear on the pooled features: "
            "split_components=true, no refinement, decoder=heads."
        )
    return pooling


def save_prototypes(path, prototypes):
    """Writes prototypes beside a weight file, as float16, atomically.

    Args:
        path: of the weight file, which need not be there.
        prototypes: (1 + 19 + 21 + 28, units), see `adaptation.fit_prototypes`.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, prototypes=prototypes.astype(np.float16))
    write_atomically(prototypes_path(path), buffer.getvalue())


def load_prototypes(path):
    """Reads the prototypes beside a weight file; None if there are none.

    Raises:
        WeightsError: the file is damaged.
    """
    beside = prototypes_path(path)
    if not beside.is_file():
        return None
    rows = 1 + sum(len(jamo) for jamo in COMPONENTS.values())
    try:
        prototypes = read_arrays(beside)["prototypes"].astype(float)
    except (ArraysError, KeyError, ValueError) as error:
        raise WeightsError(f"{beside}: no prototypes ({error}).") from None
    if not np.isfinite(prototypes).all():
        raise WeightsError(f"{beside}: prototypes hold NaN or infinity.")
    if prototypes.ndim != 2 or len(prototypes) != rows:
        raise WeightsError(
            f"{beside}: prototypes of shape {prototypes.shape}; expected ({rows}, "
            "units)."
        )
    return prototypes
