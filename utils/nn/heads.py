"""Feature map -> named logits and probabilities: pooling links, heads, decoders."""

import keras
from keras import layers

from utils.hangul import COMPONENTS, FLAT_HEAD
from utils.nn.layers import (
    GlobalWeightedAveragePooling2D,
    GlobalWeightedOutputAveragePooling2D,
)
from utils.nn.refinement import IterativeRefiner, LastStep
from utils.nn.sequence import SequenceDecoder

# Value of --fc_link -> layer from a feature map to a vector.
FC_LINKS = {
    "": layers.Flatten,
    "GAP": layers.GlobalAveragePooling2D,
    "GWAP": GlobalWeightedAveragePooling2D,
    "GWOAP": GlobalWeightedOutputAveragePooling2D,
}

POOLING = "pooling"  # name of the link's layer
DROPOUT = 0.5  # before the heads, as Melnyk et al. (2020)


def link(features, fc_link, name=POOLING):
    """Pools a feature map (batch, height, width, channels) into (batch, units).

    Args:
        features: tensor.
        fc_link: key of `FC_LINKS`.
        name: of the layer.

    Raises:
        ValueError: GWAP takes a feature map of fixed height and width only.
    """
    return FC_LINKS[fc_link](name=name)(features)


def linear_pooling(model):
    """Returns the pooling layer if all heads are linear on it, else None."""
    heads = [model.get_layer(f"{name}_logits") for name in model.output_names]
    if all(isinstance(head, layers.Dense) for head in heads):
        return model.get_layer(POOLING)
    return None


def classify(vector, classes):
    """Puts one softmax head per output straight on the pooled features.

    Args:
        vector: tensor (batch, units).
        classes: dict, output name -> number of classes.

    Returns:
        (logits, probabilities): dicts of tensors (batch, classes) by output name. The
        losses take the logits: cross entropy of a softmax loses its gradient where
        the softmax saturates.
    """
    vector = layers.Dropout(DROPOUT, name="dropout")(vector)
    logits = {name: _dense(name, count)(vector) for name, count in classes.items()}
    return logits, _probabilities(logits)


def refine(features, vector, classes, steps, feedback=True):
    """Puts a reader on the feature map that refines its answer, beside plain heads.

    Args:
        features: tensor (batch, height, width, channels).
        vector: its pooled form, (batch, units), for the plain heads: they only help the
            training.
        classes: dict, output name -> number of classes.
        steps: looks of the reader.
        feedback: whether a look knows the answer of the one before.

    Returns:
        (logits, probabilities): logits (batch, 1 + steps, classes) by output name, the
        plain head's first; probabilities of the last look (batch, classes).
    """
    vector = layers.Dropout(DROPOUT, name="dropout")(vector)
    looks = IterativeRefiner(classes, steps, feedback=feedback, name="refiner")(
        features
    )
    logits, last = {}, {}
    for name, count in classes.items():
        logits[name] = _stack(_dense(f"{name}_side", count)(vector), looks[name], name)
        last[name] = LastStep(name=f"{name}_logits")(looks[name])
    return logits, _probabilities(last)


def exit_early(features, middle, fc_link, classes):
    """Puts heads on the last features, and on those of a middle stage.

    Reference: Li, Teng, Jin, Lu (2018), the cascade,
    https://arxiv.org/abs/1804.01259; where its exit sits could not be had.

    Args:
        features: tensor (batch, height, width, channels).
        middle: tensor of the stage after which easy pictures may leave.
        fc_link: key of `FC_LINKS`.
        classes: dict, output name -> number of classes.

    Returns:
        (logits, probabilities): logits (batch, 2, classes), the early ones first;
        probabilities of the last heads. Layers `<name>_exit` give the early logits.
    """
    logits, probabilities = classify(link(features, fc_link), classes)
    early = link(middle, fc_link, name="exit_pooling")
    early = layers.Dropout(DROPOUT, name="exit_dropout")(early)
    for name, count in classes.items():
        last = layers.Reshape((1, count), name=f"{name}_last")(logits[name])
        head = _dense(f"{name}_exit", count, suffix="")
        logits[name] = _stack(head(early), last, name)
    return logits, probabilities


def spell(features, beam=0):
    """Spells initial, medial and final in turn, each knowing those before.

    Args:
        features: tensor (batch, height, width, channels).
        beam: beginnings that are spelled on at each jamo; 0 is all, which is exact.

    Returns:
        (inputs, logits, probabilities): two more inputs, the true initial and medial
        (batch,), by name; logits (batch, classes) of the three heads, each given the
        true jamo before it; and {'syllable': (batch, 11172)}, the probability of each
        syllable (0 outside the beam), which needs no such input.
    """
    decoder = SequenceDecoder(beam=beam, name="decoder")
    names = ("initial", "medial")
    inputs = {name: keras.Input((), dtype="int32", name=name) for name in names}
    scores = layers.Activation("linear", name="syllable_logits")(decoder(features))
    together = decoder(features, inputs["initial"], inputs["medial"])
    logits, start = {}, 0
    for name, jamo in COMPONENTS.items():
        logits[name] = together[:, start : start + len(jamo)]
        start += len(jamo)
    return inputs, logits, _probabilities({FLAT_HEAD: scores})


def _probabilities(logits):
    return {
        name: layers.Softmax(name=name, dtype="float32")(each)
        for name, each in logits.items()
    }


def _stack(first, rest, name):
    """Puts logits (batch, classes) before others (batch, steps, classes)."""
    first = layers.Reshape((1, first.shape[-1]), name=f"{name}_first")(first)
    return layers.Concatenate(axis=1, name=f"{name}_steps")([first, rest])


def _dense(name, count, suffix="_logits"):
    """Returns a head's layer; its small start is that of Melnyk et al. (2020)."""
    start = keras.initializers.RandomNormal(stddev=1e-3)
    return layers.Dense(count, kernel_initializer=start, name=f"{name}{suffix}")
