"""Downloads the patches of 2021, or converts a published set to patches.

    python load_data.py                     # .7z, the smaller archives
    python load_data.py --sevenzip=false    # .zip, which needs no py7zr
    python load_data.py --dataset=pe92 --dataset_path=./HangulDB
    python load_data.py --dataset=phd08 --dataset_path=./phd08 --images_per_syllable=100
    python load_data.py --dataset=pictures --dataset_path=./mine      # your own

Without --dataset, a correct run leaves some 300 patches of 5,000 pictures in ./data and
./val_data together (handwritten_<i>.pickle, printed_<i>.pickle, clova_<i>.pickle):
about 1.5 million pictures of 96 x 96 pixels, 13.8 GB (46 MB a patch). The archives stay
beside the two folders; with them there, a second run only checks. Delete them when
done.

HangulDB's sets (pe92, seri95a, handb) and PHD08 are fetched by hand and lie in
--dataset_path; patches are named after the set. HangulDB's official test pictures
become the validation patches; PHD08, which has no split, is split by picture.

Own pictures lie in a folder or .zip with a table, labels.tsv: columns path and label,
and where wanted set and group (the writer), which the splits do not share if it can be.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from utils.cli import check_options, option, parse_options
from utils.data.converting.labelled import SOURCE as PICTURES
from utils.data.datasets import DATASETS, UNSPLIT, convert
from utils.data.fetching.archives import unpack
from utils.data.fetching.download_checks import SEVENZIP_MAGIC, ZIP_MAGIC, DownloadError
from utils.data.fetching.drive import fetch_drive
from utils.data.hands.morphed_patches import SOURCE as MORPHED
from utils.data.hands.recombined_patches import SOURCE as RECOMBINED
from utils.data.hanguldb import SETS
from utils.data.patches import (
    INVENTED,
    PRINTED,
    check_folders,
    is_source,
    list_patches,
    read_patch,
    source_of,
)
from utils.output import run_script

# Prefixes that say how pictures were made, which own ones were not.
TAKEN = (*PRINTED, INVENTED, RECOMBINED, MORPHED)

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
    """What to download or convert, and where to."""

    sevenzip: bool = option(True, "take the .7z archives (false: .zip)")
    data_path: str = option("./data", "folder for the training patches")
    val_data_path: str = option("./val_data", "folder for the validation patches")
    dataset: str = option(
        "", "convert this set ('': download the patches of 2021)", ("", *DATASETS)
    )
    dataset_path: str = option(
        "./datasets",
        "folder of the set's files (pictures: or .zip)",
        read_by=("dataset",),
    )
    source: str = option(
        PICTURES,
        "prefix of the patches of pictures: sets with one each may share a folder",
    )
    drop_last: int = option(
        0,
        "pictures to leave out at the end of each of HangulDB's files, where PE92 has "
        "most of its wrong labels",
        low=0,
    )
    images_per_syllable: int = option(
        0,
        "pictures of each syllable (HangulDB: and split) at most (0: all)",
        low=0,
        read_by=("dataset",),
    )
    val_ratio: float = option(
        0.1, "share of phd08 or pictures to validate by", low=0.0, high=1.0
    )
    image_size: int = option(
        96, "side of a converted set's pictures", low=16, read_by=("dataset",)
    )
    pickle_size: int = option(
        5000, "pictures a patch of a converted set", low=1, read_by=("dataset",)
    )
    workers: int = option(
        0, "processes that convert (0: all cores)", low=0, read_by=("dataset",)
    )
    seed: int = option(
        0, "of a converted set's order and split", low=0, read_by=("dataset",)
    )

    def __post_init__(self):
        check_options(self)
        check_folders(self.data_path, self.val_data_path)
        if self.drop_last and self.dataset not in SETS:
            raise ValueError(
                f"drop_last={self.drop_last} is for the sets of HangulDB; set dataset "
                f"to one of {', '.join(SETS)}."
            )
        if self.source != PICTURES:
            self._check_source()
        if self.val_ratio != 0.1 and self.dataset not in UNSPLIT:
            raise ValueError(
                f"val_ratio={self.val_ratio:g} splits {' and '.join(UNSPLIT)}; the "
                "others come split. Set dataset to one of them, or leave it."
            )
        if self.dataset and not self.sevenzip:
            raise ValueError(
                "sevenzip=false chooses among the archives of 2021; "
                f"dataset={self.dataset} is converted. Leave it."
            )

    def _check_source(self):
        """Raises ValueError where no patches can be called as asked."""
        if self.dataset != PICTURES:
            raise ValueError(
                f"source={self.source!r} is for dataset={PICTURES}; patches of other "
                "sets have the set's name. Leave it."
            )
        if not is_source(self.source) or self.source in TAKEN:
            raise ValueError(
                f"source={self.source!r}; expected letters (a-z), digits and "
                f"underscores between them, as in my_hand; none of {', '.join(TAKEN)}."
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
        if options.dataset:
            summary = convert(options)
            print(summary)
            return 0 if summary.train + summary.val else 1
        print(load(f"data{suffix}", options.data_path))
        print(load(f"val_data{suffix}", options.val_data_path))
    except (DownloadError, ValueError, OSError) as error:
        print(f"load_data: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    run_script(main)
