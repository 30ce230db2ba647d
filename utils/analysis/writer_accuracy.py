"""Pictures of writers -> top-1 of each: alone, together, adapted to, as text."""

import numpy as np

from utils.inference.answers import Answering
from utils.inference.decoding import syllable_ranks
from utils.inference.estimation import estimate_prior
from utils.inference.network import BATCH
from utils.inference.prior import USUAL

FEWEST = 20  # pictures of a writer, below which little can be learnt of them


def writer_rows(network, chunks, prior=USUAL, adapting=False):
    """Measures every writer, each picture alone, together, and after adaptation.

    A writer adapts by the pictures that are then read, without their labels. What
    cannot be prepared is left out.

    Args:
        network: a `KoOCR`, with prototypes where it is to adapt.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        prior: as for `predict`.
        adapting: also adapt, and read what has adapted together.

    Returns:
        Dicts with `source`, `writer`, `count`, top-1 (0-1) as it is (`before`),
        `together` and, if adapting, `after`, and the `rare` and `text` of together.
    """
    rows = []
    for (source, writer), (images, labels) in _by_writer(chunks).items():
        if len(images) < FEWEST:
            continue
        heads = network.probabilities(images)
        found = estimate_prior([heads], network.syllables, prior)
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, prior)
        row["together"] = _top_1(network, heads, labels, found)
        if adapting:
            adapted = network.adapt_to(images, prior.rare, prior.text)
            read = adapted.probabilities(images)
            own = estimate_prior([read], network.syllables, prior)
            row["after"] = _top_1(network, read, labels, own)
        rows.append(row | {"rare": found.rare, "text": found.text})
    return rows


def order_rows(network, chunks, prior=USUAL):
    """Measures every writer, each picture alone, and all as text in their order.

    Args:
        network: a `KoOCR`.
        chunks: as for `writer_rows`.
        prior: as for `predict`.

    Returns:
        Dicts as of `writer_rows`, with top-1 (0-1) `before` and `ordered`.
    """
    rows = []
    for (source, writer), (images, labels) in _by_writer(chunks).items():
        heads = network.probabilities(images)
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, prior)
        read = _read_in_order(network, heads, prior)
        row["ordered"] = float((read == labels).mean())
        rows.append(row)
    return rows


def _read_in_order(network, heads, prior):
    """Returns the syllables of pictures as `predict` reads them in order."""
    how = {"rare": prior.rare, "text": prior.text, "in_order": True}
    answering = Answering(network.syllables, **how)
    count = len(next(iter(heads.values())))
    parts = [
        answering(
            {name: values[start : start + BATCH] for name, values in heads.items()}
        )
        for start in range(0, count, BATCH)
    ]
    return np.array([best for part in parts for (best,) in part])


def _by_writer(chunks):
    """Returns {(source, writer): (images, labels)} of what could be prepared."""
    parts: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for chunk in chunks:
        readable, labels = chunk.readable, np.asarray(chunk.labels)
        for writer in np.unique(chunk.groups[readable]):
            own = readable & (chunk.groups == writer)
            key = (chunk.source, str(writer))
            parts.setdefault(key, []).append((chunk.images[own], labels[own]))
    joined = {key: zip(*some, strict=True) for key, some in parts.items()}
    return {
        key: (np.concatenate(images), np.concatenate(labels))
        for key, (images, labels) in joined.items()
    }


def _top_1(network, heads, labels, prior):
    """Returns the share of pictures that are read rightly."""
    ranks = syllable_ranks(heads, labels, network.syllables, prior)
    return float((ranks == 1).mean())
