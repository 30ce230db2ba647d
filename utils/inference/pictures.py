"""Paths, bytes, files, PIL images and arrays -> grey pictures (height, width) uint8."""

import threading

import cv2
import numpy as np
from PIL import ExifTags, Image

from utils.inference.opening import is_encoded, open_picture, reduction
from utils.kinds import Picture

_TRANSPARENT = ("LA", "La", "PA", "RGBA", "RGBa")
_OPENING = [threading.Lock() for _ in range(64)]  # of PIL images, by their identity
_COMPARED = (np.uint16, np.int16, np.int32, np.float32, np.float64)  # by OpenCV
_FAR = 4  # times as long as is enough: half of the pixels each way will do
_TURN = Image.Transpose
_TURNS = {  # EXIF orientation -> what sets the picture upright
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_90,
}


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


def to_gray(image: Picture, side: int | None = None) -> np.ndarray:
    """Reads one picture as grey levels.

    Args:
        image: a path, the bytes of a picture file, or a file opened for reading (of
            animations and several pages the first); a PIL image of any mode
            (transparency becomes white paper, or black where the strokes are white);
            or a NumPy array (H, W), (H, W, 1), (H, W, 2: grey, alpha), (H, W, 3) or
            (H, W, 4) of `uint8` 0-255, wider integers, floats 0-1 or 0-255, or
            booleans.
        side: length of the longer side that is enough, in pixels: a picture more than
            twice as long may come back smaller, but no shorter. None keeps the size.

    Returns:
        `uint8` (height, width), 0 black to 255 white.

    Raises:
        TypeError: `image` is none of these.
        ValueError: the file is no picture, or the array is empty, not finite or has
            the wrong rank.
    """
    if is_encoded(image):
        image = open_picture(image, side)
    if isinstance(image, Image.Image):
        return _pil_to_gray(image, side)
    if isinstance(image, np.ndarray):
        return _array_to_gray(np.asarray(image), side)
    raise TypeError(
        "A picture was expected (path, bytes, file, PIL image or NumPy array), got "
        f"{type(image).__name__}."
    )


def _pil_to_gray(image, side):
    if 0 in image.size:
        raise ValueError(f"The picture is empty: {image.size[0]} x {image.size[1]}.")
    # One picture may be given several times, to several threads: Pillow reads its file
    # when it is first looked at, and a second reader at once would get half of it.
    with _OPENING[id(image) // 64 % len(_OPENING)]:
        try:
            image.load()  # before its EXIF is read: some formats turn themselves
        except Exception as error:
            raise ValueError(f"The picture cannot be read ({error}).") from None
        turn = _TURNS.get(_orientation(image))
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        gray = _array_to_gray(np.asarray(image), side)
    elif image.mode in _TRANSPARENT or "transparency" in image.info:
        gray = _flatten_alpha(np.asarray(_with_alpha(_thin(image, side))), side)
    else:
        image = _thin(image, side)
        early = image.getchannel("L") if image.mode == "LAB" else image.convert("L")
        gray = _reduce(np.asarray(early), side)
    return gray if turn is None else np.asarray(Image.fromarray(gray).transpose(turn))


def _orientation(image):
    """Returns the EXIF orientation; None without one.

    Not `ImageOps.exif_transpose`, which copies the picture and fails on damaged EXIF.
    """
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged EXIF does not say which side is up
        return None


def _thin(image, side):
    """Leaves out every other row and column of a picture that is far too large.

    What is left is still averaged over squares: nothing shows, and every step after it
    takes a quarter of the time.
    """
    if _factor(image.size, side) < _FAR:
        return image
    half = [length // 2 for length in image.size]
    return image.resize(half, Image.Resampling.NEAREST)


def _thin_array(array, side):
    """Does to an array of channels what `_thin` does to a PIL image."""
    height, width = array.shape[:2]
    if _factor((width, height), side) < _FAR:
        return array
    if array.shape[2:] == (4,) and array.flags.c_contiguous:
        # As one number a pixel: half the time.
        pixels = array.view(np.uint32)[: height // 2 * 2 : 2, : width // 2 * 2 : 2]
        return np.ascontiguousarray(pixels).view(np.uint8)
    half = (width // 2, height // 2)
    return cv2.resize(array, half, interpolation=cv2.INTER_NEAREST)


def _with_alpha(image):
    if image.mode in ("LA", "RGBA"):
        return image
    # Pillow converts premultiplied grey to grey with alpha only.
    return image.convert("LA" if image.mode == "La" else "RGBA")


def _array_to_gray(array, side):
    if 0 in array.shape:
        raise ValueError(f"The picture is empty: an array of shape {array.shape}.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (2, 3, 4)):
        raise ValueError(
            f"An array of shape {array.shape} is no picture; expected (H, W), "
            "(H, W, 1), (H, W, 2), (H, W, 3) or (H, W, 4)."
        )
    has_alpha = array.ndim == 3 and array.shape[2] in (2, 4)
    # Colours under transparency must not bleed into what is seen.
    array = _to_uint8(array, None if has_alpha else side)
    if has_alpha:
        return _flatten_alpha(_thin_array(array, side), side)
    return array if array.ndim == 2 else cv2.cvtColor(array, cv2.COLOR_RGB2GRAY)


def _to_uint8(array, side):
    """Scales an array's range into 0-255, and reduces it if it is far too large."""
    if array.dtype == np.uint8:
        return _reduce(array, side)
    if array.dtype == bool:
        return _reduce(array.astype(np.uint8) * 255, side)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"An array of {array.dtype} is no picture; expected numbers.")
    low, high = _range(array)
    if low < 0:
        raise ValueError(
            f"The picture runs from {low:g} to {high:g}; expected no less than 0."
        )
    # 0-1 floats, 0-255, or 16 bits and more: the least range that holds the values.
    top = 1.0 if high <= 1 else 255.0 if high <= 255 else max(high, 65535.0)
    # NaN shows in the mean of its square as well, and of those there are fewer; but odd
    # rows at the end are in no square.
    odd = _factor(array.shape[1::-1], side)
    ends = array[-odd:], array[:, -odd:]
    array = _reduce(array.astype(_narrowest(array.dtype, high), copy=False), side)
    finite = np.isfinite([low, high]).all()
    if not finite or any(np.isnan(part).any() for part in (array, *ends)):
        raise ValueError("The picture holds NaN or infinity; expected finite numbers.")
    return np.rint(array * (255.0 / top)).astype(np.uint8)


def _range(array):
    """Returns the least and the largest number; NaN may be left out."""
    if array.dtype in _COMPARED and array.flags.c_contiguous:
        # In one pass, and in less than half the time of NumPy's two.
        return cv2.minMaxLoc(array.reshape(len(array), -1))[:2]
    return float(array.min()), float(array.max())


def _narrowest(dtype, high):
    """Returns the narrowest type that OpenCV reduces and that holds the values."""
    if dtype.kind in "iu" and high <= 65535:
        return np.uint16
    return np.float32 if dtype in (np.float16, np.float32) else np.float64


def _reduce(array, side):
    """Halves a picture as long as it stays no shorter than `side`.

    Halving twice is three times as fast as averaging fours or fives at once.
    """
    while _factor(array.shape[1::-1], side) > 1:
        height, width = array.shape[:2]
        # An odd row costs whole pictures their speed, and is a hair of them.
        if height % 2 <= height / 200 and width % 2 <= width / 200:
            array = array[: height // 2 * 2, : width // 2 * 2]
        shape = (max(1, width // 2), max(1, height // 2))
        array = cv2.resize(array, shape, interpolation=cv2.INTER_AREA)
    return array


def _factor(size, side):
    return reduction(size, side) if side else 1


def _flatten_alpha(pixels, side):
    """Lays a transparent picture on paper that its strokes stand out from.

    Args:
        pixels: `uint8` (height, width, 2: grey, alpha, or 4: red, green, blue, alpha).
        side: as for `to_gray`.
    """
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    if pixels.shape[2] == 4:
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGBA2GRAY)
    else:
        gray = cv2.extractChannel(pixels, 0)
    if alpha.min() == 255:
        return _reduce(gray, side)
    seen = _reduce(cv2.multiply(gray, alpha, scale=1 / 255), side)
    alpha = _reduce(alpha, side)
    # White strokes on a transparent canvas would vanish on white paper.
    ink = 255 * cv2.sumElems(seen)[0] / max(cv2.sumElems(alpha)[0], 1)
    return seen if ink > 160 else cv2.add(seen, 255 - alpha)
