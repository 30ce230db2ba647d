"""What a patch must hold: pictures, as many labels and, where there are, families."""

from itertools import islice

import numpy as np

from utils.hangul import is_syllable

_SMALL = 1 << 20  # bytes of families that any patch may have
MAX_TEXT = 256  # characters of a family's name


class PatchError(ValueError):
    """A patch file cannot be used; the message names the file and the reason."""


def check_contents(content, path, max_bytes=None):
    """Checks what was read from a patch, or is to be written to one.

    Args:
        content: dict of `image`, `label` and perhaps `family`.
        path: of the patch, for the message.
        max_bytes: that pictures or families may take in memory; None is any number.

    Returns:
        (images, labels, families): `uint8` (rows, height, width), `<U1` (rows,), and
        `<U` (rows,) or None.

    Raises:
        PatchError: the arrays do not make a patch.
    """
    if not isinstance(content, dict) or not {"image", "label"} <= content.keys():
        held = _keys(content) if isinstance(content, dict) else type(content)
        raise PatchError(
            f"{path}: expected a dict of 'image' and 'label', got {held!s:.200}."
        )
    try:
        images = _check_images(content["image"], max_bytes)
        labels = _check_texts(content["label"], "label", len(images))
        bad = next((i for i, text in enumerate(labels) if not is_syllable(text)), None)
        if bad is not None:
            raise PatchError(
                f"'label' {labels[bad]!r:.50} in row {bad} is no Hangul syllable."
            )
        families = content.get("family")
        if families is not None:
            families = _check_families(families, len(images), max_bytes)
    except PatchError as error:
        raise PatchError(f"{path}: {error}") from None
    return images, np.array(labels, "<U1"), families


def _keys(content):
    """Returns some keys of a dict as text; of what is no text, the type."""
    some = islice(content, 20)
    return [key if isinstance(key, str) else type(key).__name__ for key in some]


def _check_images(images, max_bytes):
    """Returns `uint8` (rows, height, width), or says what is wrong."""
    if isinstance(images, (list, tuple)):
        images = _stack(images, max_bytes)
    images = np.ascontiguousarray(images)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise PatchError(
            f"'image' is {images.dtype} of shape {images.shape}; expected uint8 of "
            "shape (rows, height, width)."
        )
    if 0 in images.shape:
        raise PatchError(f"'image' of shape {images.shape} holds no picture.")
    return images


def _stack(pictures, max_bytes):
    """Returns a list of pictures as one array, or says what is wrong."""
    kinds = {
        f"{each.dtype} {each.shape}"
        if isinstance(each, np.ndarray)
        else type(each).__name__
        for each in pictures
    }
    if len(kinds) != 1 or not isinstance(pictures[0], np.ndarray):
        held = ", ".join(sorted(kinds)[:3]) or "nothing"
        raise PatchError(
            f"'image' is a list of {held}; expected uint8 pictures of one size."
        )
    size = len(pictures) * pictures[0].nbytes
    if max_bytes is not None and size > max_bytes:
        raise PatchError(f"'image' would grow to {size} bytes, far beyond its file.")
    return np.stack(pictures)


def _check_families(families, rows, max_bytes):
    """Returns `<U` (rows,), or says what is wrong."""
    texts = _check_texts(families, "family", rows)
    size = 4 * rows * max(map(len, texts))
    if max_bytes is not None and size > max_bytes + _SMALL:
        raise PatchError(f"'family' would grow to {size} bytes, far beyond its file.")
    return np.array(texts, np.str_)


def _check_texts(texts, key, rows):
    """Returns a list of `rows` strings, or says what is wrong."""
    texts = texts.tolist() if isinstance(texts, np.ndarray) else texts
    held = list(texts) if isinstance(texts, (list, tuple)) else []
    kinds = {type(text) for text in held}
    if len(held) != rows or not all(issubclass(kind, str) for kind in kinds):
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise PatchError(
            f"'{key}' is {type(texts).__name__} of {len(held)} ({names}); expected "
            f"{rows} strings, one for each picture."
        )
    longest = max(map(len, held))
    if longest > MAX_TEXT:
        raise PatchError(f"'{key}' holds a string of {longest} characters.")
    return held
