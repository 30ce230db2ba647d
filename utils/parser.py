"""The parser of a command line: a flag for every field that `utils.cli` declares."""

import argparse
import dataclasses
import difflib
import re

from utils.option_help import help_line
from utils.option_values import read_boolean


def make_parser(description, *options_classes, positional=None, add_help=True):
    """Returns the parser that `parse_options` uses.

    Args:
        description: as for `parse_options`.
        *options_classes: dataclasses declared with `option`.
        positional: as for `parse_options`.
        add_help: whether it knows `--help`.
    """
    parser = _Parser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=add_help,
    )
    if positional:
        parser.add_argument(positional[0], nargs="+", help=positional[1])
    for each in options_classes:
        add_options(parser, each)
    return parser


def add_options(parser, options_class):
    """Adds a flag for every field of a dataclass declared with `option`.

    Args:
        parser: `argparse.ArgumentParser`, which is returned.
        options_class: the dataclass, whose docstring begins with the flags' heading.
    """
    group = parser.add_argument_group(options_class.__doc__.splitlines()[0])
    for field in dataclasses.fields(options_class):
        flags = [f"--{name}" for name in (field.name, *field.metadata["aliases"])]
        settings = {"dest": field.name, "default": field.default}
        settings["help"] = help_line(field).replace("%", "%%")
        if isinstance(field.default, bool):
            settings |= {"type": read_boolean, "nargs": "?", "const": True}
            settings["metavar"] = "true|false"
        else:
            settings["type"] = type(field.default)
        group.add_argument(*flags, **settings)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are no longer than what is wrong."""

    def error(self, message):
        """Ends the process with status 2: in two lines, not under a screen of usage."""
        is_unknown = "unrecognized" in message
        unknown = re.findall(r"(?<!\S)--[^\s=]+", message) if is_unknown else []
        for flag in unknown:
            near = difflib.get_close_matches(flag, self._option_string_actions, 1, 0.75)
            message += f"; {flag}: did you mean {near[0]}?" if near else ""
        self.exit(2, f"{self.prog}: error: {message}\n{self.prog} --help lists all.\n")
