"""Records -> what a page shows of them: matrices, pairs, errors and differences."""

import numpy as np

from utils.analysis.maps.explaining import explain
from utils.analysis.maps.kinds import CONTRAST, EXACT, GRAD_CAM, SIGNED
from utils.hangul import COMPONENTS, split_syllables
from utils.reporting import pictures

# What a page shows at most; the files beside it hold everything.
LIMITS = {
    "groups": 200,
    "syllables": 100,
    "pairs": 10,
    "problems": 20,
    "differences": 24,
}


def shown_matrix(component, matrix):
    """Returns what the page shows of a confusion matrix.

    Args:
        component: `initial`, `medial` or `final`.
        matrix: integer array (true, read) of counts.
    """
    classes = COMPONENTS[component]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    rows = [
        {
            "jamo": jamo,
            "cells": [
                # The square root lets errors of one per cent be seen.
                {
                    "count": int(matrix[true, read]),
                    "rate": float(shares[true, read]),
                    "shade": 0.85 * float(shares[true, read]) ** 0.5,
                    "hit": true == read,
                    "jamo": classes[read],
                }
                for read in range(len(classes))
            ],
        }
        for true, jamo in enumerate(classes)
    ]
    return {"component": component, "classes": classes, "rows": rows}


def shown_pairs(records, rows):
    """Returns the most confused pairs of each component with their pictures.

    Args:
        records: `records.Records`.
        rows: those of `breakdown.pair_rows`.
    """
    chosen = []
    for component, classes in COMPONENTS.items():
        part = [row for row in rows if row["component"] == component]
        for row in part[: LIMITS["pairs"]]:
            key = (component, *(classes.index(row[name]) for name in ("true", "read")))
            squares = records.pairs.get(key, [])
            chosen.append(row | {"examples": list(map(pictures.picture_uri, squares))})
    return chosen


def shown_errors(network, errors):
    """Returns what the page shows of the errors: pictures and maps.

    Args:
        network: the `KoOCR` that made them.
        errors: those that `Records` keep as the worst.
    """
    true = split_syllables([error.label for error in errors])
    rivals = {name: places.tolist() for name, places in true.items()}
    images = [error.picture for error in errors]
    explained = explain(
        network, images, len(errors[0].guesses) if errors else 1, rivals
    )
    return [
        {
            **{name: getattr(error, name) for name in _SHOWN},
            "guess": error.guesses[0][0],
            "picture": pictures.picture_uri(error.picture),
            "square": pictures.picture_uri(error.square),
            "maps": list(_maps(explanation, error.label)),
        }
        for error, explanation in zip(errors, explained, strict=True)
    ]


_SHOWN = ("label", "rank", "name", "source", "group", "guesses")


def _maps(explanation, label):
    """Yields the maps of what was read, then those against the true jamo."""
    kind = EXACT if EXACT in explanation.maps else GRAD_CAM
    true = {name: part[0] for name, part in split_syllables([label]).items()}
    for shown in (kind, CONTRAST):
        maps = explanation.maps[shown]
        top = max(float(np.abs(each).max()) for each in maps.values())
        for head, reading in explanation.readings.items():
            classes = COMPONENTS.get(head)
            wanted = label if classes is None else classes[true[head]]
            if shown == CONTRAST and reading.rival != wanted:
                continue
            yield {
                "head": head,
                "name": reading.name,
                "probability": reading.probability,
                "rival": reading.rival if shown == CONTRAST else "",
                "uri": pictures.heat_uri(
                    explanation.picture, maps[head], top, shown in SIGNED
                ),
            }


def shown_differences(records, other):
    """Returns pictures that one of the two alone read right, the surest errors.

    Args:
        records: `records.Records`.
        other: those of a second network on the same pictures, or None.
    """
    if other is None:
        return {}
    pairs = {"first_alone": (other, records), "second_alone": (records, other)}
    return {
        name: [
            {
                "label": error.label,
                "guess": error.guesses[0][0],
                "square": pictures.picture_uri(error.square),
            }
            for error in wrong.worst
            if right.right["syllable"][error.index]
        ][: LIMITS["differences"]]
        for name, (wrong, right) in pairs.items()
    }
