"""Output name -> loss."""

import keras


def make_losses(output_names):
    """Returns the loss of every output: cross entropy of its logits.

    Their sum is the negative log likelihood of the syllable, the heads taken as
    independent.

    Args:
        output_names: names of the outputs, as in the model's dict.

    Returns:
        Dict by name; targets are class indices, `int32` (batch,).
    """
    make = keras.losses.SparseCategoricalCrossentropy
    return {name: make(from_logits=True) for name in output_names}
