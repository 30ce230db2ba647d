"""A folder -> what lies below it, behind links as well."""

import os
from pathlib import Path


def walk(folder):
    """Walks through a folder, as `os.walk` does, and into folders that are linked.

    No folder is given twice: by its own place rather than by a link's, and a link to
    what it lies in is followed once at most. What cannot be read is passed over.

    Args:
        folder: path of the folder.

    Yields:
        (path, names of the folders in it, names of the files in it); the `Path` begins
        with `folder`.
    """
    seen, folders, links = set(), [Path(folder)], []
    while folders or links:
        place = (folders or links).pop()
        real = os.path.realpath(place)
        if real in seen:
            continue
        seen.add(real)
        _, inner, files = next(os.walk(place), (None, [], []))
        yield place, inner, files
        for name in sorted(inner, reverse=True):
            path = place / name
            (links if path.is_symlink() else folders).append(path)
