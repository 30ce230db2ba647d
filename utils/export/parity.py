"""A network and its export, on the same pictures: how far they are apart."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.evaluation import readable_pictures
from utils.analysis.report import Percent
from utils.analysis.sources import Chunk
from utils.analysis.speed.machine import measure
from utils.inference.decoding import top_n
from utils.inference.prior import DEFAULT_PRIOR
from utils.kinds import FilePath, ReadSquares

# Pictures a call -> calls that are timed.
_CALLS = {1: 20, 256: 3}


class DisagreementError(ValueError):
    """An export and its network answer too often otherwise; `report` says how often."""

    def __init__(self, report: dict[str, Any], expected: float) -> None:
        super().__init__(
            f"{report['file']} is not written: it and the network agree on "
            f"{100 * report['agreement']:.3f} % of the pictures; expected "
            f"{Percent(expected)} %. Choose another precision or calibrate on pictures "
            "more like these, or lower --agreement if this will do."
        )
        self.report = report


def compare(
    network: ReadSquares,
    exported: ReadSquares,
    chunks: Iterable[Chunk],
    syllables: Sequence[str],
) -> list[dict[str, Any]]:
    """Compares the answers of two networks, as `predict` has them by default.

    Args:
        network: function from `uint8` pictures (N, H, W) to a dict of probabilities.
        exported: the same, of the export.
        chunks: iterable of `utils.analysis.sources.Chunk`; pictures that could not be
            prepared are left out.
        syllables: the classes of a flat head.

    Returns:
        List of dicts, one a source: `source`, `images`, `agreement` (share of the
        pictures on which both have the same best syllable, 0-1), `largest_difference`
        (of any head's probability), `top_1` of the network and `exported_top_1`.
    """
    rows = []
    for source, (images, labels) in readable_pictures(chunks).items():
        if not len(images):
            continue
        ours, theirs = network(images), exported(images)
        best = [
            top_n(each, 1, syllables, DEFAULT_PRIOR)[0][:, 0] for each in (ours, theirs)
        ]
        right = [(each == labels).mean() for each in best]
        apart = max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)
        rows.append(
            {
                "source": source,
                "images": len(images),
                "agreement": float((best[0] == best[1]).mean()),
                "largest_difference": apart,
                "top_1": float(right[0]),
                "exported_top_1": float(right[1]),
            }
        )
    return rows


def total_agreement(rows: Sequence[dict[str, Any]]) -> float:
    """Returns the share of all pictures that both read alike, 0-1."""
    images = sum(row["images"] for row in rows)
    return sum(row["agreement"] * row["images"] for row in rows) / images


def time_both(
    network: ReadSquares, exported: ReadSquares, images: np.ndarray
) -> list[dict[str, float]]:
    """Times two networks on prepared pictures.

    Args:
        network: function from `uint8` pictures (N, H, W) to a dict of probabilities.
        exported: the same.
        images: `uint8` (N, H, W), repeated where there are too few.

    Returns:
        List of dicts: `batch`, `ms` of the network and `exported_ms`, medians, in
        milliseconds a picture.
    """
    rows = []
    for batch, calls in _CALLS.items():
        some = np.resize(images, (batch, *images.shape[1:]))
        ours, theirs = (
            1000 * measure(lambda f=f, x=some: f(x), calls).median / batch
            for f in (network, exported)
        )
        rows.append({"batch": batch, "ms": ours, "exported_ms": theirs})
    return rows


def megabytes(path: FilePath) -> float:
    """Returns the size of a file, or of all files in a folder, in 10^6 bytes."""
    path = Path(path)
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    return sum(os.path.getsize(each) for each in files) / 1e6
