"""Feeds the readers of untrusted files with damaged ones, guided by coverage.

    python -m tests.fuzz --target=patches --minutes=60
    python -m tests.fuzz --target=all --minutes=60     # shared evenly

Needs atheris (pip install atheris). Inputs that brought new coverage gather in
<log_path>/<target>/corpus, and the next run starts from them. A crash, a leak of more
than 2 GB or a reading of more than 20 seconds ends the target's run; the input is kept
as <log_path>/<target>/crash-..., and `--input=FILE` runs it again. Exit status 1 says
that there was one.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from utils.cli import check_options, option, parse_options

from .targets import TARGETS, write_corpus

_TIMEOUT = 20  # seconds that one reading may take
_MEMORY = 2048  # MB that the process may take


@dataclass(frozen=True)
class Options:
    """What is fuzzed, and for how long."""

    target: str = option("all", "reader", ("all", *TARGETS))
    minutes: float = option(1.0, "minutes in all", low=0.01)
    seed: int = option(1, "of the mutations", low=1)
    log_path: str = option("./logs/fuzz", "folder for corpus and findings")
    input: str = option("", "run this file once, without atheris")
    worker: bool = option(False, "be the process that is fuzzed (the script's own)")

    def __post_init__(self):
        check_options(self)
        if self.target == "all" and (self.input or self.worker):
            raise ValueError("input=... needs one target.")


def run_once(name, data):
    """Feeds one input to a target, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        TARGETS[name].run(data, Path(folder))


def fuzz(options):
    """Is the process that is fuzzed: never returns."""
    import atheris

    # Readers of the standard library that are here already are instrumented too.
    for module in ("pickle", "zipfile", "tarfile", "csv", "json", "json.decoder"):
        sys.modules.pop(module, None)
    target = TARGETS[options.target]
    folder = Path(options.log_path, options.target)
    with atheris.instrument_imports(
        include=["utils", "model", "pickle", "zipfile", "tarfile", "csv", "json"]
        + ["PIL", "py7zr", "fontTools", "h5py"]
    ):
        for data in target.seeds():
            run_once(options.target, data)
    arguments = [
        sys.argv[0],
        str(folder / "corpus"),
        f"-max_total_time={options.minutes * 60:.0f}",
        f"-max_len={target.max_bytes}",
        f"-timeout={_TIMEOUT}",
        f"-rss_limit_mb={_MEMORY}",
        f"-artifact_prefix={folder}/",
        f"-seed={options.seed}",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, lambda data: run_once(options.target, data))
    atheris.Fuzz()


def watch(name, options):
    """Runs the fuzzed process of one target.

    Returns:
        (inputs tried, whether it ended without a finding).
    """
    folder = Path(options.log_path, name)
    write_corpus(name, folder / "corpus")
    command = [sys.executable, "-m", "tests.fuzz", "--worker", f"--target={name}"]
    command += [f"--minutes={options.minutes}", f"--seed={options.seed}"]
    command += [f"--log_path={options.log_path}"]
    log = folder / "log.txt"
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT)
    text = log.read_text(encoding="utf-8", errors="replace")
    tried = re.findall(r"number_of_executed_units: *(\d+)", text)
    tried = tried or re.findall(r"^#(\d+)\t", text, re.MULTILINE)
    count = int(tried[-1]) if tried else 0
    outcome = "no finding" if not done.returncode else f"a finding, see {log}"
    print(f"{name}: {count:,} inputs in {options.minutes:g} minutes, {outcome}")
    return count, not done.returncode


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    if options.input:
        run_once(options.target, Path(options.input).read_bytes())
        return 0
    if options.worker:
        fuzz(options)
    try:
        import atheris  # noqa: F401 - the workers' need, told before they start
    except ImportError:
        print("tests.fuzz: needs atheris; run: pip install atheris", file=sys.stderr)
        return 1
    names = list(TARGETS) if options.target == "all" else [options.target]
    share = options.__class__(
        **vars(options) | {"minutes": options.minutes / len(names)}
    )
    os.environ.setdefault("KERAS_BACKEND", "jax")
    results = [watch(name, share) for name in names]
    total = sum(count for count, _ in results)
    failed = sum(not good for _, good in results)
    print(f"{total:,} inputs, {failed} targets with a finding")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
