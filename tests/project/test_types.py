"""What mypy checks is all annotated: it takes what is not as anything."""

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Of these, what only the room itself calls.
INNER = ("exhibits", "exits", "machine", "pointing", "preparation_speed", "rejection")
INNER += ("separating", "trust_tables", "typeface", "writer_accuracy")
INNER += ("explanation_figure",)
INNER += tuple(
    f"onnx_{n}" for n in "activations directions graph layers windows".split()
)


def checked_files():
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".mypy.ini")
    for name in settings["mypy"]["files"].split(","):
        path = ROOT / name.strip()
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def public_functions(node, prefix=""):
    """Yields (name, function) of what a module or class offers."""
    for each in node.body:
        if isinstance(each, ast.ClassDef):
            yield from public_functions(each, f"{each.name}.")
        elif isinstance(each, ast.FunctionDef):
            if each.name[0] != "_" or each.name in ("__init__", "__call__"):
                yield prefix + each.name, each


@pytest.mark.parametrize("path", list(checked_files()), ids=lambda path: path.stem)
def test_public_functions_are_annotated(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, function in public_functions(tree):
        if path.stem in INNER:
            continue
        spec = function.args
        arguments = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        bare = [each.arg for each in arguments if each.annotation is None]
        assert not set(bare) - {"self", "cls"}, f"{name}: {bare}"
        assert function.returns is not None, name


def test_types_are_shipped():
    assert (ROOT / "utils" / "py.typed").is_file()
