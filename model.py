"""The model: `build_model` says what KoOCR is, and `KoOCR` is what people use.

from model import KoOCR

KoOCR().predict("picture.png", n=5)     # five syllables, best first
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

# Keras and all that needs it are imported where they serve: an exported network is read
# without them.
from utils.building import build_model
from utils.forks import check_process, claim_process, first_process
from utils.hangul import ALL_SYLLABLES, read_charset
from utils.inference.imaging import NoInkError
from utils.inference.looking import look_as_configured
from utils.inference.network import apply_model
from utils.inference.width import SeveralSyllablesWarning
from utils.kinds import FilePath, Heads
from utils.learner import Learner
from utils.presets import DEFAULT as PRETRAINED

if TYPE_CHECKING:
    from utils.inference.cascade import Cascade

# Those that whoever reads strangers' pictures catches are names of this module too.
__all__ = ["ENGINES", "PRETRAINED", "KoOCR", "build_model"]
__all__ += ["NoInkError", "SeveralSyllablesWarning"]

ENGINES = ("keras", "onnx")


class KoOCR(Learner):
    """Recognises pictures of single Hangul syllables.

    Args:
        weights: name of pretrained weights ("melnyk", the default, or "compact"), path
            of a `.weights.h5` file, or a folder of them. None (or "") builds a network
            that is not trained.
        engine: `keras`; or `onnx`, which reads what `export.py` wrote by onnxruntime
            alone and gives a `utils.inference.exported.ExportedReader`.
        warm_up: read a blank picture at once, so that the first answer takes no longer
            than the next ones.
        **options: fields of `utils.config.ModelConfig`, whose `help` tells what each
            is. With weights they come from the file beside them, and an option that
            contradicts it is an error.

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
        from utils.weights.files import find_weights, load_weights

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
            self._learnt = True
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

    @staticmethod
    def _another(weights, **options):
        return KoOCR(weights, **options)

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

    def quick_probabilities(self, images: np.ndarray) -> Heads:
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
            utils.inference.cascade.NoEarlyHeadsError: the network has none. It is an
                `AttributeError`, and a `ValueError` as well.
        """
        from utils.inference.cascade import Cascade, NoEarlyHeadsError

        if not self.config.early_exit:
            raise NoEarlyHeadsError(
                "This network has no early heads; build or load one with "
                "early_exit=true."
            )
        return Cascade(self.model, self.training_model)


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
