"""The level table of the design: a module imports only from lower levels."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.exports import facts, write_export

ROOT = Path(__file__).parents[2]

# Lower comes first; a module may import what stands above it in its own room too.
LEVELS = [
    [
        "utils.start_lines",
        "utils.backend",
        "utils.hangul",
        "utils.option_values",
        "utils.option_help",
        "utils.parser",
        "utils.cli",
    ]
    + ["utils.kinds", "utils.presets", "utils.json_text", "utils.forks"]
    + ["utils.output", "utils.bars"],
    ["utils.pictures"],
    ["utils.cleaning"],
    ["utils.inference.imaging"],
    ["utils.data"],
    ["utils.nn"],
    ["utils.inference", "utils.lines"],  # a reader reads lines, by what it reads
    ["utils.weights.contents", "utils.weights.shrinking", "utils.weights.files"],
    ["utils.analysis", "utils.adapting", "utils.weights.transfer"],
    ["utils.reporting", "utils.evaluating", "utils.predicting"],
    ["utils.demo"],
    ["utils.export", "utils.peers"],
    [
        "utils.training.one_device",
        "utils.training.mirrored",
        "utils.training.monitoring",
    ]
    + ["utils.training.data_parallel", "utils.training.devices"],
    ["utils.config_rules", "utils.config", "utils.training_config"]
    + ["utils.model_options", "utils.training_options"],
    ["utils.training"],
    ["utils.building", "utils.measured_reader", "utils.explained_reader"]
    + ["utils.saver", "utils.learner"],
    ["utils.weights"],
    ["utils.timing"],
    ["utils.methods"],
    ["utils.benchmarking"],
    ["model"],
    ["train", "evaluate", "predict", "load_data", "crawl_data"]
    + ["average", "benchmark", "compress", "demo", "export", "learn_lines"],
]
SCRIPTS = LEVELS[-1]
HEAVY = {"tensorflow", "keras", "jax"}
QUICK = {"XLA_FLAGS": os.environ["XLA_FLAGS"]}  # of conftest.py


def modules():
    for path in sorted([*ROOT.glob("*.py"), *ROOT.glob("utils/**/*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name != "setup" and path.stat().st_size:
            yield name, path


def imports_of(path):
    """Names of all modules imported anywhere in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(name):
    """Returns the level of the longest entry that names the module or its room."""
    fits = [
        (len(entry), number)
        for number, entries in enumerate(LEVELS)
        for entry in entries
        if name == entry or name.startswith(entry + ".")
    ]
    return max(fits)[1] if fits else None


@pytest.mark.parametrize(("name", "path"), list(modules()), ids=lambda v: str(v)[-30:])
def test_modules_import_only_downward(name, path):
    own = level(name)
    assert own is not None, f"{name} has no level"
    for imported in imports_of(path):
        theirs = level(imported)
        if theirs is not None and imported.startswith(("utils", *LEVELS[-2], *SCRIPTS)):
            assert theirs <= own, f"{name} imports {imported}"


def test_no_cycles():
    graph = {
        name: {i for i in imports_of(path)} & {n for n, _ in modules()}
        for name, path in modules()
    }
    while graph:
        free = [name for name, needs in graph.items() if not needs & graph.keys()]
        assert free, f"a cycle among {sorted(graph)}"
        for name in free:
            del graph[name]


def test_bars_are_made_in_one_place():
    makers = [name for name, path in modules() if "tqdm" in {*imports_of(path)}]
    assert makers == ["utils.bars"]


def test_package_files_are_empty():
    files = list(ROOT.glob("utils/**/__init__.py"))
    folders = {path.parent for path in ROOT.glob("utils/**/*.py")}
    assert {path.parent for path in files} == folders and len(folders) > 15
    assert [path for path in files if path.stat().st_size] == []


def loaded(code, **environment):
    """Returns which heavy packages a piece of code imports, in a fresh process."""
    code += f"\nimport sys; print(*({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3", **QUICK, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("numpy", "compute with numpy, and KoOCR computes with tensorflow or jax"),
        ("torch", "compute with torch"),
        ("tensorflw", "compute with what it does not know"),
    ],
)
def test_other_backends_are_refused_by_name(backend, message):
    code = "import utils.backend"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "", "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"ImportError: Keras is set to {message}" in result.stderr
    assert "set KERAS_BACKEND" in result.stderr


@pytest.mark.parametrize("script", ["load_data", "crawl_data"])
def test_data_scripts_need_no_keras(script):
    assert loaded(f"import {script}") == set()


def test_jax_trains_and_predicts_without_tensorflow(tmp_path):
    pytest.importorskip("jax")
    code = f"""
import numpy as np
from utils.data.patches import write_patch
from model import KoOCR
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (12, 24, 24)).astype("uint8")
write_patch({str(tmp_path / "data" / "printed_0.pickle")!r}, images, list("가나다" * 4))
model = KoOCR(weights=None, network="compact", fc_link="GWAP", image_size=16)
history = model.train(data_path={str(tmp_path / "data")!r}, epochs=1, batch_size=4,
    val_data_path={str(tmp_path / "data")!r}, log_path={str(tmp_path / "logs")!r},
    silent_mode=True, optimizer="adabound")
assert history[0]["loss"] > 0
model.save({str(tmp_path / "m.weights.h5")!r})
assert len(KoOCR({str(tmp_path / "m.weights.h5")!r}).predict(images[0], n=5)) == 5
"""
    assert loaded(code, KERAS_BACKEND="jax") == {"keras", "jax"}


def test_an_exported_network_is_read_without_keras(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    write_export(tmp_path / "net.onnx", facts())
    code = f"""
from model import KoOCR
network = KoOCR({str(tmp_path)!r}, engine="onnx")
found = network.predict("files/samples/01_print.png", n=3, scores=True)
assert [syllable for syllable, _ in found] == ["이", "다", "는"], found
"""
    assert loaded(code) == set()


def test_importing_the_model_imports_no_keras():
    assert loaded("import model") == set()


@pytest.mark.parametrize(
    ("library", "module"),
    [("fontTools", "utils.data.families"), ("matplotlib", "utils.analysis.plots")],
)
def test_without_a_library_the_error_says_what_to_install(library, module):
    code = f"""
import sys
sys.modules[{library!r}] = None  # as where it is not installed
try:
    import {module}
except ImportError as error:
    told = str(error)
del sys.modules[{library!r}]
assert "run pip install -r requirements.txt in KoOCR's folder" in told, told
"""
    assert loaded(code) == set()
    names = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower()
    assert f"\n{library.lower()}" in names


def test_without_keras_the_error_says_what_to_install():
    code = """
import sys
sys.modules["keras"] = None  # as where it is not installed
from model import KoOCR
try:
    KoOCR()
except ImportError as error:
    assert "pip install -r requirements.txt" in str(error), error
    del sys.modules["keras"]
"""
    assert loaded(code) == set()
