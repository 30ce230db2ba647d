"""Measures speed: what feeding costs in training, and what a prediction takes.

    python benchmark.py --feeding=true --data_path=./data
    python benchmark.py --prediction=true --weights=./logs/weights
    python benchmark.py --peers=true --data_path=./val_data --max_images=500

Times are of this machine at this moment; the ratios, whose two sides take turns, hold
better. Feeding compares steps on batches that are read, distorted and prepared beside
them with `fit` on arrays that lie in memory. Peers are the pretrained networks, their
ONNX exports and, where it is installed, Tesseract, each in a process of its own.

    python benchmark.py --profile=true --weights=melnyk

times every operation of a network's export beside the engine's own matrix product.

    python benchmark.py --methods=true --data_path=./data --hands_path=pictures.zip

compares every method under one protocol, in hours; what is done is kept, and the same
command goes on.
"""

import sys
from dataclasses import dataclass

from model import KoOCR
from utils.analysis.lines.line_sources import check_paths
from utils.benchmarking import MEASUREMENTS
from utils.cli import check_options, option, parse_options
from utils.output import run_script
from utils.presets import weights_option

# What reads an option.
_METHODS = {"read_by": ("methods",)}
_ON_DATA = ("feeding", "prediction", "peers", "methods", "lines")
_OF_ONE = ("feeding", "prediction", "preparation", "profile")  # of one network


@dataclass(frozen=True)
class BenchmarkOptions:
    """What to measure, and on what."""

    feeding: bool = option(False, "training steps fed from patches and from memory")
    prediction: bool = option(False, "milliseconds a picture, prepared and bare")
    preparation: bool = option(False, "milliseconds of preparing a picture, by kind")
    peers: bool = option(
        False, "pretrained networks, their exports and Tesseract side by side"
    )
    lines: bool = option(
        False, "lines of text, read by networks and Tesseract: errors and times"
    )
    text_path: str = option(
        "", "Korean text, for lines of it instead of data_path's", read_by=("lines",)
    )
    font_path: str = option(
        "./fonts", "fonts whose validation faces write it", read_by=("text_path",)
    )
    profile: bool = option(
        False, "where a network's time goes, operation by operation (onnxruntime)"
    )
    methods: bool = option(
        False, "every network and method, trained and judged under one protocol"
    )
    method_rows: str = option(
        "", "rows of it, names between semicolons ('': all)", **_METHODS
    )
    method_pictures: int = option(32768, "pictures a row sees", low=128, **_METHODS)
    seeds: int = option(2, "runs of a row of it", low=1, **_METHODS)
    methods_path: str = option("./logs/methods", "its pictures and runs", **_METHODS)
    val_data_path: str = option("./val_data", "its validation patches", **_METHODS)
    hands_path: str = option(
        "", "folder or .zip of labelled pictures of hands, for it", **_METHODS
    )
    data_path: str = option(
        "./data",
        "folder of patches; for peers also pictures + labels.tsv, or a .zip",
        read_by=_ON_DATA,
    )
    export_path: str = option(
        "",
        "folder of the exports, for peers ('': beside the weights)",
        read_by=("peers", "lines"),
    )
    max_images: int = option(
        500,
        "pictures of each source that peers read (0: all); lines: 200 at most",
        low=0,
        read_by=("peers", "lines"),
    )
    rounds: int = option(
        5, "turns of peers, calls of a profile", low=1, read_by=("peers", "profile")
    )
    weights: str = weights_option(read_by=_OF_ONE)
    batch_size: int = option(
        64, "pictures a step, for feeding", low=1, read_by=("feeding",)
    )
    steps: int = option(24, "steps or calls of each kind", low=2, read_by=_OF_ONE[:2])

    def __post_init__(self):
        if not any(getattr(self, name) for name in MEASUREMENTS):
            *flags, last = (f"--{name}" for name in MEASUREMENTS)
            raise ValueError(
                f"Nothing to measure; ask with {', '.join(flags)} or {last}."
            )
        check_options(self)
        check_paths(self, _ON_DATA)


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, BenchmarkOptions, argv=argv)
    try:
        for name, measure in MEASUREMENTS.items():
            if getattr(options, name):
                measure(KoOCR, options)
    except BrokenPipeError:
        raise  # whoever reads the output has read enough
    except (ValueError, OSError, ImportError) as error:
        print(f"benchmark.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    run_script(main)
