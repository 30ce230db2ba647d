"""AI Hub's "한국어 글자체 이미지" -> patches, on all cores, resumable.

The set has no writer ids, so training and validation are split by picture: the same
hands stand in both, and figures on these validation patches flatter. Differs from the
script of 2021 in that no picture is deleted and the last, smaller patch is written.
"""

from utils.data.aihub_files import find_source
from utils.data.converting.conversion import convert_rows, split_rows


def convert_aihub(
    aihub_path,
    pickle_path,
    val_path,
    source,
    prepare,
    *,
    val_ratio=0.1,
    pickle_size=5000,
    first_index=0,
    val_first_index=0,
    seed=0,
    workers=None,
    quiet=False,
):
    """Converts one half of the set to patches `<source>_<number>.pickle`.

    Which picture goes where follows from its id and the seed alone. Patches that are
    there from a run that was stopped are kept; a picture that cannot be read leaves its
    patch the shorter.

    Args:
        aihub_path: folder with the label file and the pictures, unpacked or in .zip.
        pickle_path: folder of the training patches.
        val_path: folder of the validation patches.
        source: `handwritten` or `printed`.
        prepare: function PIL image -> `uint8` (side, side), dark ink on white, that
            raises ValueError where it finds no ink; with several workers one that can
            be pickled.
        val_ratio: fraction of the pictures for validation, 0-1.
        pickle_size: pictures a patch; the last of a split may hold fewer.
        first_index: number of the first training patch.
        val_first_index: number of the first validation patch.
        seed: of split and order.
        workers: processes; None uses all cores.
        quiet: show no progress bar.

    Returns:
        A `conversion.Summary`.

    Raises:
        AIHubError: labels or pictures are absent or damaged.
        PatchError: a patch of that name is there and holds something else.
        ValueError: `val_ratio` or `pickle_size` is out of range.
    """
    rows, missing, illegal = find_source(aihub_path, source)
    summary = convert_rows(
        f"AI Hub {source}",
        split_rows(rows, source, val_ratio, seed),
        (pickle_path, val_path),
        source,
        prepare,
        first=(first_index, val_first_index),
        pickle_size=pickle_size,
        workers=workers,
        quiet=quiet,
    )
    return summary._replace(missing=missing, illegal=illegal)
