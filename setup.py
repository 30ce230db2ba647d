"""Packaging: `pip install -e .` for a checkout, with extras for tests and W&B."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
LINES = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()

setup(
    name="koocr",
    version="0.1.0",
    description="Recognition of single Hangul syllables, printed and handwritten",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    py_modules=[path.stem for path in HERE.glob("*.py") if path.stem != "setup"],
    packages=find_packages(include=["utils", "utils.*"]),
    install_requires=[line for line in LINES if line and line[0] != "#"],
    extras_require={
        "test": ["jax>=0.4.34", "pytest>=8", "ruff>=0.6"],
        "wandb": ["wandb>=0.17"],
        "jax": ["jax>=0.4.34"],
    },
)
