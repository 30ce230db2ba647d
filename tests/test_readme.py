"""Every command and file that a README names exists, by the real parsers."""

import dataclasses
import importlib
import re
import shlex
from pathlib import Path

import pytest

from utils.cli import make_parser
from utils.config import ModelConfig
from utils.training_config import TrainConfig

ROOT = Path(__file__).parents[1]
READMES = sorted([ROOT / "README.md", ROOT / "README.ko.md"])
READMES += sorted(ROOT.glob("pretrained/*/README.md"))
POSITIONAL = {"predict": ("paths", "pictures")}
SCRIPTS = ("train", "evaluate", "predict", "load_data", "crawl_data", "benchmark")
SCRIPTS += ("average", "compress", "demo", "export")
SHARED = {"train": (ModelConfig, TrainConfig)}


def commands():
    """Lines of shell blocks that call a script, as (name of README, words)."""
    for readme in READMES:
        text = readme.read_text(encoding="utf-8")
        for block in re.findall(r"```sh\n(.*?)```", text, re.S):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.partition("#")[0].split("&&"):
                    words = shlex.split(part)
                    words = [w for w in words if not re.fullmatch(r"[A-Z_]+=\w+", w)]
                    if words[:1] == ["python"]:
                        yield readme.parent.name, words[1:]


def options_of(module):
    """The option classes that a script's parser is made of."""
    own = [
        value
        for value in vars(module).values()
        if dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    ]
    return [each for each in own if each.__name__.endswith("Options")] + [
        *SHARED.get(module.__name__, ())
    ]


@pytest.mark.parametrize(
    ("readme", "words"), list(commands()), ids=lambda v: str(v)[:60]
)
def test_commands_parse(readme, words):
    script, *flags = words
    assert (ROOT / script).is_file()
    name = Path(script).stem
    if name not in SCRIPTS:
        return
    module = importlib.import_module(name)
    classes = options_of(module)
    assert classes
    parser = make_parser("", *classes, positional=POSITIONAL.get(name))
    namespace = vars(parser.parse_args(flags))
    for each in classes:  # a value that the class refuses raises here
        each(
            **{field.name: namespace[field.name] for field in dataclasses.fields(each)}
        )


def test_there_are_commands_of_every_script():
    named = {Path(words[0]).stem for _, words in commands()}
    assert named >= set(SCRIPTS)


@pytest.mark.parametrize("readme", READMES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_links_lead_somewhere(readme):
    text = readme.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    files = [target for target in targets if "://" not in target]
    for target in files:
        assert (readme.parent / target).exists(), target
    for target in re.findall(r"`((?:utils|files|pretrained|tests)/[\w/.]+)`", text):
        assert (ROOT / target).exists(), target


def test_both_languages_show_the_same_commands():
    ours, theirs = (
        re.findall(
            r"```(?:sh|python)\n(.*?)```", path.read_text(encoding="utf-8"), re.S
        )
        for path in (ROOT / "README.md", ROOT / "README.ko.md")
    )
    strip = re.compile(r" *#.*")
    assert [strip.sub("", block) for block in ours] == [
        strip.sub("", block) for block in theirs
    ]


def test_every_option_shows_in_the_help(capsys):
    for name in SCRIPTS:
        module = importlib.import_module(name)
        with pytest.raises(SystemExit):
            module.main(["--help"])
        shown = capsys.readouterr().out
        for each in options_of(module):
            for field in dataclasses.fields(each):
                assert f"--{field.name}" in shown
