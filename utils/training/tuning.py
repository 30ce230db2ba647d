"""A network -> the same after some more training steps at a falling rate."""

import contextlib
import itertools
import math

from utils.bars import progress_bar
from utils.training.compiling import compile_model, set_dropout
from utils.training.fitting import make_dataset
from utils.training.loop import TrainingError


def tune(network, options, steps, only=None, after_step=None):
    """Takes training steps; the rate falls as a cosine to nothing.

    Args:
        network: `model.KoOCR`.
        options: `utils.training_config.TrainConfig`: data, optimizer, batch size, seed.
        steps: how many.
        only: class of layers, or tuple of them, that learn; None: all do.
        after_step: function () called after every step; or None.

    Raises:
        TrainingError: the loss is no number any more.
    """
    network.forget_fits()
    model = network.training_model
    for layer in model.layers:
        layer.trainable = only is None or isinstance(layer, only)
    set_dropout(model, options.dropout)
    fitted = compile_model(model, options)
    batches = _batches(network, options)
    bar = progress_bar(range(steps), unit="step", quiet=options.silent_mode)
    for step in bar:
        rate = 0.5 * (1 + math.cos(math.pi * step / steps))
        fitted.optimizer.learning_rate = options.learning_rate * rate
        images, targets = next(batches)
        loss = float(fitted.train_on_batch(images, targets, return_dict=True)["loss"])
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss became {loss} in step {step + 1}; run again with a "
                "lower learning_rate: finished stages are kept."
            )
        bar.set_postfix_str(f"loss {loss:.3f}", refresh=False)
        if after_step:
            after_step()
    model.trainable = True


def _batches(network, options):
    """Yields batches without end."""
    dataset = make_dataset(network.config, network.syllables, options)
    with contextlib.closing(dataset):
        for epoch in itertools.count():
            yield from dataset.batches(epoch)
