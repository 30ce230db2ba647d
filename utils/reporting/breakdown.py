"""Records -> the tables of a report: lists of dicts, fractions 0-1."""

import numpy as np

from utils.analysis.comparison import mcnemar
from utils.analysis.metrics import summarise, wilson_interval
from utils.hangul import COMPONENTS, split_syllables
from utils.reporting.confidence import confidence_figures

EVERYTHING = "*"  # the name of the row over all sources
MOST_N = 20  # where the top-n curve ends


def summary_rows(records):
    """Returns a row over everything and one for each source.

    Each has `source`, `count`, the accuracies with `low` and `high` (95 %, Wilson) of
    top-1 and `top_n_low`, `top_n_high`, and of the readable pictures `ece` and
    `area_under_risk`.
    """
    return [
        {"source": name} | _figures(records, chosen)
        for name, chosen in sources(records)
    ]


def sources(records):
    """Yields (name, boolean array (pictures,)): everything first, then each source."""
    names = records.columns["source"]
    yield EVERYTHING, np.ones(len(names), bool)
    distinct = list(dict.fromkeys(names.tolist()))
    for name in distinct if len(distinct) > 1 else []:
        yield name, names == name


def group_rows(records):
    """Returns a row for each family or writer of each source, the weakest first."""
    names, groups = records.columns["source"], records.columns["group"]
    pairs = dict.fromkeys(zip(names.tolist(), groups.tolist(), strict=True))
    rows = [
        {"source": source, "group": group}
        | _accuracies(records, (names == source) & (groups == group))
        for source, group in pairs
    ]
    return sorted(rows, key=lambda row: row["syllable"])


def top_n_rows(records):
    """Returns for each source and n from 1 to 20 the share whose n best hold the truth.

    Each row has `source`, `n`, `accuracy`, `low` and `high`.
    """
    rows = []
    for name, chosen in sources(records):
        ranks = records.columns["rank"][chosen]
        for n in range(1, MOST_N + 1):
            hits = int((ranks <= n).sum())
            rows.append({"source": name, "n": n} | _share(hits, len(ranks)))
    return rows


def syllable_rows(records):
    """Returns a row for each true syllable, the worst first.

    Each has `syllable`, `count`, `accuracy`, `low`, `high`, and `read_as`: what its
    errors were read as, the most frequent first.
    """
    labels, right = records.columns["label"], records.right["syllable"]
    names, place = np.unique(labels, return_inverse=True)
    counts = np.bincount(place)
    hits = np.bincount(place, right).astype(int)
    wrong = {}
    for row in np.flatnonzero(records.readable & ~right):
        guesses = wrong.setdefault(labels[row], {})
        guess = records.columns["guess"][row]
        guesses[guess] = guesses.get(guess, 0) + 1
    rows = []
    for name, hit, count in zip(names.tolist(), hits, counts, strict=True):
        read = sorted(wrong.get(name, {}).items(), key=lambda pair: -pair[1])[:5]
        text = " ".join(f"{guess}{times}" for guess, times in read)
        rows.append(
            {"syllable": name} | _share(int(hit), int(count)) | {"read_as": text}
        )
    return sorted(rows, key=lambda row: (row["high"], -row["count"]))


def jamo_rows(records):
    """Returns a row for each jamo that is true of a picture: was it read right?

    Each has `component`, `jamo`, `count`, `accuracy`, `low` and `high`.
    """
    true = split_syllables(records.columns["label"])
    rows = []
    for component, classes in COMPONENTS.items():
        for place, jamo in enumerate(classes):
            right = records.right[component][true[component] == place]
            if len(right):
                row = {"component": component, "jamo": jamo}
                rows.append(row | _share(int(right.sum()), len(right)))
    return rows


def pair_rows(records):
    """Returns the confused pairs of jamo, the most frequent first.

    Each has `component`, `true`, `read`, `count`, and `rate`: of the pictures with
    that true jamo.
    """
    rows = []
    for component, matrix in records.matrices.items():
        classes = COMPONENTS[component]
        for true, read in zip(*np.nonzero(matrix), strict=True):
            if true != read:
                count = int(matrix[true, read])
                names = {"true": classes[true], "read": classes[read]}
                share = {"count": count, "rate": count / int(matrix[true].sum())}
                rows.append({"component": component} | names | share)
    return sorted(rows, key=lambda row: -row["count"])


def error_rows(records):
    """Returns a row for each picture that was read wrongly or not at all."""
    places = np.flatnonzero(~records.right["syllable"])
    columns = {
        name: values[places].tolist() for name, values in records.columns.items()
    }
    columns["readable"] = records.readable[places].tolist()
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]


def comparison_rows(records, other):
    """Returns McNemar's test over everything and for each source.

    Each row has `source`, `count`, the keys of `comparison.mcnemar`, and top-1 with its
    interval of both: `first`, `first_low`, `first_high`, `second`, ...

    Args:
        records: `records.Records` of the first network, finished.
        other: those of the second on the same pictures, in the same order.

    Raises:
        ValueError: the two are not records of the same pictures.
    """
    for name in ("source", "name", "label"):
        if not np.array_equal(records.columns[name], other.columns[name]):
            raise ValueError(
                f"The two models did not read the same pictures: their {name}s differ."
            )
    rows = []
    for source, chosen in sources(records):
        answers = [each.right["syllable"][chosen] for each in (records, other)]
        row = {"source": source, "count": int(chosen.sum())}
        for name, right in zip(("first", "second"), answers, strict=True):
            share = _share(int(right.sum()), len(right))
            row |= {name: share["accuracy"]}
            row |= {f"{name}_{end}": share[end] for end in ("low", "high")}
        rows.append(row | mcnemar(*answers))
    return rows


def _figures(records, chosen):
    """Returns the accuracies and the calibration of some pictures."""
    top_n = records.right["top_n"][chosen]
    low, high = wilson_interval(int(top_n.sum()), len(top_n))
    return (
        _accuracies(records, chosen)
        | {"top_n_low": low, "top_n_high": high}
        | confidence_figures(records, chosen)
    )


def _accuracies(records, chosen):
    """Returns `metrics.summarise` of some pictures, and the interval of top-1."""
    right = {name: values[chosen] for name, values in records.right.items()}
    low, high = wilson_interval(int(right["syllable"].sum()), len(right["syllable"]))
    return summarise(right) | {"low": low, "high": high}


def _share(hits, count):
    """Returns `count`, `accuracy`, `low`, `high`."""
    low, high = wilson_interval(hits, count)
    return {"count": count, "accuracy": hits / count, "low": low, "high": high}
