"""Published sets -> what their protocol asks of a network, and what others reached.

A protocol's answer is one of the set's own classes; this network, which could answer
any syllable, is asked for the most probable of these.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from utils.analysis.metrics import wilson_interval
from utils.analysis.report import Percent
from utils.analysis.tally import CLOSED, Tally
from utils.data.patches import list_patches, read_patch, source_of
from utils.hangul import ksx1001_syllables
from utils.kinds import FilePath


class Figure(NamedTuple):
    """What somebody reached.

    system: what, by whom. top_1: as printed there, in per cent. source: where.
    """

    system: str
    top_1: str
    source: str


_HYBRID = "https://doi.org/10.1007/s10032-015-0256-9"
_KCR = "https://doi.org/10.3745/JIPS.04.0061"

# Of HanDB, the union of the first two, no figure has been found.
PUBLISHED = {
    "pe92": (
        Figure("statistical, Park, Kim, Liu 2013", "85.99", "HangulDB, README"),
        Figure(
            "DCNN, Kim, Xie 2015", "92.92", "https://doi.org/10.1007/s10032-014-0229-4"
        ),
        Figure("hybrid learning, Kim, Choi, Lee 2016", "96.34", _HYBRID),
        Figure(
            "GoogLeNet, Kim, Chung 2018 (split unknown)",
            "98.64",
            "https://koreascience.kr JAKO201823955287871",
        ),
    ),
    "seri95a": (
        Figure("statistical, Park, Kim, Liu 2013", "93.71", "HangulDB, README"),
        Figure(
            "DCNN, Kim, Xie 2015", "95.96", "https://doi.org/10.1007/s10032-014-0229-4"
        ),
        Figure("hybrid learning, Kim, Choi, Lee 2016", "97.67", _HYBRID),
    ),
    "handb": (),
    "phd08": (
        Figure("KCR-AlexNet, Lee et al. 2018 (own split)", "> 98", _KCR),
        Figure("KCR-GoogLeNet, Lee et al. 2018 (own split)", "> 99", _KCR),
    ),
}

_SERI95A = (
    "seri95a"  # 520 syllables that no standard lists; the others have KS X 1001's
)


def closed_charsets(
    path: FilePath, syllables: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Returns the classes of the published sets that a folder of patches holds.

    Args:
        path: folder of patches, or anything else.
        syllables: what the network can answer.

    Returns:
        Dict, source -> tuple of syllables; empty where there is no such set.

    Raises:
        PatchError: a patch is damaged.
    """
    if not Path(path).is_dir() or not any(Path(path).glob("*_*.pickle")):
        return {}
    members: dict[str, list[Path]] = {}
    for each in list_patches(path):
        if source_of(each) in PUBLISHED:
            members.setdefault(source_of(each), []).append(each)
    charsets = {}
    for source, paths in members.items():
        classes = ksx1001_syllables()
        if source == _SERI95A:
            labels = [np.unique(read_patch(each).labels) for each in paths]
            classes = np.unique(np.concatenate(labels)).tolist()
        known = set(syllables)
        charsets[source] = tuple(s for s in classes if s in known)
    return charsets


def published_rows(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    """Returns a row for the network and one for each published figure of its sets.

    Args:
        tallies: dict, source -> `tally.Tally`.

    Returns:
        List of dicts: `source`, `system`, `classes`, `top_1` (text, per cent) and
        `from`.
    """
    rows = []
    for source, tally in tallies.items():
        if not tally.closed:
            continue
        right = tally.right[CLOSED]
        low, high = wilson_interval(int(right.sum()), len(right))
        top_1 = f"{Percent(right.mean())} ({Percent(low)}-{Percent(high)})"
        ours = Figure(f"this network, {len(right):,} pictures", top_1, "this run")
        rows += [
            {
                "source": source,
                "system": figure.system,
                "classes": len(tally.closed),
                "top_1": figure.top_1,
                "from": figure.source,
            }
            for figure in (ours, *PUBLISHED[source])
        ]
    return rows
