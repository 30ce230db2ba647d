"""The model: `build_model` says what KoOCR is, and `KoOCR` is what people use.

from model import KoOCR

KoOCR().predict("picture.png", n=5)     # five syllables, best first
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

# Keras and all that needs it are imported where they serve: an exported network is read
# without them, and only training needs what training needs.
from utils.cli import rename_aliases
from utils.forks import check_process, claim_process, first_process
from utils.hangul import ALL_SYLLABLES, COMPONENTS, read_charset
from utils.inference.decoding import FLAT
from utils.inference.looking import look_as_configured
from utils.inference.network import apply_model
from utils.inference.prior import RARE, TEXT, Prior
from utils.inference.reader import Reader
from utils.inference.several import as_several
from utils.kinds import FilePath, Heads, Network, Picture
from utils.presets import DEFAULT as PRETRAINED

if TYPE_CHECKING:
    from utils.config import ModelConfig
    from utils.inference.cascade import Cascade

ENGINES = ("keras", "onnx")


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
        classes = {FLAT: len(read_charset(config.charset))}
    if config.early_exit:
        trunk = keras.Model(images, features)
        middle = trunk.get_layer(EXITS[config.network]).output
        return heads.exit_early(features, middle, config.fc_link, classes)
    vector = heads.link(features, config.fc_link)
    if config.iterative_refinement:
        how = config.refinement_t, config.refinement_feedback
        return heads.refine(features, vector, classes, *how)
    return heads.classify(vector, classes)


class KoOCR(Reader):
    """Recognises pictures of single Hangul syllables.

    Args:
        weights: name of pretrained weights ("melnyk", the default, or "compact"), path
            of a `.weights.h5` file, or a folder of them. None (or "") builds a network
            that is not trained.
        engine: `keras`; or `onnx`, which reads what `export.py` wrote by onnxruntime
            alone and gives a `utils.inference.exported.ExportedReader`.
        warm_up: read a blank picture at once, so that the first answer takes no longer
            than the next ones.
        **options: fields of `utils.config.ModelConfig`. With weights they come from the
            file beside them, and an option that contradicts it is an error.

    Attributes:
        config: the `ModelConfig`.
        model: a plain `keras.Model` from pictures (batch, image_size, image_size, 1),
            0-255, dark on white, to a dict of probabilities by output name.
        training_model: the same layers, with a dict of logits.
        syllables: what the network can answer, in the order of a flat head's classes.
        prototypes: where each jamo's features lie, for `adapt`; or None.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is illegal or contradicts the weights, or the weights
            cannot be read.
        RuntimeError: the process is a fork of one that built networks.
    """

    def __new__(
        cls,
        weights: FilePath | None = PRETRAINED,
        *,
        engine: str = "keras",
        **options: Any,
    ) -> Any:
        """Returns what the engine reads with: an object of its own for `onnx`."""
        if engine == "onnx":
            weights, options = _weights_of(weights, options)
            from utils.inference.exported import ExportedReader

            if weights is None:
                raise ValueError(
                    "weights=None builds a network, and engine='onnx' reads one that "
                    "was exported; name it."
                )
            return ExportedReader(weights, **options)
        if engine != "keras":
            raise ValueError(f"engine={engine!r}; choose from: {', '.join(ENGINES)}.")
        return super().__new__(cls)

    def __init__(
        self,
        weights: FilePath | None = PRETRAINED,
        *,
        engine: str = "keras",
        warm_up: bool = False,
        **options: Any,
    ) -> None:
        from utils import adapting
        from utils.model_options import configure
        from utils.weights import find_weights, load_weights

        weights, options = _weights_of(weights, options)
        path = None if weights in (None, "") else find_weights(weights)
        self._process = claim_process()
        self.config = configure(path, options)
        self.model, self.training_model = build_model(self.config)
        flat = not self.config.split_components
        self.syllables = read_charset(self.config.charset) if flat else ALL_SYLLABLES
        self.prototypes = None
        if path is not None:
            load_weights(self.training_model, path)
            self.prototypes = adapting.load_prototypes(path)
        if warm_up:
            self._read_blank()

    def __getstate__(self) -> dict[str, Any]:
        """Pickles weights, once: Keras would keep each model apart, layers and all."""
        state = dict(vars(self), weights=self.training_model.get_weights())
        for built in ("model", "training_model", "cascade"):
            state.pop(built, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickles in any process, which is then the network's own.

        A fork of one with networks cannot build any. It gets one that says so when it
        is used: raised here, it would end a pool's worker, and the pool would wait.
        """
        self.__dict__.update(state, _process=first_process())
        weights = self.__dict__.pop("weights")
        if self._process == os.getpid():
            self.model, self.training_model = build_model(self.config)
            self.training_model.set_weights(weights)

    def probabilities(self, images: np.ndarray) -> Heads:
        """Applies the network to prepared pictures.

        They are read in the size that the configuration's `first_look` says, and where
        it has a `second_look`, unsure ones once more, smaller: see
        `utils.inference.looking.look_twice`.

        Args:
            images: `uint8` (pictures, image_size, image_size).

        Returns:
            Dict of `float32` arrays (pictures, classes) by output name, calibrated by
            the configuration's `temperature`.

        Raises:
            ValueError: they are not prepared ones of that size.
            RuntimeError: the process was forked since the network was built.
        """
        return look_as_configured(self._read, images, self.config)

    def glance(self, images: np.ndarray) -> Heads:
        """Applies the network to prepared pictures as `probabilities` does, once.

        Args:
            images: `uint8` (pictures, image_size, image_size).
        """
        return look_as_configured(self._read, images, self.config, once=True)

    def _read(self, images):
        """Returns what the network, or its early heads, make of prepared pictures."""
        check_process(self._process)
        if self.config.early_exit and self.config.exit_threshold < 1:
            return self.cascade(images, self.config.exit_threshold)[0]
        return apply_model(self.model, images)

    @cached_property
    def cascade(self) -> Cascade:
        """The `utils.inference.cascade.Cascade` of a network with early heads.

        Raises:
            ValueError: the network has none.
        """
        from utils.inference.cascade import Cascade

        if not self.config.early_exit:
            raise ValueError(
                "This network has no early heads; build or load one with "
                "early_exit=true."
            )
        return Cascade(self.model, self.training_model)

    def train(self, **options: Any) -> list[dict[str, Any]]:
        """Fits the network to patches, see `train.py`.

        What was fitted to the weights of before goes: `prototypes` and a `temperature`.
        Its looks stay; `train.py` takes over those of `initial_weights`.
        Where training is refused before its first step, the network stays as it was.

        Args:
            **options: fields of `utils.training_config.TrainConfig`.

        Returns:
            List of dicts of figures, one an epoch: `loss`, `val_syllable`, ...

        Raises:
            TypeError: an option is unknown.
            ValueError: an option is illegal, patches or a state cannot be used.
            utils.training.TrainingError: training makes no sense any more: the loss is
                no number, or rises; or a process of the run is gone.
        """
        from utils.backend import set_seed
        from utils.data.patches import list_patches
        from utils.fitting import prepare
        from utils.training_config import TrainConfig

        check_process(self._process)
        how = TrainConfig(**rename_aliases(TrainConfig, options))
        set_seed(how.seed)
        list_patches(how.data_path)  # before weights are read, which takes longer
        start = how.initial_weights
        source = KoOCR(start).training_model if start else None
        teachers = {name: KoOCR(name) for name in how.teacher_names}
        config = dataclasses.replace(self.config, temperature=1.0)
        models = self.model, self.training_model
        trainer = prepare(*models, config, self.syllables, how, source, teachers)
        self.forget_fits()  # not before: a run that is refused changes nothing
        return trainer.run()

    def forget_fits(self) -> None:
        """Drops prototypes and temperature: they fit weights that no longer are."""
        self.prototypes = None
        self.config = dataclasses.replace(self.config, temperature=1.0)

    def learn_prototypes(self, data_path: FilePath = "./data") -> None:
        """Learns from patches where each jamo lies, which `adapt` needs.

        Raises:
            ValueError: patches cannot be used, or the heads are not linear.
        """
        from utils import adapting

        check_process(self._process)
        self.prototypes = adapting.learn_prototypes(self.model, self.config, data_path)

    def adapt(
        self,
        images: Sequence[Picture] | np.ndarray,
        rare: float = RARE,
        text: float = TEXT,
    ) -> KoOCR:
        """Adapts to one writer by pictures of that hand, without their labels.

        An affine layer brings the writer's features to where training's lay, and is
        folded into the heads. A few dozen pictures are needed to gain anything. What
        they show is read as `predict(pictures, together=True)` does, which is how the
        new network is best asked as well.

        Reference: Zhang, Bengio, Liu (2017), section 5,
        https://arxiv.org/abs/1606.05763.

        Args:
            images: list or array of pictures, as for `predict`.
            rare: as for `predict`; where the estimate begins.
            text: the same.

        Returns:
            A new `KoOCR`; this one stays as it is. The new one has no prototypes: to
            adapt again, adapt this one by more pictures. It has no early exits
            either, whose heads do not adapt.

        Raises:
            TypeError, ValueError: a picture cannot be read, there are no prototypes, or
                the heads are not linear.
        """
        images = as_several(images, "Adaptation to a writer needs")
        return self.adapt_to(self.prepare_all(images), rare, text)

    def adapt_to(
        self, images: np.ndarray, rare: float = RARE, text: float = TEXT
    ) -> KoOCR:
        """Adapts as `adapt` does, by prepared pictures.

        Args:
            images: `uint8` (pictures, image_size, image_size).
            rare: as for `predict`.
            text: as for `predict`.
        """
        from utils import adapting

        start = Prior(rare, text)
        if self.prototypes is None:
            raise ValueError(
                "Adaptation needs prototypes, and these weights bring none; call "
                "learn_prototypes(data_path) once, and save."
            )
        late = dataclasses.replace(self.config, exit_threshold=1.0)
        adapted = KoOCR(weights=None, **dataclasses.asdict(late))
        adapted.training_model.set_weights(self.training_model.get_weights())
        prior = adapted.prior_of(images, start)
        adapting.adapt_heads(adapted.model, self.prototypes, images, late, prior)
        return adapted

    def split(self, low_rank: str) -> KoOCR:
        """Splits convolutions into pairs of thin ones, as near as their ranks allow.

        Reference: Xiao et al. (2017), section 3, https://arxiv.org/abs/1702.07975.

        Args:
            low_rank: all pairs of the new network, `name=rank,...`; those that are
                there already stay as they are.

        Returns:
            A new `KoOCR`, whose other layers are this one's; without `prototypes` and
            `temperature`, which were fitted to the old ones.

        Raises:
            ValueError: a name cannot be split, or a pair that is there is missing.
        """
        from utils.nn.low_rank import read_ranks, split_layers

        check_process(self._process)
        there = read_ranks(self.config.low_rank)
        wanted = read_ranks(low_rank)
        if there.items() - wanted.items():
            raise ValueError(
                f"low_rank={low_rank!r} leaves out or changes pairs that are there: "
                f"{self.config.low_rank}. Name them as they are."
            )
        new = {name: rank for name, rank in wanted.items() if name not in there}
        copy = object.__new__(KoOCR)
        copy.__dict__.update(self.__dict__)
        copy.__dict__.pop("cascade", None)  # that of the old layers
        copy.forget_fits()
        copy.config = dataclasses.replace(copy.config, low_rank=low_rank)
        pairs = split_layers(self.model, self.training_model, new)
        copy.model, copy.training_model = pairs
        return copy

    def save(self, path: FilePath, half: bool = False, packed: bool = False) -> None:
        """Writes the weights, and the configuration as JSON beside them.

        Args:
            path: file name that ends in `.weights.h5`.
            half: store float16, half the size.
            packed: squeeze without loss, which pays after compression.

        Raises:
            ValueError: the name has another ending.
        """
        from utils import adapting
        from utils.weights import save_weights

        check_process(self._process)
        json_text = self.config.to_json()
        save_weights(self.training_model, path, json_text, half, packed)
        if self.prototypes is not None:
            adapting.save_prototypes(path, self.prototypes)


def _weights_of(weights, options):
    """Returns the weights, by the spelling of 2021 as well, and the other options."""
    options = dict(options)
    if "weight_path" in options:
        if weights != PRETRAINED:
            raise TypeError("weights and weight_path are one option; give one.")
        weights = options.pop("weight_path")
    if not isinstance(weights, (str, os.PathLike, type(None))):
        raise TypeError(
            f"weights={weights!r}; expected a name, such as {PRETRAINED!r}, a path, or "
            "None."
        )
    return weights, options
