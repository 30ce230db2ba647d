"""Paths, PIL images and arrays -> grey pictures (height, width) uint8."""

import os

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError


def is_single_picture(image):
    """Tells one picture from several: arrays by rank, lists and tuples are several.

    Arrays (H, W), (H, W, 1|2|3|4) are one; (N, H, W) and (N, H, W, C) are several. A
    rank-3 array whose last axis is 1 to 4 long counts as one picture with channels.
    """
    if isinstance(image, (list, tuple)):
        return False
    if isinstance(image, np.ndarray):
        return image.ndim < 3 or (image.ndim == 3 and image.shape[-1] <= 4)
    return True


def to_gray(image):
    """Reads one picture as grey levels.

    Args:
        image: a path; a PIL image of any mode (transparency becomes white paper, or
            black where the strokes are white); or a NumPy array (H, W), (H, W, 1),
            (H, W, 2: grey, alpha), (H, W, 3) or (H, W, 4) of `uint8` 0-255, wider
            integers, floats 0-1 or 0-255, or booleans.

    Returns:
        `uint8` (height, width), 0 black to 255 white.

    Raises:
        TypeError: `image` is none of these.
        ValueError: the file is no picture, or the array is empty, not finite or has
            the wrong rank.
    """
    if isinstance(image, (str, os.PathLike)):
        return _pil_to_gray(_open(image))
    if isinstance(image, Image.Image):
        return _pil_to_gray(image)
    if isinstance(image, np.ndarray):
        return _array_to_gray(image)
    raise TypeError(
        f"A picture was expected (path, PIL image or NumPy array), got "
        f"{type(image).__name__}."
    )


def _open(path):
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file.") from None
    except UnidentifiedImageError:
        raise ValueError(f"{path}: not a picture that Pillow can read.") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: the picture cannot be read ({error}).") from None


def _pil_to_gray(image):
    if 0 in image.size:
        raise ValueError(f"The picture is empty: {image.size[0]} x {image.size[1]}.")
    image = ImageOps.exif_transpose(image)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        return _array_to_gray(np.asarray(image))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _flatten_alpha(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("L"))


def _array_to_gray(array):
    if 0 in array.shape:
        raise ValueError(f"The picture is empty: an array of shape {array.shape}.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (2, 3, 4)):
        raise ValueError(
            f"An array of shape {array.shape} is no picture; expected (H, W), "
            "(H, W, 1), (H, W, 2), (H, W, 3) or (H, W, 4)."
        )
    array = _to_uint8(array)
    if array.ndim == 2:
        return array
    if array.shape[2] == 2:
        return _flatten_alpha(array[:, :, [0, 0, 0, 1]])
    if array.shape[2] == 4:
        return _flatten_alpha(array)
    return np.asarray(Image.fromarray(np.ascontiguousarray(array)).convert("L"))


def _to_uint8(array):
    """Scales an array's range into 0-255."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iuf":
        raise TypeError(f"An array of {array.dtype} is no picture; expected numbers.")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("The picture holds NaN or infinity; expected finite numbers.")
    low, high = array.min(), array.max()
    if low < 0:
        raise ValueError(
            f"The picture runs from {low:g} to {high:g}; expected no less than 0."
        )
    # 0-1 floats, 0-255, or 16 bits and more: the least range that holds the values.
    top = 1.0 if high <= 1 else 255.0 if high <= 255 else max(high, 65535.0)
    return np.round(array * (255.0 / top)).astype(np.uint8)


def _flatten_alpha(rgba):
    """Lays a transparent picture on paper that its strokes stand out from."""
    colour = np.asarray(
        Image.fromarray(np.ascontiguousarray(rgba[:, :, :3])).convert("L")
    )
    alpha = rgba[:, :, 3].astype(np.float32) / 255
    if alpha.min() == 1:
        return colour
    # White strokes on a transparent canvas would vanish on white paper.
    ink = (colour * alpha).sum() / max(alpha.sum(), 1e-6)
    paper = 0.0 if ink > 160 else 255.0
    return np.round(colour * alpha + paper * (1 - alpha)).astype(np.uint8)
