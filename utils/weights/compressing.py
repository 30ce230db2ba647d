"""Trained weights -> fast and small ones: pairs layer by layer, drop-weight, sharing.

Reference: Xiao, Jin, Yang, Yang, Sun, Chang (2017), sections 3 and 4,
https://arxiv.org/abs/1702.07975. Where the paper is silent: pairs start from a singular
value decomposition, T1 is three quarters of the steps of drop-weight, and centres of
shared weights are not trained further.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from utils.analysis.speed.complexity import multiply_adds
from utils.backend import keras, set_seed
from utils.cli import check_options, option
from utils.nn.kernel_pairs import rank_for
from utils.nn.low_rank import LowRankConv2D, convolutions, read_ranks, write_ranks
from utils.nn.pruning import DropWeight, heavy_variables, share_weights
from utils.presets import WEIGHTS_SUFFIX
from utils.training.tuning import tune
from utils.training.validating import measure
from utils.weights.compression_progress import PROGRESS, read_progress, write_progress
from utils.weights.contents import digest


@dataclass(frozen=True)
class CompressionOptions:
    """What is done to the weights."""

    speedup: float = option(
        4.0, "multiply-adds of a convolution over its pair's (1: no pairs)", low=1.0
    )
    pair_steps: int = option(
        200, "training steps after each split", low=0, read_by=("splits",)
    )
    tune_steps: int = option(
        1000, "training steps of all weights after that", low=0, read_by=("splits",)
    )
    drop_ratio: float = option(
        0.6, "share of the weights to drop (0: none)", low=0.0, high=0.99
    )
    drop_steps: int = option(
        2000, "training steps while weights drop", low=1, read_by=("drop_ratio",)
    )
    clusters: int = option(
        128, "values that the weights of a layer share (0: leave them)", low=0
    )

    def __post_init__(self):
        check_options(self)

    @property
    def splits(self):
        """Tells whether convolutions become pairs."""
        return self.speedup > 1


class Compressor:
    """Carries weights through the stages, each of which is saved.

    Args:
        start: `model.KoOCR` with trained weights.
        build: function of (weights or None, options) -> `model.KoOCR`.
        options: `CompressionOptions`.
        training: `utils.training_config.TrainConfig`: data, optimizer, batch size.

    Raises:
        ValueError: the folder holds the compression of other weights or options.
    """

    def __init__(self, start, build, options, training):
        self.network, self.build = start, build
        self.options, self.training = options, training
        self.folder = Path(training.log_path)
        self.rows = []
        weights = start.training_model.get_weights()
        self._digest = digest(b"".join(each.tobytes() for each in weights))
        self._restore()

    def run(self):
        """Runs the stages that are left.

        Returns:
            List of dicts, one a stage, the weights given first: `stage`,
            `multiply_adds`, `megabytes`, `dropped`, `syllable` (top-1, 0-1, or None
            without validation patches).

        Raises:
            utils.training.loop.TrainingError: the loss is no number any more.
        """
        for name, stage in self._stages():
            if name not in [row["stage"] for row in self.rows]:
                self._begin()
                stage()
                self._save(name)
        return self.rows

    def _begin(self):
        """Takes up the last stage from its file, as a run that goes on has to."""
        set_seed(self.training.seed + len(self.rows))
        if self.rows:
            self.network = self.build(self.folder / self.rows[-1]["weights"])

    def _stages(self):
        """Yields (name, function) of every stage."""
        options = self.options
        yield "given", lambda: None
        if options.speedup > 1:
            # Those of the weights given: what was split is listed no more.
            for name in self._names:
                yield f"pair {name}", lambda name=name: self._split(name)
            yield "tune", lambda: self._train(options.tune_steps)
        if options.drop_ratio:
            yield "drop", self._drop
        if options.clusters:
            yield "share", self._share

    def _split(self, name):
        """Splits one more convolution; trains the pairs alone: section 3.2."""
        config = self.network.config
        kernel = self.network.training_model.get_layer(name).kernel
        ranks = read_ranks(config.low_rank)
        ranks[name] = rank_for(self.options.speedup, kernel.shape)
        self.network = self.network.split(write_ranks(ranks))
        # Normalisation learns too: frozen, it would keep the old layers' statistics.
        self._train(
            self.options.pair_steps,
            only=(LowRankConv2D, keras.layers.BatchNormalization),
        )

    def _drop(self):
        steps = self.options.drop_steps
        drop = DropWeight(
            heavy_variables(self.network.training_model),
            self.options.drop_ratio,
            max(1, round(0.75 * steps)),
        )
        self._train(steps, after_step=drop.after_step)

    def _share(self):
        self.network.forget_fits()
        variables = heavy_variables(self.network.training_model)
        share_weights(variables, self.options.clusters, self.training.seed)

    def _train(self, steps, only=None, after_step=None):
        """Takes training steps, on other batches in every stage."""
        seed = self.training.seed + 1000 * len(self.rows)
        options = dataclasses.replace(self.training, seed=seed)
        tune(self.network, options, steps, only, after_step)

    def _save(self, name):
        """Saves weights and figures of a stage, the figures last."""
        path = self.folder / f"stage_{len(self.rows):02d}{WEIGHTS_SUFFIX}"
        self.network.save(path, half=True, packed=True)
        weights = heavy_variables(self.network.training_model)
        row = {
            "stage": name,
            "multiply_adds": multiply_adds(self.network.model),
            "megabytes": path.stat().st_size / 1e6,
            "dropped": DropWeight(weights, 0.0, 1).dropped(),
            "syllable": self._measure(),
            "weights": path.name,
        }
        self.rows.append(row)
        progress = self._facts(), self._names, self.rows
        write_progress(self.folder / PROGRESS, *progress)

    def _measure(self):
        if not self.training.val_data_path:
            return None
        network = self.network
        found = measure(network.model, network.config, network.syllables, self.training)
        return found["syllable"]

    def _facts(self):
        """Returns what finished stages depend on."""
        free = {"log_path", "silent_mode"}
        if not self.options.splits:  # what nothing reads, nothing depends on
            free |= {"pair_steps", "tune_steps"}
        if not self.options.drop_ratio:
            free |= {"drop_steps"}
        every = dataclasses.asdict(self.options) | dataclasses.asdict(self.training)
        facts = {name: value for name, value in every.items() if name not in free}
        return facts | {"weights' SHA-256": self._digest}

    def _restore(self):
        """Goes on after the last finished stage, if there is one."""
        found = convolutions(self.network.training_model)
        self._names = [layer.name for layer in found]
        if not (self.folder / PROGRESS).is_file():
            return
        facts = read_progress(self.folder / PROGRESS)
        was, now = facts["options"], self._facts()
        changed = [name for name in now if was.get(name) != now[name]]
        if changed:
            raise ValueError(
                f"{self.folder} holds a compression with other options "
                f"({', '.join(changed)}); give those, or choose another log_path."
            )
        self.rows, self._names = facts["rows"], facts["names"]
        self._begin()
