"""Paths, bytes, files, PIL images and arrays -> grey pictures (height, width) uint8."""

import threading

import numpy as np
from PIL import ExifTags, Image

from utils.kinds import Picture
from utils.pictures.arrays import (
    array_to_colours,
    array_to_gray,
    flatten_alpha,
)
from utils.pictures.opening import is_encoded, open_picture
from utils.pictures.reducing import is_far_too_large, reduce_gray
from utils.pictures.several import is_array

_GRAY = ("1", "L", "LA", "La", "I", "F")
_OPENING = [threading.Lock() for _ in range(64)]  # of PIL images, by their identity
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


def to_gray(image: Picture, side: int | None = None) -> np.ndarray:
    """Reads one picture as grey levels.

    Args:
        image: a path, the bytes of a picture file, or a file opened for reading (of
            animations and several pages the first); a PIL image of any mode
            (transparency becomes white paper, or black where the strokes are white);
            or a NumPy array (H, W), (H, W, 1), (H, W, 2: grey, alpha), (H, W, 3) or
            (H, W, 4) of `uint8` 0-255, wider integers, floats 0-1 or 0-255,
            booleans, or masks of 0 and 1.
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
    if is_array(image):
        return array_to_gray(np.asarray(image), side)
    raise TypeError(
        "A picture was expected (path, bytes, file, PIL image or NumPy array), got "
        f"{type(image).__name__}."
    )


def to_colours(image: Picture, side: int | None = None) -> np.ndarray | None:
    """Reads the colours of a picture that `to_gray` has read.

    Args:
        image: as for `to_gray`.
        side: as there.

    Returns:
        `uint8` (height, width, 3), red, green, blue; None where it is transparent or
        has no colours.
    """
    if is_encoded(image):
        image = open_picture(image, side, "RGB")
    if isinstance(image, Image.Image):
        return _pil_to_colours(image, side)
    return array_to_colours(np.asarray(image), side)


def _pil_to_colours(image, side):
    if image.mode in _GRAY or image.mode.startswith("I;16"):
        return None
    transparent = image.has_transparency_data
    image = _thin(image, side)
    # Palettes, CMYK and premultiplied colours as well.
    pixels = np.asarray(image.convert("RGBA" if transparent else "RGB"))
    colours = array_to_colours(pixels, side)
    turn = _TURNS.get(_orientation(image))
    if turn is None or colours is None:
        return colours
    return np.asarray(Image.fromarray(colours).transpose(turn))


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
        gray = array_to_gray(np.asarray(image), side)
    elif image.has_transparency_data:
        image = _with_alpha(_thin(image, side))
        # Band by band: all at once take Pillow several times as long to hand over.
        early, alpha = image.convert("L"), image.getchannel("A")
        gray = flatten_alpha(np.asarray(early), np.asarray(alpha), side)
    else:
        image = _thin(image, side)
        early = image.getchannel("L") if image.mode == "LAB" else image.convert("L")
        gray = reduce_gray(np.asarray(early), side)
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
    """Leaves out rows and columns of a PIL image that is far too large.

    Twice as many as are enough stay: they are still averaged over squares, and Pillow
    takes its time by the pixel that stays.
    """
    if not is_far_too_large(image.size, side):
        return image
    factor = min(max(image.size) / (2 * side), min(image.size) / 64)
    size = [round(length / factor) for length in image.size]
    return image.resize(size, Image.Resampling.NEAREST)


def _with_alpha(image):
    if image.mode in ("LA", "RGBA"):
        return image
    # Pillow converts premultiplied grey to grey with alpha only.
    return image.convert("LA" if image.mode == "La" else "RGBA")
