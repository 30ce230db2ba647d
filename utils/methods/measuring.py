"""What is measured of a trained row: accuracy, cost and time."""

import time

import numpy as np

from utils.analysis import evaluation
from utils.analysis.sources import Chunk, read_chunks, read_seen
from utils.analysis.speed.complexity import multiply_adds
from utils.analysis.speed.exits import choose_threshold, exit_rows
from utils.methods.data import seen_syllables

_HANDS = 1000  # pictures of each set of `hands_path`
_TIMED = 32  # pictures of a call whose time is taken
_REPEATS = 5


def accuracies(network, folder, hands_path=""):
    """Measures top-1 and top-5 of every set of pictures.

    Args:
        network: a `KoOCR`.
        folder: path of the pictures of the comparison (see `data`).
        hands_path: labelled pictures of real hands, as `evaluate.py` takes them, or ''.

    Returns:
        Dict, name of the set -> `top_1` and `top_5`, fractions 0-1, and `count`.
    """
    size, found = network.config.image_size, {}
    sets = {"seen": folder / "seen", "unseen": folder / "unseen"}
    sets |= {"hands": hands_path} if hands_path else {}
    for kind, path in sets.items():
        chunks = read_chunks(path, size, _HANDS if kind == "hands" else 0)
        if kind == "hands":
            chunks = map(_known, chunks)
        tallies = evaluation.measure(
            (chunk for chunk in chunks if len(chunk.labels)),
            network.probabilities,
            5,
            network.syllables,
        )
        for source, tally in tallies.items():
            right = tally.right
            found[f"{kind} {source}"] = {
                "top_1": float(right["syllable"].mean()),
                "top_5": float(right["top_n"].mean()),
                "count": len(right["syllable"]),
            }
    return found


def _known(chunk):
    """Returns the part of a chunk whose syllables training has shown."""
    rows = np.flatnonzero(np.isin(chunk.labels, seen_syllables()))
    problems = {
        place: chunk.problems[row]
        for place, row in enumerate(rows)
        if row in chunk.problems
    }
    return Chunk(
        chunk.source,
        chunk.images[rows],
        chunk.labels[rows],
        chunk.groups[rows],
        problems,
    )


def cost(network, folder):
    """Counts the multiply-adds of a picture; of early exits, the mean of pictures.

    Their threshold is chosen on the syllables that training never shows.

    Args:
        network: a `KoOCR`.
        folder: path of the pictures of the comparison.

    Returns:
        Dict of `multiply_adds`; with early heads also `exit_threshold`, and
        `exit_rate`, the share of those pictures that leaves early, 0-1.
    """
    if not network.config.early_exit:
        return {"multiply_adds": multiply_adds(network.model)}
    chunks = read_seen(folder / "unseen", network.config)
    rows = exit_rows(network.cascade, chunks, network.syllables)
    chosen = choose_threshold(rows)
    (row,) = (row for row in rows if row["threshold"] == chosen)
    return {
        "exit_threshold": chosen,
        "exit_rate": row["rate"],
        "multiply_adds": row["multiply_adds"],
    }


def milliseconds(network, folder):
    """Returns the processor's milliseconds of a picture, which load does not lengthen.

    Those of all threads together, in calls of 32 pictures; the median of five.

    Args:
        network: a `KoOCR`.
        folder: path of the pictures of the comparison: which leave early, is theirs.
    """
    chunks = read_chunks(folder / "seen", network.config.image_size, _TIMED)
    images, times = next(iter(chunks)).images, []
    for _ in range(_REPEATS + 1):
        begun = time.process_time()
        network.probabilities(images)
        times.append(time.process_time() - begun)
    return 1000 * float(np.median(times[1:])) / len(images)  # the first compiles
