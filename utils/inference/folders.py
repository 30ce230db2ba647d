"""Finds the pictures in folders."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from utils.inference.spreading import spread_places
from utils.inference.streaming import picture_names
from utils.kinds import FilePath

Found = list[tuple[FilePath, list[str]]]  # folders, and the names in each


def find_pictures(paths: Iterable[FilePath], problems: list[str]) -> Found:
    """Finds the pictures that paths stand for; adds empty folders to the problems.

    Args:
        paths: pictures, and folders of pictures.
        problems: list to which messages are added.

    Returns:
        List of (folder, names of files in it), which takes less memory than paths.
    """
    found: Found = []
    for path in map(Path, paths):
        try:
            whole = path.is_dir()
            found.append((path, picture_names(path)) if whole else ("", [str(path)]))
        except (ValueError, OSError) as error:
            problems.append(str(error))
    return found


def picture_paths(found: Found) -> Iterator[str]:
    """Returns an iterator of the paths of what `find_pictures` found."""
    return (os.path.join(folder, name) for folder, names in found for name in names)


def spread_paths(found: Found, most: int) -> list[str]:
    """Returns the paths of some pictures, evenly spread from the first to the last.

    Args:
        found: as `find_pictures` gives it.
        most: how many, 1 or more; all of them where there are no more.
    """
    count = sum(len(names) for _, names in found)
    chosen = set(spread_places(count, most))
    return [path for place, path in enumerate(picture_paths(found)) if place in chosen]
