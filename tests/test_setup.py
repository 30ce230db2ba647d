"""What a wheel holds: everything that the code reads beside itself."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Names of the files of a wheel built from a copy of what setuptools needs."""
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
                whole = path.suffix != ".h5"
                target.write_bytes(path.read_bytes() if whole else b"weights")
    command = [sys.executable, "setup.py", "-q", "bdist_wheel", "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_all_code_is_in_the_wheel(names):
    modules = [*ROOT.glob("utils/**/*.py"), *ROOT.glob("*.py")]
    expected = {p.relative_to(ROOT).as_posix() for p in modules} - {"setup.py"}
    assert expected <= names


def test_what_code_reads_beside_itself_is_in_the_wheel(names):
    beside = [p for p in (ROOT / "utils").rglob("*") if p.suffix in (".html", ".js")]
    assert len(beside) >= 3
    assert {p.relative_to(ROOT).as_posix() for p in beside} <= names
    assert "utils/py.typed" in names
    for path in (ROOT / "pretrained").glob("*/*.weights.h5"):
        name = path.relative_to(ROOT).as_posix()
        assert {name, name.replace(".weights.h5", ".json")} <= names


def test_nothing_else_is_in_the_wheel(names):
    assert not [name for name in names if name.startswith(("tests", "files", "."))]
