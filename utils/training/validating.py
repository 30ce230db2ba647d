"""What a network in training makes of the validation patches."""

import warnings
from pathlib import Path

from utils.analysis.sources import read_seen
from utils.analysis.tally import Tally
from utils.data.patches import PatchError, list_patches
from utils.inference.network import apply_model
from utils.inference.prior import DEFAULT_PRIOR


def check_validation(options):
    """Checks the validation patches before a run begins.

    Args:
        options: `utils.training_config.TrainConfig`; its `val_data_path` is not empty.

    Raises:
        PatchError: there are none.

    Warns:
        UserWarning: training learns some of them, the same files under whatever names.
    """
    try:
        paths = list_patches(options.val_data_path)
    except PatchError as error:
        raise PatchError(f"{error} val_data_path='' trains without them.") from None
    learnt = {path.resolve() for path in Path(options.data_path).glob("*.pickle")}
    both = [path for path in paths if path.resolve() in learnt]
    if both:
        warnings.warn(
            f"{len(both)} of the {len(paths)} patches of val_data_path="
            f"{options.val_data_path!r} are learnt as well (data_path="
            f"{options.data_path!r}): of them validation tells what was memorised, not "
            "how unseen pictures are read. Give it a folder of other pictures, or "
            "none (val_data_path='').",
            stacklevel=2,
        )


def measure(model, config, syllables, options):
    """Measures a model on the validation patches, at its first look.

    Args:
        model: `keras.Model` with a dict of probabilities.
        config: its `utils.config.ModelConfig`: the size of pictures, and of a look.
        syllables: the classes of a flat head.
        options: `utils.training_config.TrainConfig`: where the patches are, and how
            many pictures of each source are read.

    Returns:
        Dict of fractions 0-1: `syllable` (top-1), `top_n` (n = 5, or all), `initial`,
        `medial`, `final`, and `syllable_<source>` for each source; and of numbers: `n`
        and `count`.

    Raises:
        ValueError: the patches cannot be read.
    """
    return measure_tally(model, config, syllables, options)[0]


def measure_tally(model, config, syllables, options):
    """Returns what `measure` does, and the `Tally` over all sources.

    Args:
        model: as for `measure`.
        config: as for `measure`.
        syllables: as for `measure`.
        options: as for `measure`.

    Raises:
        ValueError: the patches cannot be read.
    """
    guesses = min(5, len(syllables))
    tallies, everything = {}, Tally(guesses, syllables, prior=DEFAULT_PRIOR)
    for chunk in read_seen(options.val_data_path, config, options.val_images):
        probabilities = apply_model(model, chunk.images)
        everything.add(chunk, probabilities)
        if chunk.source not in tallies:
            tallies[chunk.source] = Tally(guesses, syllables, prior=DEFAULT_PRIOR)
        tally = tallies[chunk.source]
        tally.add(chunk, probabilities)
    shares = {
        f"syllable_{source}": float(tally.right["syllable"].mean())
        for source, tally in tallies.items()
    }
    right = everything.right
    figures = {name: float(values.mean()) for name, values in right.items()}
    numbers = {"n": guesses, "count": len(right["syllable"])}
    return figures | shares | numbers, everything
