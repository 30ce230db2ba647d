"""Downloads the patches of 2021 from Google Drive and unpacks them.

    python load_data.py                     # .7z, the smaller archives
    python load_data.py --sevenzip=false    # .zip, which needs no py7zr

A correct run leaves some 300 patches of 5,000 pictures in ./data and ./val_data
together (handwritten_<i>.pickle, printed_<i>.pickle, clova_<i>.pickle): about 1.5
million pictures of 96 x 96 pixels, 13.8 GB (46 MB a patch). The archives stay beside
the two folders; with them there, a second run only checks. Delete them when done.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from utils.cli import check_options, option, parse_options
from utils.data.archives import unpack
from utils.data.download import SEVENZIP_MAGIC, ZIP_MAGIC, DownloadError
from utils.data.drive import fetch_drive
from utils.data.patches import PatchError, list_patches, read_patch, source_of

MAGIC = {".7z": SEVENZIP_MAGIC, ".zip": ZIP_MAGIC}

# Archive -> its id on Google Drive, as published with the project of 2021.
DRIVE_IDS = {
    "data.7z": "1-I3BtCzYE7swpKERGygRhlMnim2xX0_2",
    "val_data.7z": "17NusZQw2RKpBIvCKp6hW6RuJKY43SWqz",
    "data.zip": "1HBu43eBO-vXJsJp8crEp_Iih3_U7QSR2",
    "val_data.zip": "1WOP_sQsu4vXCY739VGgiWIbHyOozcjHw",
}


@dataclass(frozen=True)
class Options:
    """What to download, and where to."""

    sevenzip: bool = option(True, "take the .7z archives (false: .zip)")
    data_path: str = option("./data", "folder for the training patches")
    val_data_path: str = option("./val_data", "folder for the validation patches")

    def __post_init__(self):
        check_options(self)
        if Path(self.data_path).absolute() == Path(self.val_data_path).absolute():
            raise ValueError(
                f"data_path and val_data_path are both {self.data_path!r}; training "
                "and validation patches need a folder each."
            )


def load(name, folder):
    """Downloads one archive, unpacks it and reads a patch of each source in it.

    Args:
        name: of the archive, a key of `DRIVE_IDS`.
        folder: where the patches go; the archive is kept beside it.

    Returns:
        One line that says what is there now.

    Raises:
        DownloadError: the archive cannot be obtained or unpacked.
        PatchError: what was unpacked are no patches.
    """
    archive = Path(folder).absolute().with_name(name)
    fetch_drive(DRIVE_IDS[name], archive, MAGIC[archive.suffix])
    unpack(archive, folder, flat=True)
    paths = list_patches(folder)
    first = {}
    for path in paths:
        first.setdefault(source_of(path), path)
    for path in first.values():
        read_patch(path)
    counts = Counter(map(source_of, paths))
    listed = ", ".join(f"{count} {source}" for source, count in counts.items())
    size = sum(path.stat().st_size for path in paths)
    return f"{folder}: {len(paths)} patches ({listed}), {size / 1e9:.2f} GB"


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    suffix = ".7z" if options.sevenzip else ".zip"
    try:
        print(load(f"data{suffix}", options.data_path))
        print(load(f"val_data{suffix}", options.val_data_path))
    except (DownloadError, PatchError, OSError) as error:
        print(f"load_data: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
