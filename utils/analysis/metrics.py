"""Head probabilities and labels -> accuracies with intervals, confusion matrices."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import confusion_matrix

from utils.hangul import ALL_SYLLABLES, COMPONENTS, split_syllables
from utils.inference import decoding
from utils.inference.prior import EVEN_PRIOR, Prior
from utils.kinds import Heads

# What is counted right or wrong of every picture.
MEASURES = ("syllable", "top_n", *COMPONENTS)

_Z95 = 1.959963984540054  # the normal distribution's 97.5 % point


class Scores(NamedTuple):
    """What was read of a batch, and what of it is right.

    guesses: `<U1` (batch, top_n), best first.
    probabilities: `float64` (batch, top_n), theirs.
    right: dict of boolean arrays (batch,): `syllable` (the best guess is right),
        `top_n` (one of the guesses is), `initial`, `medial` and `final` (that jamo of
        the best guess is).
    """

    guesses: np.ndarray
    probabilities: np.ndarray
    right: dict


def score_rows(
    probabilities: Heads,
    labels: Sequence[str] | np.ndarray,
    top_n: int = 5,
    syllables: Sequence[str] = ALL_SYLLABLES,
    prior: Prior = EVEN_PRIOR,
) -> Scores:
    """Decodes a batch and tells what of every picture was read right.

    Args:
        probabilities: dict of arrays (batch, classes), a head each.
        labels: the true syllables (batch,).
        top_n: how many guesses a picture has.
        syllables: the classes of the flat head.
        prior: as for `decoding.top_n`.

    Returns:
        `Scores`.

    Raises:
        ValueError: the arrays are not those of the heads, or rows and labels differ.
    """
    labels = np.asarray(labels)
    guesses, best = decoding.top_n(probabilities, top_n, syllables, prior)
    if len(labels) != len(guesses):
        raise ValueError(f"{len(labels)} labels came for {len(guesses)} pictures.")
    hits = guesses == labels[:, None]
    right = {"syllable": hits[:, 0], "top_n": hits.any(axis=1)}
    true, read = split_syllables(labels), split_syllables(guesses[:, 0])
    right |= {name: true[name] == read[name] for name in COMPONENTS}
    return Scores(guesses, best, right)


def evaluate_probabilities(
    probabilities: Heads,
    labels: Sequence[str] | np.ndarray,
    top_n: int = 5,
    syllables: Sequence[str] = ALL_SYLLABLES,
) -> dict[str, float]:
    """Measures the accuracies of head probabilities.

    The jamo accuracies are those of the most probable syllable, so that the three heads
    and the flat one are measured alike.

    Args:
        probabilities: dict of arrays (batch, classes), a head each.
        labels: the true syllables (batch,).
        top_n: how many guesses a picture has.
        syllables: the classes of the flat head.

    Returns:
        Dict of `syllable` (top-1), `top_n`, `initial`, `medial` and `final`: fractions
        0-1 as floats, NaN without pictures; and `count`, the pictures.

    Raises:
        ValueError: as `score_rows`.
    """
    return summarise(score_rows(probabilities, labels, top_n, syllables).right)


def summarise(right: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns `count` and the fraction right (NaN of none) of each boolean array."""
    count = len(right["syllable"])
    share = {
        name: int(right[name].sum()) / count if count else math.nan for name in right
    }
    return {"count": count} | share


def accuracy_table(
    right: dict[str, np.ndarray], groups: Sequence[str] | np.ndarray
) -> list[dict[str, Any]]:
    """Tells accuracies apart by group.

    Args:
        right: dict of boolean arrays (pictures,), as `score_rows` gives them.
        groups: the group of every picture: its source, writer or font family.

    Returns:
        List of dicts in order of name: `group`, `count`, a fraction for every key of
        `right`, and `low` and `high`, the 95 % Wilson interval of `syllable`.

    Raises:
        ValueError: there are more or fewer groups than pictures.
    """
    groups = np.asarray(groups, np.str_)
    if len(groups) != len(right["syllable"]):
        raise ValueError(
            f"{len(groups)} groups came for {len(right['syllable'])} pictures."
        )
    rows = []
    for name in np.unique(groups):
        part = {key: values[groups == name] for key, values in right.items()}
        low, high = wilson_interval(int(part["syllable"].sum()), len(part["syllable"]))
        rows.append({"group": str(name)} | summarise(part) | {"low": low, "high": high})
    return rows


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Computes the 95 % interval of an accuracy.

    Reference: E. B. Wilson (1927), "Probable Inference, the Law of Succession, and
    Statistical Inference", https://doi.org/10.1080/01621459.1927.10502953. Unlike the
    textbook interval it stays within 0-1 and is right near both ends.

    Args:
        right: how many of the pictures were read right.
        count: how many there were, 1 or more.

    Returns:
        (low, high), fractions 0-1.

    Raises:
        ValueError: `right` is not between 0 and `count`, or `count` is not positive.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"{right} right of {count} is no count of right pictures.")
    share, spread = right / count, _Z95**2 / count
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    # At the ends the two terms cancel but for rounding.
    return max(0.0, centre - half), min(1.0, centre + half)


def confusion_matrices(
    labels: Sequence[str] | np.ndarray, guesses: Sequence[str] | np.ndarray
) -> dict[str, np.ndarray]:
    """Counts which jamo were read as which.

    Matrices of several batches add up.

    Args:
        labels: the true syllables (pictures,).
        guesses: the syllables read (pictures,).

    Returns:
        Dict of integer arrays (classes, classes), a component each: rows are true,
        columns read, both in the order of `hangul.COMPONENTS`.

    Raises:
        ValueError: there are more or fewer guesses than labels, or one is no syllable.
    """
    if len(labels) != len(guesses):
        raise ValueError(f"{len(labels)} labels came for {len(guesses)} guesses.")
    true, read = split_syllables(labels), split_syllables(guesses)
    return {
        name: confusion_matrix(true[name], read[name], labels=range(len(classes)))
        if len(labels)
        else np.zeros((len(classes), len(classes)), int)
        for name, classes in COMPONENTS.items()
    }
