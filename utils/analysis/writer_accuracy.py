"""Pictures of writers -> top-1 of each: alone, together, adapted to, as text."""

import numpy as np

from utils.inference.answers import Answering
from utils.inference.attempts import fill_in
from utils.inference.decoding import syllable_ranks
from utils.inference.estimation import estimate_prior
from utils.inference.network import BATCH
from utils.inference.prior import DEFAULT_PRIOR

FEWEST = 20  # pictures of a writer, below which little can be learnt of them


def writer_rows(network, chunks, prior=DEFAULT_PRIOR, adapting=False, few=None):
    """Measures every writer, each picture alone, together, and after adaptation.

    A writer adapts by the pictures that are then read, without their labels. What
    cannot be prepared counts as wrong.

    Args:
        network: a `KoOCR`, with prototypes where it is to adapt.
        chunks: iterable of `sources.Chunk`; their groups are the writers.
        prior: as for `predict`.
        adapting: also adapt, and read what has adapted together.
        few: dict that gets (source, writer) -> count of those left out, who have fewer
            than `FEWEST` pictures that can be prepared.

    Returns:
        Dicts with `source`, `writer`, `count`, top-1 (0-1) as it is (`before`),
        `together` and, if adapting, `after`, and the `rare` and `text` of together.
    """
    rows = []
    for (source, writer), (images, labels, readable) in _by_writer(chunks).items():
        images = images[readable]
        if len(images) < FEWEST:
            if few is not None:
                few[source, writer] = len(images)
            continue
        heads = network.probabilities(images)
        found = estimate_prior([heads], network.syllables, prior)
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, readable, prior)
        row["together"] = _top_1(network, heads, labels, readable, found)
        if adapting:
            adapted = network.adapt_to(images, prior.rare, prior.text)
            read = adapted.probabilities(images)
            own = estimate_prior([read], network.syllables, prior)
            row["after"] = _top_1(network, read, labels, readable, own)
        rows.append(row | {"rare": found.rare, "text": found.text})
    return rows


def order_rows(network, chunks, prior=DEFAULT_PRIOR):
    """Measures every writer, each picture alone, and all as text in their order.

    Args:
        network: a `KoOCR`.
        chunks: as for `writer_rows`.
        prior: as for `predict`.

    Returns:
        Dicts as of `writer_rows`, with top-1 (0-1) `before` and `ordered`.
    """
    rows = []
    for (source, writer), (images, labels, readable) in _by_writer(chunks).items():
        if not readable.any():
            continue
        heads = network.probabilities(images[readable])
        row = {"source": source, "writer": writer, "count": len(labels)}
        row["before"] = _top_1(network, heads, labels, readable, prior)
        read = _read_in_order(network, heads, readable, prior)
        row["ordered"] = float((read == labels).mean())
        rows.append(row)
    return rows


def _read_in_order(network, heads, readable, prior):
    """Returns the syllables of pictures as `predict` reads them in order; "" of none.

    Args:
        network: a `KoOCR`.
        heads: its probabilities of those that could be prepared.
        readable: `bool` (pictures,), which these are.
        prior: as for `predict`.
    """
    how = {"rare": prior.rare, "text": prior.text, "in_order": True}
    answering, read = Answering(network.syllables, **how), []
    for start in range(0, len(readable), BATCH):
        part = readable[start : start + BATCH]
        first = int(readable[:start].sum())
        rows = slice(first, first + int(part.sum()))
        own = {name: values[rows] for name, values in heads.items()}
        lost = [None if known else ValueError("lost") for known in part]
        read += fill_in(lost, own if part.any() else None, answering)
    return np.array(["" if isinstance(each, ValueError) else each[0] for each in read])


def _by_writer(chunks):
    """Returns {(source, writer): (images, labels, which could be prepared)}."""
    parts: dict[tuple[str, str], list[tuple[np.ndarray, ...]]] = {}
    for chunk in chunks:
        readable, labels = chunk.readable, np.asarray(chunk.labels)
        for writer in np.unique(chunk.groups):
            own = chunk.groups == writer
            some = chunk.images[own], labels[own], readable[own]
            parts.setdefault((chunk.source, str(writer)), []).append(some)
    return {
        key: tuple(map(np.concatenate, zip(*some, strict=True)))
        for key, some in parts.items()
    }


def _top_1(network, heads, labels, readable, prior):
    """Returns the share of pictures that are read rightly: no other than readable."""
    ranks = syllable_ranks(heads, labels[readable], network.syllables, prior)
    return float((ranks == 1).sum()) / len(labels)
