"""What a network's probabilities are worth, as tables for people."""

import math
import sys

from utils.analysis.report import Percent, show_table
from utils.analysis.samples import collect, count
from utils.analysis.trust.rejection import (
    KEPT,
    REJECTING,
    SCORES,
    rejection_rows,
    score_chunks,
    score_strangers,
)
from utils.analysis.trust.temperature import calibration_rows, why_unfitted
from utils.inference import decoding
from utils.inference.prior import DEFAULT_PRIOR
from utils.weights.files import change_config, config_path, find_weights


def report_calibration(network, chunks, folder, weights=None):
    """Prints how far probabilities can be trusted, before and after a temperature.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`, validation pictures.
        folder: `pathlib.Path` of the CSV file.
        weights: path of the weights whose configuration gets the temperature; None
            writes none.

    Returns:
        The paths of the files written.

    Raises:
        ValueError: there are fewer than two pictures, or the weights are not there, or
            no temperature can be fitted that they could get.
    """
    counts = []
    chunks = _counting(chunks, counts)
    samples = collect(chunks, network.probabilities, network.syllables)
    if left := sum(counts) - sum(map(count, samples.values())):
        print(
            f"{left} of {sum(counts)} pictures are left out: they cannot be "
            "prepared, or show what the network cannot answer.",
            file=sys.stderr,
        )
    factor, rows = calibration_rows(samples)
    header = ["source", "images", "top-1 %", "mean probability %"]
    header += ["ECE %", "ECE % after", "NLL", "NLL after"]
    cells = [
        [source, count, *map(Percent, figures[:4]), *(f"{x:.4f}" for x in figures[4:])]
        for source, count, *figures in (row.values() for row in rows)
    ]
    written = [show_table(header, cells, rows, folder / "calibration.csv")]
    # The probabilities were tempered already where the weights have a temperature.
    before = network.config.temperature
    temperature = round(before * factor, 4)
    if unfitted := _why_unfitted(factor, before, rows[-1]):
        if weights is not None:
            raise ValueError(f"{unfitted} That of the weights stays {before:g}.")
        print(unfitted)
        return written
    print(f"temperature={temperature:g} (of the weights: {before:g})")
    if weights is not None:
        _check_gain(rows[-1], before)
        path = find_weights(weights)
        change_config(path, temperature=temperature)
        written.append(config_path(path))
    return written


def _check_gain(row, before):
    """Raises ValueError where a temperature makes other pictures' probabilities worse.

    Args:
        row: of all pictures: each half is judged at the temperature of the other.
        before: the temperature of the weights.
    """
    if row["nll_after"] > row["nll"]:
        raise ValueError(
            "The temperature is not saved: what one half of the pictures gave makes "
            f"the other half's probabilities worse (NLL {row['nll']:.4f} before, "
            f"{row['nll_after']:.4f} after). That of the weights stays {before:g}; are "
            "all labels right?"
        )


def _counting(chunks, counts):
    """Yields chunks, and adds to a list how many pictures each has."""
    for chunk in chunks:
        counts.append(len(chunk.labels))
        yield chunk


def _why_unfitted(factor, before, row):
    """Tells why a temperature must not be used, by the row of all pictures."""
    errors = round(row["count"] * (1 - row["syllable"]))
    reasons = (why_unfitted(t, errors, row["count"]) for t in (factor, before * factor))
    return next(filter(None, reasons), "")


def report_rejection(network, chunks, folder, font_path, count, prior=DEFAULT_PRIOR):
    """Prints how well pictures that show no syllable are told apart.

    Args:
        network: a `KoOCR`.
        chunks: iterable of `sources.Chunk`, pictures of syllables.
        folder: `pathlib.Path` of the CSV file.
        font_path: folder of fonts that draw Latin letters, digits, hanja and jamo.
        count: pictures of each kind.
        prior: as for `predict`, whose probability is judged.

    Returns:
        The paths of the files written.

    Raises:
        utils.data.families.FontError: there is no font.
    """
    size, apply = network.config.image_size, network.probabilities

    def answer(heads):
        return decoding.top_n(heads, 1, network.syllables, prior)[1][:, 0]

    strangers = score_strangers(font_path, size, apply, count, answer)
    rows = rejection_rows(score_chunks(chunks, apply, answer), strangers)
    header = ["source", "no syllable", "images", *(f"AUROC, {name}" for name in SCORES)]
    header.append(f"pass % where {KEPT:.0%} of syllables do")
    by_pair = {}
    for row in rows:
        by_pair.setdefault((row["source"], row["kind"]), []).append(row)
    cells = [
        [*pair, some[0]["count"], *(f"{row['auroc']:.4f}" for row in some)]
        + [Percent(some[0]["passed"])]
        for pair, some in by_pair.items()
    ]
    written = [show_table(header, cells, rows, folder / "rejection.csv")]
    for source, threshold in {
        row["source"]: row["threshold"] for row in rows if row["score"] == REJECTING
    }.items():
        print(f"{source}: reject_below={_below(threshold):.4f} keeps {KEPT:.0%}")
    return written


def _below(threshold):
    """Rounds down, for the picture that sets a threshold must reach it."""
    return math.floor(max(threshold, 0) * 1e4) / 1e4
