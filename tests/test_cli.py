import dataclasses
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from utils.cli import check_options, option, parse_options, rename_aliases
from utils.config import ModelConfig
from utils.option_help import tell_options
from utils.option_values import split_names
from utils.parser import make_parser
from utils.training_config import TrainConfig


@dataclass(frozen=True)
class Options:
    """Options of a test."""

    epochs: int = option(50, "passes, 100 % of the data", low=1, high=99)
    rate: float = option(0.5, "step size", aliases=("lr", "speed"), low=0.0)
    free: float = option(0.0, "any number")
    network: str = option("a", "network", ("a", "b", ""))
    path: str = option("./data", "folder")
    train: bool = option(True, "train")
    quiet: bool = option(False, "say nothing")

    def __post_init__(self):
        check_options(self)


@dataclass(frozen=True)
class Others:
    """Other options."""

    count: int = option(3, "how many")


def parse(*argv):
    return parse_options("A test.", Options, argv=argv)


def test_what_options_are_is_told_in_python_too():
    @tell_options
    @dataclass(frozen=True)
    class Told:
        """Options that are told."""

        count: int = option(3, "how many, " + "very " * 20 + "many", low=1)
        kind: str = option("a", "which", ("a", "b"))

    first, *rest = Told.__doc__.splitlines()
    assert first == "Options that are told." and rest[:2] == ["", "Args:"]
    assert rest[2].startswith("    count: how many, very") and len(rest) == 5
    assert rest[3].startswith(" " * 8) and rest[3].endswith("many (default: 3).")
    assert rest[4] == "    kind: which: a, b (default: a)."
    assert "Args:" not in make_parser("A test.", Told).format_help()


@pytest.mark.parametrize("field", dataclasses.fields(Options), ids=lambda f: f.name)
def test_flag_field_and_keyword_are_one(field):
    value = {int: 7, float: 0.25, str: "b", bool: not field.default}[
        type(field.default)
    ]
    parsed = parse(f"--{field.name}={str(value).lower()}")
    assert parsed == Options(**{field.name: value}) != Options()
    assert parse() == Options()


@pytest.mark.parametrize("text", ["true", "True", "YES", "yes", "1"])
def test_spellings_of_true(text):
    assert parse(f"--quiet={text}").quiet is True
    assert parse("--quiet", text).quiet is True


@pytest.mark.parametrize("text", ["false", "False", "NO", "no", "0"])
def test_spellings_of_false(text):
    assert parse(f"--train={text}").train is False


def test_bare_flag_means_true():
    assert parse("--quiet").quiet is True
    assert parse("--quiet", "--train=no") == Options(quiet=True, train=False)


@pytest.mark.parametrize("flag", ["--lr", "--speed", "--rate"])
def test_aliases(flag):
    assert parse(f"{flag}=0.125").rate == 0.125


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--epochs=0"], "epochs=0 is too small; expected 1 or more"),
        (["--epochs=100"], "epochs=100 is too large; expected 99 or less"),
        (["--epochs=x"], "--epochs: invalid int value: 'x'"),
        (["--rate=nan"], "rate=nan; expected a finite number"),
        (["--free=nan"], "free=nan; expected a finite number"),
        (["--free=-inf"], "free=-inf; expected a finite number"),
        (["--network=c"], "network='c' is not available; choose from: a, b, ''"),
        (["--quiet=perhaps"], "'perhaps' is no boolean; write true or false"),
        (["--nonsense=1"], "unrecognized arguments: --nonsense=1"),
        (["--epoch=1"], "unrecognized arguments: --epoch=1"),
        (["left over"], "unrecognized arguments: left over"),
    ],
)
def test_illegal_command_lines_end_with_status_2(argv, message, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(*argv)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "keywords, message",
    [
        ({"epochs": 0}, "epochs=0 is too small"),
        ({"epochs": 100}, "epochs=100 is too large"),
        ({"epochs": 1.0}, "epochs=1.0 is of type float; expected int, as in epochs=50"),
        ({"epochs": True}, "epochs=True is of type bool; expected int"),
        ({"epochs": np.True_}, "epochs=True is of type bool; expected int"),
        ({"rate": "0.1"}, "rate='0.1' is of type str; expected float"),
        ({"rate": False}, "rate=False is of type bool; expected float"),
        ({"rate": float("nan")}, "rate=nan; expected a finite number"),
        ({"free": float("nan")}, "free=nan; expected a finite number"),
        ({"free": float("inf")}, "free=inf; expected a finite number"),
        ({"train": 1}, "train=1 is of type int; expected bool, as in train=true"),
        ({"path": b"x"}, "path=b'x' is of type bytes; expected str"),
        ({"path": None}, "path=None is of type NoneType; expected str"),
        ({"network": "c"}, "network='c' is not available; choose from: a, b, ''"),
    ],
)
def test_illegal_keywords_raise(keywords, message):
    with pytest.raises(ValueError, match=message):
        Options(**keywords)


@pytest.mark.parametrize(
    "name, value, plain",
    [
        ("path", Path("a") / "b", str(Path("a") / "b")),
        ("rate", 2, 2.0),
        ("rate", np.float32(0.25), 0.25),
        ("epochs", np.int64(4), 4),
    ],
)
def test_values_become_what_the_shell_gives(name, value, plain):
    stored = getattr(Options(**{name: value}), name)
    assert stored == plain and type(stored) is type(plain)


def test_rename_aliases():
    renamed = rename_aliases(Options, {"lr": 1, "epochs": 2})
    assert renamed == {"rate": 1, "epochs": 2}
    with pytest.raises(TypeError, match="'rate' was given twice: lr and rate"):
        rename_aliases(Options, {"lr": 1, "rate": 2})
    with pytest.raises(TypeError, match="Options has no option 'xyz'; it has: epochs"):
        rename_aliases(Options, {"xyz": 2})


@pytest.mark.parametrize(
    "options, given, meant",
    [
        (Options, "epoch", "epochs"),
        (ModelConfig, "imagesize", "image_size"),
        (ModelConfig, "fclink", "fc_link"),
        (TrainConfig, "learningrate", "learning_rate"),
        (TrainConfig, "batchsize", "batch_size"),
    ],
)
def test_a_misspelt_keyword_is_told_what_was_meant(options, given, meant):
    told = f"has no option '{given}'; did you mean {meant}[?] It has: "
    with pytest.raises(TypeError, match=told):
        rename_aliases(options, {given: 2})


def test_several_classes_and_positional():
    argv = ["a.png", "--count=4", "b.png", "--epochs=2"]
    with pytest.raises(SystemExit):
        parse_options("A test.", Options, Others, argv=argv)
    argv = ["a.png", "b.png", "--count=4", "--epochs=2"]
    paths = ("paths", "pictures")
    found = parse_options("A test.", Options, Others, argv=argv, positional=paths)
    assert found == (Options(epochs=2), Others(count=4), ["a.png", "b.png"])


def test_help_shows_defaults_choices_and_percent_signs():
    text = " ".join(make_parser("A test.", Options, Others).format_help().split())
    assert "passes, 100 % of the data (default: 50)" in text
    assert "network: a, b, '' (default: a)" in text
    assert "--train [true|false] train (default: true)" in text
    assert "--rate RATE, --lr RATE, --speed RATE" in text
    assert "Options of a test." in text and "Other options." in text


def test_help_that_names_a_default_shows_no_other():
    @dataclass(frozen=True)
    class Told:
        """Told."""

        size: float = option(1.0, "size (default: that of the weights)")

    text = make_parser("A test.", Told).format_help()
    assert "(default: that of the weights)" in text
    assert text.count("default") == 1


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "euc-kr"])
def test_hangul_goes_out_whatever_the_encoding(monkeypatch, encoding):
    buffer = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(buffer, encoding))
    parse_options("", Options, argv=[])
    print("한 \udcff", flush=True)  # and a name of a file that is no UTF-8
    written = "euc-kr" if encoding == "euc-kr" else "utf-8"
    assert buffer.getvalue() == "한 ".encode(written) + b"\xff" + b"\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        (" ", []),
        ("a", ["a"]),
        (" a , b.h5", ["a", "b.h5"]),
        ("a,,b", ["a", "", "b"]),
        (",", ["", ""]),
    ],
)
def test_names_between_commas(text, names):
    assert split_names(text) == names


def test_an_unknown_flag_is_told_in_two_lines_with_what_is_near(capsys):
    with pytest.raises(SystemExit) as ended:
        parse_options("A test.", Options, argv=["--netwrk=a", "--zzzzzz=1"])
    told = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and len(told) == 2
    assert "unrecognized arguments: --netwrk=a --zzzzzz=1" in told[0]
    assert told[0].endswith("; --netwrk: did you mean --network?")
    assert told[1].endswith("--help lists all.")


CODE = """
from utils.output import run_script
def main():
    {}
    return 3
run_script(main)
"""


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("pass", 3, ""),
        ("raise KeyboardInterrupt", 130, "script.py: stopped.\n"),
        ("raise BrokenPipeError", 130, ""),
    ],
)
def test_scripts_end_without_a_traceback(tmp_path, body, status, told):
    script = tmp_path / "script.py"
    script.write_text(CODE.format(body))
    done = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, told)
