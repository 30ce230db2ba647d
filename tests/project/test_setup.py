"""What a wheel holds: everything that the code reads beside itself."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of what setuptools needs, and an export."""
    pytest.importorskip("setuptools")
    pytest.importorskip("wheel", reason="building needs the package wheel")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for path in [*ROOT.glob("*.py"), ROOT / "README.md", ROOT / "requirements.txt"]:
        (source / path.name).write_bytes(path.read_bytes())
    for room in ("utils", "pretrained"):
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                target = source / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                # Weights are many megabytes; their place is what matters.
                whole = path.suffix not in (".h5", ".onnx")
                target.write_bytes(path.read_bytes() if whole else b"weights")
    command = [sys.executable, "setup.py", "-q", "bdist_wheel", "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        yield archive


@pytest.fixture(scope="module")
def names(wheel):
    return set(wheel.namelist())


@pytest.fixture(scope="module")
def requirements(wheel):
    """Dict, extra ('' without one) -> set of the packages' names."""
    (name,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    found = {}
    for line in wheel.read(name).decode().splitlines():
        if match := re.match(r'Requires-Dist: ([\w-]+).*?(?:extra == "(\w+)")?$', line):
            found.setdefault(match[2] or "", set()).add(match[1])
    return found


def test_all_code_is_in_the_wheel(names):
    modules = [*ROOT.glob("utils/**/*.py"), *ROOT.glob("*.py")]
    expected = {p.relative_to(ROOT).as_posix() for p in modules} - {"setup.py"}
    assert expected <= names


BESIDE = (".html", ".js", ".json", ".tsv")


def test_what_code_reads_beside_itself_is_in_the_wheel(names):
    beside = [p for p in (ROOT / "utils").rglob("*") if p.suffix in BESIDE]
    assert {p.suffix for p in beside} == set(BESIDE)
    assert {p.relative_to(ROOT).as_posix() for p in beside} <= names
    assert "utils/py.typed" in names
    for path in (ROOT / "pretrained").glob("*/*.weights.h5"):
        name = path.relative_to(ROOT).as_posix()
        assert {name, name.replace(".weights.h5", ".json")} <= names


def test_prototypes_beside_the_weights_are_in_the_wheel(names):
    assert "pretrained/compact/compact.prototypes.npz" in names


def test_exports_beside_the_weights_are_in_the_wheel(names):
    for name in ("compact", "melnyk"):
        assert f"pretrained/{name}/{name}_int8.onnx" in names


def test_small_install_has_no_keras(requirements):
    assert requirements[""] == {"numpy", "pillow", "opencv-python-headless", "tqdm"}
    assert requirements["onnx"] == {"onnxruntime"}


def test_whole_install_is_what_requirements_txt_names(requirements):
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([\w-]+)", text, re.M))
    whole = requirements["tensorflow"]
    assert requirements[""] | whole == listed and "tensorflow" in listed
    assert requirements["jax"] == whole - {"tensorflow"} | {"jax"}
    for extra in ("test", "demo", "browser", "wandb", "export"):
        assert whole < requirements[extra]


def test_nothing_else_is_in_the_wheel(names):
    assert not [name for name in names if name.startswith(("tests", "files", "."))]
