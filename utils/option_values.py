"""Values of options: read from text, checked by what their field declares, shown."""

import argparse
import dataclasses
import math
import numbers
import os

import numpy as np

_BOOLEANS = {"true": True, "yes": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "0": False}
_ALIKE = {str: (str, os.PathLike), int: numbers.Integral, float: numbers.Real}


def read_boolean(text):
    """Reads true, false, yes, no, 1 or 0, in any case.

    Raises:
        argparse.ArgumentTypeError: it is none of them.
    """
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no boolean; write true or false, or =true where other "
            "arguments follow"
        ) from None


def check_booleans(**values):
    """Refuses text such as "false", which would count as true.

    Raises:
        TypeError: a value is neither True nor False; the message names it.
    """
    for name, value in values.items():
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{name}={value!r}; expected True or False.")


def split_names(text):
    """Returns the names between the commas of an option's text: a list.

    Args:
        text: names; spaces about them do not matter, and an empty text holds none. An
            empty name between two commas is kept, for who asks to refuse it.
    """
    return [name.strip() for name in text.split(",")] if text.strip() else []


def check_read(options):
    """Refuses what was changed though nothing that is asked for reads it.

    Args:
        options: instance of a dataclass declared with `utils.cli.option`.

    Raises:
        ValueError: an option is read by nothing that was asked for.
    """
    fields = {field.name: field for field in dataclasses.fields(options)}
    for name, field in fields.items():
        value, readers = getattr(options, name), field.metadata["read_by"]
        if not readers or value == field.default:
            continue
        if any(getattr(options, reader) for reader in readers):
            continue
        known = [reader for reader in readers if reader in fields]
        if not known:
            raise ValueError(
                f"{name}={value!r} is read by nothing that was asked for; leave it."
            )
        is_flag = fields[known[0]].default is False
        raise ValueError(
            f"{name}={value!r} is for {' or '.join(known)}; set {known[0]}"
            f"{'=true' if is_flag else ''} as well, or leave it."
        )


def plain_value(kind, value):
    """Returns a value as the kind that the shell would give, where it is like one.

    Args:
        kind: type of the option.
        value: as it came.
    """
    if isinstance(value, np.bool_):
        value = bool(value)
    if isinstance(value, bool) or not isinstance(value, _ALIKE.get(kind, kind)):
        return value
    try:
        return os.fspath(value) if kind is str else kind(value)
    except OverflowError:  # an integer beyond every float
        return value


def check_value(field, value):
    """Checks one value against its field.

    Args:
        field: of a dataclass, declared with `utils.cli.option`.
        value: as `plain_value` gives it.

    Raises:
        ValueError: it has the wrong type, is no legal choice or out of range.
    """
    rules, kind = field.metadata, type(field.default)
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise ValueError(
            f"{field.name}={value!r} is of type {type(value).__name__}; expected "
            f"{kind.__name__}, as in {field.name}={show_value(field.default)}."
        )
    if kind is float and not math.isfinite(value):
        raise ValueError(f"{field.name}={value!r}; expected a finite number.")
    if rules["choices"] is not None and value not in rules["choices"]:
        legal = ", ".join(show_value(choice) for choice in rules["choices"])
        raise ValueError(
            f"{field.name}={value!r} is not available; choose from: {legal}."
        )
    if rules["low"] is not None and value < rules["low"]:
        limit = f"small; expected {rules['low']} or more."
        raise ValueError(f"{field.name}={value!r} is too {limit}")
    if rules["high"] is not None and value > rules["high"]:
        limit = f"large; expected {rules['high']} or less."
        raise ValueError(f"{field.name}={value!r} is too {limit}")


def show_value(value):
    """Writes a value as a user would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if value == "" else str(value)
