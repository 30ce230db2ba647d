"""How well lines of text are read: character error rate, spaces, whole lines."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from utils.analysis.line_figure import line_figure
from utils.analysis.metrics import wilson_interval
from utils.analysis.plots import save_figure
from utils.analysis.report import Percent, show_table
from utils.analysis.sources import Chunk
from utils.data.composed_lines import compose_line
from utils.data.families import DOMAINS, split_families
from utils.data.fonts import Face
from utils.data.text_lines import TextLine, draw_lines
from utils.hangul import is_syllable
from utils.inference.prior import USUAL, Prior
from utils.kinds import FilePath
from utils.lines.reading import UNREAD

SIZE = 128  # pixels: sides of the pictures that lines are composed of
MARKS = " .,:'\"~-"  # no part of what is compared

_MOST_KEPT = 512  # pictures of a writer or a family that lines are composed of
_SEED = 0


class Errors(NamedTuple):
    """What is wrong with a line that was read.

    syllables: how many it has.
    edits: least number of syllables to put in, take out or change.
    spaces: of its inner gaps between syllables, how many are wrongly a space or none;
        0 where syllables are wrong, for which gap is which is then not clear.
    gaps: how many gaps were compared.
    """

    syllables: int
    edits: int
    spaces: int
    gaps: int


def composed_lines(
    chunks: Iterable[Chunk], count: int, seed: int = _SEED
) -> Iterator[tuple[str, TextLine]]:
    """Composes lines of the pictures of each writer or family.

    Args:
        chunks: iterable of `sources.Chunk`, of pictures `SIZE` pixels wide.
        count: lines of each source, its writers in turn.
        seed: of the composition.

    Yields:
        (source, `TextLine`).
    """
    sources: dict[str, dict[str, list[Any]]] = {}
    for chunk in chunks:
        groups = sources.setdefault(chunk.source, {})
        for place in np.flatnonzero(chunk.readable):
            kept = groups.setdefault(str(chunk.groups[place]), [])
            if len(kept) < _MOST_KEPT:
                kept.append((chunk.images[place], str(chunk.labels[place])))
    for source, groups in sources.items():
        rng = np.random.default_rng(seed)
        for number in range(count):
            group = list(groups)[number % len(groups)]
            images, labels = zip(*groups[group], strict=True)
            yield source, compose_line(images, labels, group, rng)


def text_lines(
    faces: Sequence[Face], words: Sequence[str], count: int, seed: int = _SEED
) -> Iterator[tuple[str, TextLine]]:
    """Draws lines of a text with the faces of validation.

    Args:
        faces: `utils.data.fonts.Face`, of training and validation.
        words: of the text; marks, figures and Latin letters among them are left out.
        count: lines of each domain, its families in turn.
        seed: of the drawing.

    Yields:
        (domain, `TextLine`).
    """
    splits = split_families(faces, 0.1, seed)
    for domain in DOMAINS:
        kept = [f for f in faces if f.domain == domain and splits[f.family] == "val"]
        if kept:
            rng = np.random.default_rng(seed)
            for line in draw_lines(kept, words, count, rng, others=0):
                yield domain, line


def report_lines(
    network: Any,
    lines: Iterable[tuple[str, TextLine]],
    folder: Path,
    prior: Prior = USUAL,
) -> list[FilePath]:
    """Reads lines; prints what is wrong with them, and writes it as CSV.

    A figure shows the first lines of every source, and what they are read as.

    Args:
        network: a `KoOCR`.
        lines: iterable of (source, `TextLine`).
        folder: path of the folder for `lines.csv` and `lines.png`.
        prior: as for `predict`.

    Returns:
        List of the paths written.
    """
    found: dict[str, list[Errors]] = {}
    seconds: dict[str, float] = {}
    shown: list[tuple[np.ndarray, str]] = []
    for source, line in tqdm(lines, unit=" lines", delay=2, disable=None):
        start = time.perf_counter()
        text = _read(network, line, prior)
        seconds[source] = seconds.get(source, 0) + time.perf_counter() - start
        found.setdefault(source, []).append(compare_texts(line.text, text))
        if len(found[source]) <= 6:
            shown.append((line.picture, text))
    rows = [_row(source, errors, seconds[source]) for source, errors in found.items()]
    header = (
        "source",
        "lines",
        "syllables",
        "CER %",
        "lines without error % (95 % interval)",
        "wrong spaces %",
        "ms a syllable",
    )
    written = [show_table(header, list(map(_cells, rows)), rows, folder / "lines.csv")]
    save_figure(folder / "lines.png", line_figure(*zip(*shown, strict=True)))
    return [*written, folder / "lines.png"]


def _read(network, line, prior):
    """Returns the text of a picture, its lines after each other."""
    try:
        found = network.predict_lines(line.picture, rare=prior.rare, text=prior.text)
    except ValueError:  # without ink, as it seems
        return ""
    return " ".join(each.text for each in found)


def compare_texts(true: str, read: str) -> Errors:
    """Compares what a line says with what it is read as.

    Letters and figures of other scripts count as `UNREAD`, marks do not count.

    Args:
        true: what it says.
        read: what it is read as.
    """
    wanted, got = (_comparable(text) for text in (true, read))
    edits = edit_distance(wanted.replace(" ", ""), got.replace(" ", ""))
    count = len(wanted.replace(" ", ""))
    if edits:
        return Errors(count, edits, 0, 0)
    wrong = _space_places(wanted) ^ _space_places(got)
    return Errors(count, 0, len(wrong), max(count - 1, 0))


def _comparable(text):
    """Returns a text with `UNREAD` for other scripts, without marks."""
    kept = (c for c in text if c == " " or c not in MARKS)
    shown = (c if is_syllable(c) or c == " " else UNREAD for c in kept)
    return " ".join("".join(shown).split())


def _space_places(text):
    """Returns after how many syllables there is a space: a set."""
    places, seen = set(), 0
    for character in text:
        if character == " ":
            places.add(seen)
        seen += character != " "
    return places


def edit_distance(one: str, other: str) -> int:
    """Returns how many characters must be put in, taken out or changed (Levenshtein).

    Args:
        one: a text.
        other: another.
    """
    row = list(range(len(other) + 1))
    for done, character in enumerate(one, 1):
        before, row[0] = row[0], done
        for at, wanted in enumerate(other, 1):
            change = before + (character != wanted)
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, change)
    return row[-1]


def _row(source, errors, seconds):
    """Returns the figures of a source, fractions 0-1."""
    syllables, edits, spaces, gaps = map(sum, zip(*errors, strict=True))
    right = sum(not each.edits for each in errors)
    low, high = wilson_interval(right, len(errors))
    return {
        "source": source,
        "lines": len(errors),
        "syllables": syllables,
        "cer": edits / syllables,
        "right": right / len(errors),
        "low": low,
        "high": high,
        "wrong_spaces": spaces / gaps if gaps else 0.0,
        "ms_a_syllable": 1000 * seconds / syllables,
    }


def _cells(row):
    share = f"{Percent(row['right'])} ({Percent(row['low'])}-{Percent(row['high'])})"
    return [
        row["source"],
        row["lines"],
        row["syllables"],
        Percent(row["cer"]),
        share,
        Percent(row["wrong_spaces"]),
        f"{row['ms_a_syllable']:.1f}",
    ]
