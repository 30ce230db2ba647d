"""Packaging: `pip install -e ".[tensorflow]"` of a checkout, `pip wheel .`.

Without an extra there is what reading a picture needs; each extra is whole in itself.
"""

from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
LINES = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
LINES = [line for line in LINES if line and line[0] != "#"]
CORE, KERAS = LINES[:4], LINES[4:]
HEIC = ["pillow-heif>=0.18"]  # pictures of phones
EXPORT = ["onnx>=1.17", "onnxruntime>=1.20"]  # the second alone reads exports

setup(
    name="koocr",
    version="0.1.0",
    description="Recognition of single Hangul syllables, printed and handwritten",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0 AND CC-BY-SA-4.0",
    python_requires=">=3.10",
    py_modules=[path.stem for path in HERE.glob("*.py") if path.stem != "setup"],
    # The weights lie beside model.py, in a checkout as in site-packages.
    packages=find_namespace_packages(include=["utils", "utils.*", "pretrained.*"]),
    package_data={
        "": ["*.html", "*.js", "*.json", "*.md", "*.npz", "*.onnx", "*.tsv"]
        + ["*.weights.h5", "py.typed"]
    },
    install_requires=CORE,
    extras_require={
        "tensorflow": KERAS,
        "jax": [line for line in KERAS if line[:10] != "tensorflow"] + ["jax>=0.4.34"],
        "onnx": EXPORT[1:],
        "export": KERAS + EXPORT,
        "heic": HEIC,
        "demo": [*KERAS, "gradio>=6"],
        "wandb": [*KERAS, "wandb>=0.17"],
        "browser": [*KERAS, "gradio>=6", "playwright>=1.49"],
        "test": ["jax>=0.4.34", "nbclient>=0.10", "ipykernel>=6.29", "pytest>=8"]
        + ["pytest-xdist>=3.6", "hypothesis>=6.100", "mypy>=1.11", "ruff>=0.6"]
        + [*KERAS, *EXPORT, *HEIC],
    },
)
