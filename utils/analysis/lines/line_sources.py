"""Labelled pictures of syllables or of text, or a text and fonts -> lines to read."""

import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from utils.analysis.sources import Chunk, name_problems, read_chunks
from utils.data.converting.conversion import thin
from utils.data.converting.tables import TABLE, decode, open_pictures, read_labels
from utils.data.families import DOMAINS, faces_of
from utils.data.fonts import Face, find_faces
from utils.data.text.composed_lines import compose_line
from utils.data.text.text_lines import TextLine, draw_lines, read_words
from utils.inference.imaging import read_gray
from utils.kinds import FilePath

LINES = 200  # of each source, unless another count is asked for
SIZE = 128  # pixels: sides of the pictures that lines are composed of

_MOST_KEPT = 512  # pictures of a writer or a family that lines are composed of
_SEED = 0


def check_paths(options: Any, on_data: Sequence[str]) -> None:
    """Refuses a `data_path` where the lines of a `text_path` are all that is read.

    Args:
        options: instance of a dataclass with both of them, declared by `utils.cli`.
        on_data: its fields and properties that read data, `lines` among them.

    Raises:
        ValueError: nothing that was asked for reads the data.
    """
    reads = any(getattr(options, name) for name in on_data if name != "lines")
    if options.text_path and not reads and options.data_path != type(options).data_path:
        raise ValueError(
            f"data_path={options.data_path!r} has no part in lines of text_path; "
            "leave one of them out."
        )


def find_lines(
    data_path: FilePath,
    text_path: FilePath,
    font_path: FilePath,
    count: int = LINES,
    vertical: bool = False,
) -> Iterator[tuple[str, TextLine]]:
    """Returns lines of a text, or of the pictures of labelled data.

    Args:
        data_path: as for `sources.read_chunks`, or pictures of lines and pages, whose
            labels in the table are what they say; of no matter where there is a text.
        text_path: of a text in UTF-8; "" takes the data.
        font_path: folder of the fonts that write it.
        count: lines of each source.
        vertical: columns instead.

    Returns:
        As `text_lines`, `own_lines` or `composed_lines`.
    """
    if text_path:
        faces, words = find_faces(font_path)[0], read_words(text_path)
        return text_lines(faces, words, count, vertical=vertical)
    if _holds_texts(data_path):
        return own_lines(data_path, count, vertical)
    chunks = name_problems(read_chunks(data_path, SIZE))
    return composed_lines(chunks, count, vertical=vertical)


def _holds_texts(path):
    """Tells whether the table of a folder or a .zip has labels of several syllables."""
    path = Path(path)
    is_table = (path / TABLE).is_file() if path.is_dir() else zipfile.is_zipfile(path)
    if not is_table:
        return False
    sets, _ = read_labels(path, texts=True)
    return any(len(row["label"]) > 1 for rows in sets.values() for row in rows)


def own_lines(
    path: FilePath, count: int, vertical: bool = False
) -> Iterator[tuple[str, TextLine]]:
    """Reads pictures of lines and pages, with what they say.

    What cannot be read is named on stderr, and left out.

    Args:
        path: of a folder or a .zip of pictures with `labels.tsv`.
        count: pictures of each set, taken evenly.
        vertical: their lines are columns.

    Yields:
        (set, `TextLine`) without the places of characters, which are not known.
    """
    with open_pictures(path, texts=True) as (sets, read):
        for name, rows in sets.items():
            for row in thin(rows, count):
                try:
                    picture = read_gray(decode(read, row["path"]))
                except ValueError as error:
                    print(f"{name}: not read: {row['path']}: {error}", file=sys.stderr)
                    continue
                known = row["label"], np.zeros((0, 4)), row["group"], vertical
                yield name, TextLine(picture, *known)


def composed_lines(
    chunks: Iterable[Chunk], count: int, seed: int = _SEED, vertical: bool = False
) -> Iterator[tuple[str, TextLine]]:
    """Composes lines of the pictures of each writer or family.

    Args:
        chunks: iterable of `sources.Chunk`, of pictures `SIZE` pixels wide.
        count: lines of each source, its writers in turn.
        seed: of the composition.
        vertical: columns instead.

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
            yield source, compose_line(images, labels, group, rng, vertical)


def text_lines(
    faces: Sequence[Face],
    words: Sequence[str],
    count: int,
    seed: int = _SEED,
    vertical: bool = False,
) -> Iterator[tuple[str, TextLine]]:
    """Draws lines of a text with the faces of validation.

    Args:
        faces: `utils.data.fonts.Face`, of training and validation.
        words: of the text; marks, figures and Latin letters among them are left out.
        count: lines of each domain, its families in turn.
        seed: of the drawing.
        vertical: columns instead.

    Yields:
        (domain, `TextLine`).

    Raises:
        ValueError: none of the faces is of validation.
    """
    chosen = faces_of(faces, "val")
    if not chosen:
        raise ValueError(
            "None of the fonts validates: lines of a text are drawn with families that "
            "are not trained on; give two or more of a domain."
        )
    for domain in DOMAINS:
        kept = [face for face in chosen if face.domain == domain]
        rng = np.random.default_rng(seed)
        if kept:
            for line in draw_lines(kept, words, count, rng, 0, vertical):
                yield domain, line
