"""What an option is, in words: for `--help`, and for `help` of Python."""

import dataclasses
import textwrap

from utils.option_values import show_value

_WRAPPED = textwrap.TextWrapper(
    88, initial_indent=" " * 4, subsequent_indent=" " * 8, break_on_hyphens=False
)


def help_line(field):
    """Returns a field's help with its choices and its default, if it tells none.

    Args:
        field: of a dataclass, declared by `cli.option`.
    """
    choices = field.metadata["choices"]
    # No argparse `choices`: the dataclass checks them, one message for both worlds.
    listed = f": {', '.join(map(show_value, choices))}" if choices is not None else ""
    text = f"{field.metadata['help']}{listed}"
    if "(default:" not in text:  # where weights decide, the field's own is none
        text += f" (default: {show_value(field.default)})"
    return text


def tell_options(options_class):
    """Adds to a dataclass's docstring what its fields are, and returns the class.

    Args:
        options_class: dataclass of fields declared by `cli.option`.
    """
    lines = [
        _WRAPPED.fill(f"{field.name}: {help_line(field)}.")
        for field in dataclasses.fields(options_class)
    ]
    options_class.__doc__ = "\n".join([options_class.__doc__, "", "Args:", *lines])
    return options_class
