"""Weights, and options given beside them -> the configuration of a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from utils.cli import rename_aliases
from utils.config import ModelConfig
from utils.hangul import read_charset
from utils.kinds import FilePath
from utils.presets import AT_PREDICTION
from utils.weights.files import WeightsError, config_path, find_weights, read_config


def read_model_config(path: FilePath) -> ModelConfig:
    """Returns the `utils.config.ModelConfig` saved beside a weight file.

    Raises:
        utils.weights.files.WeightsError: there is none, or its options are illegal.
    """
    options = read_config(path)
    try:
        return ModelConfig(**rename_aliases(ModelConfig, options))
    except (TypeError, ValueError) as error:
        raise WeightsError(f"{config_path(path)}: {error}") from None


def options_of(weights: FilePath) -> dict[str, Any]:
    """Returns the options of the network that weights are of, by name.

    All but its temperature, which suits those weights alone.

    Args:
        weights: name of pretrained weights, a weight file, or a folder of them.

    Raises:
        utils.weights.files.WeightsError: there are no such weights.
    """
    saved = dataclasses.asdict(read_model_config(find_weights(weights)))
    del saved["temperature"]
    return saved


def configure(path: FilePath | None, options: Mapping[str, Any]) -> ModelConfig:
    """Returns the configuration of the weights, or of the options alone.

    Args:
        path: the weights' file; None for a fresh network.
        options: fields of `utils.config.ModelConfig`, or aliases of them.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is illegal or contradicts the weights.
    """
    given = dict(rename_aliases(ModelConfig, options))
    if path is None:
        return ModelConfig(**given)
    saved = read_model_config(path)
    free = {name: given.pop(name) for name in AT_PREDICTION if name in given}
    for name, value in given.items():
        if not _same(name, getattr(saved, name), value):
            raise ValueError(
                f"{name}={value!r} contradicts the weights {path}, which were made "
                f"with {name}={getattr(saved, name)!r}; leave the option out, or build "
                "a fresh network: weights=None, and no weights for a script."
            )
    return dataclasses.replace(saved, **free)


def _same(name, saved, given):
    """Tells whether an option is that of the weights: a charset by its syllables."""
    if name == "charset":
        return read_charset(saved) == read_charset(given)
    return saved == given
