"""Folders that are called as the syllables in their pictures: 한/1.png -> rows."""

import unicodedata
from pathlib import PurePosixPath

from utils.data.folders import walk
from utils.data.patch_contents import MAX_TEXT
from utils.hangul import is_syllable
from utils.pictures.opening import SUFFIXES


def names_below(folder):
    """Returns the names of all files below a folder, relative to it, in order.

    Folders that are linked are looked into as those that lie there.

    Args:
        folder: path of the folder.
    """
    found = []
    for place, _, files in walk(folder):
        found += [(place / name).relative_to(folder) for name in files]
    return sorted(path.as_posix() for path in found)


def rows_of_names(names, default_set):
    """Returns the rows of pictures that lie in folders called as syllables.

    Args:
        names: of files, with `/` between their folders.
        default_set: name of the set, and of the group of a picture whose syllable's
            folder lies in no other; else that one is the group: 김/한/1.png is 김's.

    Returns:
        List of dicts of `path`, `label`, `set` and `group`, as `tables.read_labels`
        gives them; hidden files, and what lies elsewhere, are passed over.
    """
    rows = []
    for name in names:
        place = PurePosixPath(name)
        label = unicodedata.normalize("NFC", place.parent.name)
        is_hidden = place.name[:1] in ("", ".") or name.endswith("/")
        is_picture = place.name.lower().endswith(SUFFIXES) and not is_hidden
        if is_picture and is_syllable(label):
            group = place.parent.parent.name[:MAX_TEXT] or default_set
            row = {"path": name, "label": label, "set": default_set, "group": group}
            rows.append(row)
    return rows
