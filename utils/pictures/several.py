"""One picture or several: lists, arrays, tensors and series of them."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

_MIN_PLANE_LIKENESS = 0.9  # correlation: colours of one picture have more
_COMPARED_SIDE = 128  # pixels: larger ones are compared by as many rows and columns


def is_single_picture(image: object) -> bool:
    """Tells one picture from several: arrays by rank, lists and tuples are several.

    Arrays (H, W), (H, W, 1|2|3|4) are one; (N, H, W) and (N, H, W, C) are several. A
    rank-3 array whose last axis is 1 to 4 long counts as one picture with channels.
    """
    if isinstance(image, (list, tuple)):
        return False
    if isinstance(image, np.ndarray):
        return image.ndim < 3 or (image.ndim == 3 and image.shape[-1] <= 4)
    return True


def as_pictures(images: Any) -> Any:
    """Returns tensors and series of other libraries as arrays or lists.

    What says how it is an array (`__array__`) is one: tensors of TensorFlow and
    JAX, a pandas Series; and an array of paths or of pictures is a list of them. One
    without axes is what it holds, as TensorFlow's `tf.io.read_file` gives it.

    Args:
        images: anything.

    Raises:
        ValueError: a list holds pages of one document, which is one object.
    """
    if is_array(images):
        images = np.asarray(images)
        _warn_of_planes(images)
        if images.ndim < 2 and images.dtype.kind in "OUS":
            return images.tolist()
    elif isinstance(images, (list, tuple)):
        _check_pages(images)
    return images


def _warn_of_planes(array):
    """Warns of three pictures that are alike: one, whose colours come first."""
    if array.ndim != 3 or len(array) != 3 or array.shape[-1] <= 4 or 0 in array.shape:
        return
    if array.dtype.kind not in "buif":
        return
    down, across = (max(1, side // _COMPARED_SIDE) for side in array.shape[1:])
    planes = array[:, ::down, ::across].reshape(3, -1).astype(np.float64)
    planes -= planes.mean(axis=1, keepdims=True)
    norms = np.maximum(np.sqrt((planes**2).sum(axis=1)), 1e-9)
    first, second = (
        planes[n] @ planes[n + 1] / norms[n] / norms[n + 1] for n in (0, 1)
    )
    if min(first, second) > _MIN_PLANE_LIKENESS:
        warnings.warn(
            f"An array of shape {array.shape} is three pictures, and these are alike; "
            "where it is one, whose colours come first, hand over "
            "array.transpose(1, 2, 0).",
            stacklevel=3,
        )


def has_pages(picture: object) -> bool:
    """Tells whether something is a PIL image of several pages or frames.

    Args:
        picture: anything.
    """
    if not isinstance(picture, Image.Image):
        return False
    try:
        return getattr(picture, "n_frames", 1) > 1
    except Exception:  # a damaged file: what is wrong is told when it is read
        return False


def page_of(picture: Any) -> Any:
    """Returns a picture, or a copy of the page that a PIL image of several shows.

    Args:
        picture: anything; an image that cannot be decoded is returned as it is.
    """
    if not has_pages(picture):
        return picture
    try:
        return picture.copy()
    except Exception:  # as above
        return picture


def _check_pages(images):
    """Raises ValueError where a list holds one document's pages as one object."""
    known = {id(each) for each in images if has_pages(each)}
    if known and len(known) < sum(map(has_pages, images)):
        raise ValueError(
            "The list holds a document of several pages more than once, and it shows "
            "one page at a time; hand over copies: [page.copy() for page in ...]."
        )


def is_array(image: object) -> bool:
    """Tells whether something holds an array: a scalar of NumPy's does not.

    Args:
        image: anything.
    """
    others = isinstance(image, (Image.Image, np.generic))
    return hasattr(image, "__array__") and not others


def is_iterator(image: object) -> bool:
    """Tells whether something gives pictures one by one, as no open file does.

    Args:
        image: anything.
    """
    return isinstance(image, Iterator) and not hasattr(image, "read")


def refuse_iterator(image: object, instead: str) -> None:
    """Raises TypeError where pictures come one by one, which can be read only once.

    Args:
        image: what came.
        instead: what to do, as the end of the message says it.
    """
    if is_iterator(image):
        raise TypeError(
            "A picture, a list or an array of them was expected, got "
            f"{type(image).__name__}; {instead}"
        )


def check_prepared(images: np.ndarray, side: int) -> None:
    """Raises ValueError where something is not prepared pictures of a size.

    Args:
        images: what came.
        side: of the size, in pixels.
    """
    shape = getattr(images, "shape", None)
    if shape is None or len(shape) != 3 or tuple(shape[1:]) != (side, side):
        came = type(images).__name__ + ("" if shape is None else f" {shape}")
        raise ValueError(
            f"Prepared pictures are an array (pictures, {side}, {side}), as "
            f"prepare_all gives it; got {came}. Other pictures are read by predict."
        )


def as_several(images: Any, purpose: str, least: int = 1) -> Any:
    """Returns several pictures as `as_pictures` does; refuses one, and too few.

    Args:
        images: what came.
        purpose: what takes several, with a verb that "a list" can follow.
        least: so many there must be, 0 or 1.

    Raises:
        ValueError: it is no list, tuple or array of several pictures, or is empty.
    """
    kind = type(images).__name__
    images = as_pictures(images)
    if is_iterator(images):
        came = f"a {kind}; make it a list"
    elif is_single_picture(images):
        came = f"one picture ({kind})"
    elif len(images) < least:
        came = f"an empty {kind}"
    else:
        return images
    raise ValueError(f"{purpose} a list or an array of several pictures; got {came}.")
