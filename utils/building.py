"""Configuration -> network: preparation, backbone, pooling link, heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from utils.hangul import COMPONENTS, FLAT_HEAD, read_charset
from utils.kinds import Network

if TYPE_CHECKING:
    from utils.config import ModelConfig


def build_model(config: ModelConfig) -> tuple[Network, Network]:
    """Builds the network: preparation, backbone, pooling link, heads.

    Args:
        config: `utils.config.ModelConfig`.

    Returns:
        (model, training_model): two `keras.Model` on the same layers, from pictures
        (batch, image_size, image_size, 1), 0-255, dark on white. The first gives a dict
        of probabilities (batch, classes) by output name, the second of logits, also
        (batch, steps, classes) where a network answers several times. A sequence
        decoder trains on a dict: `images`, and the true `initial` and `medial`.
    """
    from utils.backend import channels_last_float32

    with channels_last_float32():
        return _build(config)


def _build(config):
    from utils.backend import keras
    from utils.nn import heads
    from utils.nn.backbones import BACKBONES
    from utils.nn.directions import DirectMap
    from utils.nn.layers import InkScale
    from utils.nn.low_rank import read_ranks, split_layers

    images = keras.Input((config.image_size, config.image_size, 1), name="images")
    x = InkScale(name="ink")(images)
    if config.direct_map:
        x = DirectMap(raw=config.raw_plane, name="direct_map")(x)
    features = BACKBONES[config.network](x)
    if config.decoder == "sequence":
        given, logits, probabilities = heads.spell(features, config.beam)
        inputs = {"images": images, **given}
    else:
        logits, probabilities = _add_heads(config, images, features)
        inputs = images
    built = keras.Model(images, probabilities), keras.Model(inputs, logits)
    ranks = read_ranks(config.low_rank)
    return split_layers(*built, ranks) if ranks else built


def _add_heads(config, images, features):
    """Returns the dicts of logits and of probabilities that `config` asks for."""
    from utils.backend import keras
    from utils.nn import heads
    from utils.nn.backbones import EXITS

    if config.split_components:
        classes = {name: len(jamo) for name, jamo in COMPONENTS.items()}
    else:
        classes = {FLAT_HEAD: len(read_charset(config.charset))}
    if config.early_exit:
        trunk = keras.Model(images, features)
        middle = trunk.get_layer(EXITS[config.network]).output
        return heads.exit_early(features, middle, config.fc_link, classes)
    vector = heads.link(features, config.fc_link)
    if config.iterative_refinement:
        how = config.refinement_t, config.refinement_feedback
        return heads.refine(features, vector, classes, *how)
    return heads.classify(vector, classes)
