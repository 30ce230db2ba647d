"""Dataclass field <-> command-line flag: an option is declared once.

    @dataclass(frozen=True)
    class Options:
        epochs: int = option(50, "passes over the training patches")

    options = parse_options("What the script does.", Options)

Field name = flag name = keyword name = attribute name. Booleans are written
`--flag=true` (or false, yes, no, 1, 0); a bare `--flag` means true.
"""

import argparse
import dataclasses
import difflib

from utils.option_values import check_read, check_value, plain_value
from utils.output import let_hangul_out
from utils.parser import make_parser

_UNSET = object()


def option(default, help, choices=None, aliases=(), low=None, high=None, read_by=()):
    """Declares a field: its default, its help line, and what values are legal.

    Args:
        default: the value without a flag; its type is the option's type.
        help: one line, with the unit where there is one.
        choices: legal values, if they can be listed.
        aliases: legacy spellings, accepted as flags and as keywords.
        low: smallest legal number.
        high: largest legal number.
        read_by: fields or properties of the dataclass, where these alone read it: to
            change it while all of them are false or empty is an error.

    Returns:
        A `dataclasses.field` whose metadata carries the rest.
    """
    rules = {"help": help, "choices": choices, "aliases": tuple(aliases)}
    rules |= {"low": low, "high": high, "read_by": tuple(read_by)}
    return dataclasses.field(default=default, metadata=rules)


def read_options(options_class, namespace):
    """Builds the dataclass from parsed arguments; its own ValueError comes through.

    Args:
        options_class: the dataclass.
        namespace: what its flags (see `add_options`) were parsed to.
    """
    names = [field.name for field in dataclasses.fields(options_class)]
    return options_class(**{name: getattr(namespace, name) for name in names})


def parse_options(description, *options_classes, argv=None, positional=None, unread=()):
    """Parses a command line into one instance of every dataclass given.

    Args:
        description: shown by `--help`, as it is.
        *options_classes: dataclasses declared with `option`.
        argv: the arguments; None takes those of the process.
        positional: (name, help) of arguments without a flag, any number of them.
        unread: more dataclasses whose flags are legal, for `named_options` to read.

    Returns:
        The instances in order (a single one bare), and with `positional` a list of
        strings after them. An illegal value ends the process with status 2.
    """
    let_hangul_out()
    classes = (*options_classes, *unread)
    parser = make_parser(description, *classes, positional=positional)
    namespace = parser.parse_args(argv)
    try:
        parsed = [read_options(each, namespace) for each in options_classes]
    except ValueError as error:
        parser.error(str(error))
    if positional:
        parsed.append(getattr(namespace, positional[0]))
    return parsed[0] if len(parsed) == 1 else tuple(parsed)


def named_options(wanted_class, *options_classes, argv=None, positional=None):
    """Returns those options of a dataclass that a command line really names.

    For options that something else may already know, as saved weights do: a flag that
    is not there must not contradict them, and one that is there must not be ignored.

    Args:
        wanted_class: the dataclass whose options are wanted.
        *options_classes: all dataclasses of the command line.
        argv: the arguments; None takes those of the process.
        positional: as for `parse_options`.

    Returns:
        Dict, option name -> value as given.
    """
    names = [field.name for field in dataclasses.fields(wanted_class)]
    # argparse leaves alone what its namespace holds already: no default gets in.
    unset = argparse.Namespace(**dict.fromkeys(names, _UNSET))
    # Whoever asks for help gets it of `parse_options`, with the script's description.
    parser = make_parser("", *options_classes, positional=positional, add_help=False)
    parsed = vars(parser.parse_known_args(argv, unset)[0])
    return {name: parsed[name] for name in names if parsed[name] is not _UNSET}


def rename_aliases(options_class, keywords):
    """Returns `keywords` with legacy spellings replaced by the field names.

    Args:
        options_class: dataclass declared with `option`.
        keywords: dict, field name or alias -> value.

    Raises:
        TypeError: a keyword is no option, or an option came under two names.
    """
    fields = dataclasses.fields(options_class)
    names = {alias: f.name for f in fields for alias in f.metadata["aliases"]}
    renamed = {}
    for key, value in keywords.items():
        name = names.get(key, key)
        if name not in {field.name for field in fields}:
            known = [field.name for field in fields]
            near = difflib.get_close_matches(key, known, 1)
            raise TypeError(
                f"{options_class.__name__} has no option {key!r}; "
                + (f"did you mean {near[0]}? It has: " if near else "it has: ")
                + ", ".join(known)
            )
        if name in renamed:
            both = [given for given in keywords if names.get(given, given) == name]
            raise TypeError(f"Option {name!r} was given twice: {' and '.join(both)}.")
        renamed[name] = value
    return renamed


def changed_options(options, names):
    """Returns which of the fields named are not as they are by default, in a list.

    Args:
        options: instance of a dataclass.
        names: of fields; those of no field are passed over.
    """
    return [
        field.name
        for field in dataclasses.fields(options)
        if field.name in names and getattr(options, field.name) != field.default
    ]


def check_options(options):
    """Checks every field of a dataclass instance against its declaration.

    Call it from `__post_init__`, so that a bad value fails alike from Python and shell.
    Paths become text there, and integers and NumPy's numbers the kind declared.

    Raises:
        ValueError: a value has the wrong type, is no legal choice or out of range, or
            nothing that is asked for reads it.
    """
    for field in dataclasses.fields(options):
        value = plain_value(type(field.default), getattr(options, field.name))
        check_value(field, value)
        object.__setattr__(options, field.name, value)  # the dataclass is frozen
    check_read(options)
