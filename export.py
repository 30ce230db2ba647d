"""Writes a network in a format that runs without Keras, and checks what it answers.

    python export.py --format=onnx
    python export.py --format=onnx --precision=int8 --data_path=pictures.zip
    python export.py --format=litert --precision=float16 --weights=./logs/weights

The file goes beside the weights, or to --export_path, and is read together with the
network on the pictures of --data_path: how often they agree, how far apart they are,
how right and how fast each is. The report is printed and lies as JSON and CSV beside
the file; where they agree on too few pictures the exit status is 2.
"""

import dataclasses
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from model import PRETRAINED, KoOCR
from utils.analysis.report import Percent, format_table, write_csv
from utils.analysis.sources import read_seen
from utils.analysis.speed.machine import describe_machine
from utils.cli import check_options, option, parse_options
from utils.data.atomic import write_atomically
from utils.export import formats, parity
from utils.inference.export_files import PRECISIONS
from utils.inference.network import apply_model
from utils.output import run_script
from utils.presets import WEIGHTS_SUFFIX, weights_option
from utils.weights.contents import digest
from utils.weights.files import find_weights


@dataclass(frozen=True)
class ExportOptions:
    """What to write, and on what to check it."""

    format: str = option("onnx", "format", tuple(formats.FORMATS))
    precision: str = option(
        "float32",
        "of the numbers: float16 halves the stored weights and computes in float32, "
        "int8 computes in integers",
        PRECISIONS,
    )
    weights: str = weights_option()
    export_path: str = option("", "folder of the export ('': beside the weights)")
    data_path: str = option(
        "./val_data",
        "pictures to check on: folder of patches, or folder or .zip of pictures + "
        "labels.tsv",
    )
    max_images: int = option(1000, "pictures of each source (0: all)", low=0)
    agreement: float = option(
        0.99, "share of the pictures on which both must agree", low=0.0, high=1.0
    )
    calibration_path: str = option("./val_data", "pictures that int8 is calibrated on")
    calibration_images: int = option(
        128, "pictures of each source that int8 is calibrated on", low=1
    )

    def __post_init__(self):
        check_options(self)
        formats.check_choice(self.format, self.precision)
        calibrated = (self.calibration_path, self.calibration_images)
        if self.precision != "int8" and calibrated != ("./val_data", 128):
            raise ValueError(
                f"calibration is for precision=int8; precision={self.precision} takes "
                "no calibration_path and no calibration_images."
            )


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, ExportOptions, argv=argv)
    try:
        report = export(options)
    except parity.DisagreementError as error:
        print_report(error.report)
        print(f"export.py: {error}", file=sys.stderr)
        return 2
    except (ValueError, OSError, ImportError) as error:
        print(f"export.py: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print_report(report)
    print(f"wrote {report['file']} ({report['megabytes']:.2f} MB)")
    return 0


def export(options):
    """Writes the file and its report.

    Args:
        options: `ExportOptions`.

    Returns:
        The report, a dict, as the JSON file has it.

    Raises:
        utils.export.parity.DisagreementError: it answers otherwise too often, and is
            not written.
        ValueError: the weights or pictures cannot be used, or the format cannot hold
            the network.
        ImportError: a library that the format needs is not installed.
    """
    weights = find_weights(options.weights or PRETRAINED)
    # No picture leaves early: the export answers by the last heads.
    network = KoOCR(weights, exit_threshold=1.0)
    chunks = list(read_seen(options.data_path, network.config, options.max_images))
    if not any(chunk.readable.any() for chunk in chunks):  # before a file is written
        raise ValueError("There is no readable picture to check the export on.")
    images = _calibration_images(options, network.config)
    folder = Path(options.export_path or weights.parent)
    stem = f"{weights.name.removesuffix(WEIGHTS_SUFFIX)}_{options.precision}"
    path = folder / (stem + formats.FORMATS[options.format].suffix)
    sha256 = digest(weights.read_bytes())
    report = {"file": str(path)}

    def check(exported, written):
        report.update(_compare(network, exported, chunks, written))
        if report["agreement"] < options.agreement:
            raise parity.DisagreementError(report, options.agreement)

    formats.export(network, path, options.precision, images, sha256, check)
    report |= {"format": options.format, "precision": options.precision}
    report |= {"weights": weights.name, "options": dataclasses.asdict(options)}
    beside = folder / f"{stem}_{options.format}.json"
    # It travels with the file: names, not where they lay on this machine.
    text = json.dumps(report | {"file": path.name}, indent=2, ensure_ascii=False)
    write_atomically(beside, text.encode())
    rows = report["sources"]
    write_csv(beside.with_suffix(".csv"), list(rows[0]), [r.values() for r in rows])
    return report


def _calibration_images(options, config):
    """Returns prepared pictures for int8; None for what needs none."""
    if options.precision != "int8":
        return None
    chunks = read_seen(options.calibration_path, config, options.calibration_images)
    kept = parity.readable_pictures(chunks).values()
    return np.concatenate([images for images, _ in kept])


def _compare(network, exported, chunks, path):
    """Returns what the report says of the answers, the times and the file's size."""
    # As the export: the temperature is left to whoever reads.
    bare = partial(apply_model, network.model)
    rows = parity.compare(bare, exported, chunks, network.syllables)
    times = parity.time_both(bare, exported, chunks[0].images)
    return {
        "megabytes": parity.megabytes(path),
        "agreement": parity.total_agreement(rows),
        "largest_difference": max(row["largest_difference"] for row in rows),
        "sources": rows,
        "times": times,
        "machine": describe_machine(),
    }


def print_report(report):
    """Prints a report of `export` as tables."""
    header = ["source", "images", "agree %", "largest difference"]
    header += ["top-1 %", "exported %"]
    rows = [
        [
            row["source"],
            row["images"],
            Percent(row["agreement"]),
            f"{row['largest_difference']:.1e}",
            Percent(row["top_1"]),
            Percent(row["exported_top_1"]),
        ]
        for row in report["sources"]
    ]
    print(format_table(header, rows), end="\n\n")
    header = ["pictures a call", "ms a picture", "exported", "of the network's time"]
    rows = [
        [
            row["batch"],
            f"{row['ms']:.2f}",
            f"{row['exported_ms']:.2f}",
            f"{row['exported_ms'] / row['ms']:.3f}",
        ]
        for row in report["times"]
    ]
    print(format_table(header, rows), end="\n\n")
    print(report["machine"])


if __name__ == "__main__":
    run_script(main)
