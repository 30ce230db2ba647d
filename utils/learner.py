"""What a network of Keras can do beyond reading: learn, adapt, split."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

# What needs Keras is imported where it serves: reading needs little of it.
from utils.cli import rename_aliases
from utils.forks import check_process
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.kinds import FilePath, Network, Picture
from utils.pictures.several import as_several
from utils.saver import Saver

if TYPE_CHECKING:
    from typing_extensions import Self

    from utils.config import ModelConfig


class Learner(Saver):
    """A reader whose network can be fitted, to patches or to a writer.

    Subclasses have `_another(weights, **options)`, which makes a network as
    `model.KoOCR` is made.
    """

    config: ModelConfig
    model: Network
    training_model: Network
    prototypes: Any
    _process: int
    _another: Callable[..., Any]
    _learnt: bool = False  # whether the weights are more than their first values

    def train(self, **options: Any) -> list[dict[str, Any]]:
        """Fits the network to patches, see `train.py`.

        What was fitted to the weights of before goes: `prototypes` and a `temperature`.
        Its options stay; `train.py` takes those not named from `initial_weights`.
        Where training is refused before its first step, the network stays as it was.

        Args:
            **options: fields of `utils.training_config.TrainConfig`, whose `help` tells
                what each is.

        Returns:
            List of dicts of figures, one an epoch: `loss`, `val_syllable`, ...; what
            it began with is not in it.

        Raises:
            TypeError: an option is unknown.
            ValueError: an option is illegal, patches or a state cannot be used.
            utils.training.loop.TrainingError: training makes no sense any more: the
                loss is no number, or rises; or a process of the run is gone.
        """
        from utils.backend import set_seed
        from utils.data.patches import list_patches
        from utils.training.fitting import prepare
        from utils.training_config import TrainConfig

        check_process(self._process)
        how = TrainConfig(**rename_aliases(TrainConfig, options))
        set_seed(how.seed)
        list_patches(how.data_path)  # before weights are read, which takes longer
        start = how.initial_weights
        source = self._another(start).training_model if start else None
        teachers = {name: self._another(name) for name in how.teacher_names}
        config = dataclasses.replace(self.config, temperature=1.0)
        models = self.model, self.training_model
        trainer = prepare(
            *models, config, self.syllables, how, source, teachers, self._learnt
        )
        self.forget_fits()  # not before: a run that is refused changes nothing
        self._learnt = True
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
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
    ) -> Learner:
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
        self, images: np.ndarray, rare: float = DEFAULT_RARE, text: float = DEFAULT_TEXT
    ) -> Learner:
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
        adapted = self._another(weights=None, **dataclasses.asdict(late))
        adapted.training_model.set_weights(self.training_model.get_weights())
        adapted._learnt = self._learnt
        prior = adapted.prior_of(images, start)
        adapting.adapt_heads(adapted.model, self.prototypes, images, late, prior)
        return adapted

    def split(self, low_rank: str) -> Self:
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
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.pop("cascade", None)  # that of the old layers
        copy.forget_fits()
        copy.config = dataclasses.replace(copy.config, low_rank=low_rank)
        pairs = split_layers(self.model, self.training_model, new)
        copy.model, copy.training_model = pairs
        return copy
