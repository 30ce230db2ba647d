"""PHD08's bitmaps written as text -> patches: 2,350 syllables, printed and scanned.

Ham, Lee, Jung, Oh (2008), "Construction of Printed Hangul Character Database PHD08":
2,187 pictures of each syllable, nine fonts in 243 states of size, resolution, rotation
and noise. A syllable has a text file of its name (`가.txt`), and a picture in it has a
line with its name (the font and five numbers: `S_0_0_0_0_1`), one with height and
width, `height` lines of `width` digits, 1 for ink, and an empty line. The set comes as
an .alz archive, which ALZip or unalz unpack.
"""

import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.bars import progress_bar
from utils.data.converting.conversion import convert_rows, split_rows, thin
from utils.hangul import is_syllable

SOURCE = "phd08"

_LONGEST_SIDE = 1000  # pixels; those of the set have some 20 to 60
_LONGEST_LINE = _LONGEST_SIDE + 2  # bytes, with the line's end
_INK = {ord("0"): 255, ord("1"): 0}
_LEVELS = np.array([_INK.get(byte, 1) for byte in range(256)], np.uint8)


class PHD08Error(ValueError):
    """A file of PHD08 cannot be used; the message names it and the reason."""


class TextBitmap(NamedTuple):
    """Where a picture lies: the file, the byte that its rows begin at, its size."""

    path: str
    offset: int
    height: int
    width: int

    def read(self):
        """Returns the picture, `uint8` (height, width), ink 0 on 255.

        Raises:
            PHD08Error: a row holds something else than `width` zeros and ones.
            OSError: the file cannot be read.
        """
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            rows = [file.readline(_LONGEST_LINE).strip() for _ in range(self.height)]
        place = f"{self.path}, the picture at byte {self.offset:,}"
        if {len(row) for row in rows} != {self.width}:
            raise PHD08Error(f"{place}: expected rows of {self.width} digits.")
        levels = _LEVELS[np.frombuffer(b"".join(rows), np.uint8)]
        if (levels == 1).any():
            raise PHD08Error(f"{place}: expected nothing but 0 and 1.")
        return levels.reshape(self.height, self.width)


def list_bitmaps(path):
    """Lists the pictures of a file.

    Args:
        path: of a text file.

    Returns:
        List of (name, `TextBitmap`) in order.

    Raises:
        PHD08Error: the file is built otherwise.
        OSError: it cannot be read.
    """
    pictures = []
    with open(path, "rb") as file:
        while name := _next_line(file):
            height, width = _read_size(file, path, name)
            picture = TextBitmap(str(path), file.tell(), height, width)
            for _ in range(height):
                if not file.readline(_LONGEST_LINE).strip():
                    raise PHD08Error(
                        f"{path} ends in the middle of {_shown(name)}; unpack it again."
                    )
            pictures.append((_shown(name), picture))
    return pictures


def convert_phd08(
    dataset_path,
    pickle_path,
    val_path,
    prepare,
    *,
    val_ratio=0.1,
    images_per_syllable=0,
    pickle_size=5000,
    seed=0,
    workers=None,
    quiet=False,
):
    """Converts the set to patches `phd08_<number>.pickle`.

    It has no official split: as in the papers pictures are split at random, and the
    same fonts stand in both halves. All of it are 5,139,450 pictures: 47 GB of patches
    of 96 pixels, and some 2 GB of memory to plan them in.

    Args:
        dataset_path: folder with the text files somewhere below it.
        pickle_path: folder for the training patches.
        val_path: folder for the validation patches.
        prepare: as for `conversion.convert_rows`.
        val_ratio: fraction of the pictures for validation, 0-1.
        images_per_syllable: pictures of each at most, taken evenly over fonts and
            states; 0 takes all.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        seed: of split and order.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        A `conversion.Summary`.

    Raises:
        PHD08Error: there is no such file, or one is built otherwise.
        PatchError: a patch of that name is there and holds something else.
        ValueError: an option is out of range.
        OSError: a folder or a file cannot be read.
    """
    paths = {
        path: _syllable(path) for path in sorted(Path(dataset_path).rglob("*.txt"))
    }
    if not any(map(is_syllable, paths.values())):
        raise PHD08Error(
            f"{dataset_path} holds no text file that a syllable names (가.txt); unpack "
            "phd08.alz there, with ALZip or unalz."
        )
    rows, illegal = [], []
    for path, syllable in progress_bar(
        paths.items(), "files", unit="file", quiet=quiet
    ):
        if not is_syllable(syllable):
            illegal.append(f"{path.name} names no syllable")
            continue
        pictures = list_bitmaps(path)
        numbered = list(enumerate(pictures))
        for number, (name, picture) in thin(numbered, images_per_syllable):
            rows.append((f"{syllable}/{name}/{number}", syllable, picture))
    summary = convert_rows(
        "PHD08",
        split_rows(rows, SOURCE, val_ratio, seed),
        (pickle_path, val_path),
        SOURCE,
        prepare,
        pickle_size=pickle_size,
        workers=workers,
        quiet=quiet,
    )
    return summary._replace(illegal=illegal)


def _syllable(path):
    """Returns the name of a file, composed, for some systems take Hangul apart."""
    return unicodedata.normalize("NFC", path.stem)


def _next_line(file):
    """Returns the next line that is not empty; b'' at the end."""
    while line := file.readline(_LONGEST_LINE):
        if line := line.strip():
            return line
    return b""


def _read_size(file, path, name):
    """Returns (height, width) from the line after a picture's name."""
    fields = file.readline(_LONGEST_LINE).split()
    if len(fields) != 2 or not all(f.isdigit() and len(f) <= 4 for f in fields):
        raise PHD08Error(
            f"{path}: after {_shown(name)} came {_shown(b' '.join(fields))!r}; "
            "expected height and width. This is no file of PHD08."
        )
    height, width = map(int, fields)
    if not 1 <= min(height, width) <= max(height, width) <= _LONGEST_SIDE:
        raise PHD08Error(
            f"{path}: {_shown(name)} is {height} x {width} pixels; expected 1 to "
            f"{_LONGEST_SIDE} a side."
        )
    return height, width


def _shown(name):
    return name[:40].decode("ascii", "replace")
