"""Patches -> what one of several processes reads of them, and in how many steps."""

from utils.data.patches import PatchError, read_patch, source_of


def take_share(paths, share):
    """Returns the patches of a share.

    Args:
        paths: list of patch files.
        share: (number, count): which of `count` shares this is, from 0. They are
            disjoint and mix the sources alike.

    Raises:
        ValueError: there are fewer patches than shares.
    """
    number, count = share
    if len(paths) < count:
        raise ValueError(
            f"{len(paths)} patches cannot be shared by {count} processes, "
            "each of which reads its own; make more and smaller patches."
        )
    # Source by source, and dealt out like cards.
    order = sorted(paths, key=source_of) if count > 1 else paths
    return order[number::count]


def count_rows(path, encode):
    """Returns the number of rows of a patch whose labels can be encoded.

    Args:
        path: patch file.
        encode: labels (batch,) -> dict of targets.

    Raises:
        PatchError: the patch is damaged or has labels that `encode` refuses.
    """
    labels = read_patch(path).labels
    try:
        encode(labels)
    except ValueError as error:
        raise PatchError(f"{path}: {error}") from None
    return len(labels)


def count_steps(num_images, batch_size, whole):
    """Returns the number of batches in an epoch.

    Args:
        num_images: pictures in an epoch.
        batch_size: pictures a step.
        whole: leave out what does not fill a batch at the end of an epoch.

    Raises:
        ValueError: there is less than a batch, and `whole` ones are asked for.
    """
    if not whole:
        return -(-num_images // batch_size)
    if num_images < batch_size:
        raise ValueError(
            f"{num_images} pictures do not fill a batch of {batch_size}; "
            "give a smaller batch_size or more patches."
        )
    return num_images // batch_size
