"""Every command, file and heading that a page names exists, by the real parsers."""

import dataclasses
import importlib
import re
import shlex
from pathlib import Path

import pytest

from utils.config import ModelConfig
from utils.parser import make_parser
from utils.training_config import TrainConfig

ROOT = Path(__file__).parents[2]
PAIRS = [(ROOT / "README.md", ROOT / "README.ko.md")]  # English, Korean
PAIRS += [(page, page.parent / "ko" / page.name) for page in ROOT.glob("docs/*.md")]
PAGES = sorted(page for pair in PAIRS for page in pair)
PAGES += sorted(ROOT.glob("pretrained/*/README.md"))
POSITIONAL = {"predict": ("paths", "pictures")}
SCRIPTS = ("train", "evaluate", "predict", "load_data", "crawl_data", "benchmark")
SCRIPTS += ("average", "compress", "demo", "export", "learn_lines")
SHARED = {"train": (ModelConfig, TrainConfig)}


def commands():
    """Lines of shell blocks that call a script, as (name of page, words)."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"```sh\n(.*?)```", text, re.S):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.partition("#")[0].split("&&"):
                    words = shlex.split(part)
                    words = [w for w in words if not re.fullmatch(r"[A-Z_]+=\w+", w)]
                    if words[:1] == ["python"]:
                        yield str(page.relative_to(ROOT)), words[1:]


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


@pytest.mark.parametrize(("page", "words"), list(commands()), ids=lambda v: str(v)[:60])
def test_commands_parse(page, words):
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


def anchors(page):
    """The names that GitHub gives a page's headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    headings = re.findall(r"^#+ (.*)", text, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target
    for target in re.findall(r"`((?:utils|files|pretrained|tests)/[\w/.]+)`", text):
        assert (ROOT / target).exists(), target


def test_every_page_is_in_both_languages():
    names = [
        {page.name for page in ROOT.glob(each)} for each in ("docs/*", "docs/ko/*")
    ]
    assert names[0] - {"ko"} == names[1] and len(names[1]) > 1


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].name)
def test_both_languages_show_the_same_commands(pair):
    ours, theirs = (
        re.findall(
            r"```(?:sh|python)\n(.*?)```", path.read_text(encoding="utf-8"), re.S
        )
        for path in pair
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
