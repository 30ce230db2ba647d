"""NumPy arrays of any type and layout -> grey pictures (height, width) uint8."""

import cv2
import numpy as np

from utils.pictures.reducing import (
    is_far_too_large,
    reduce_gray,
    times_too_large,
)

# The ranges that pictures come in: floats, 8 bits, and 10 to 16 bits of cameras.
_TOPS = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
_BEYOND = 0.25  # of a range: so far filters that ring may leave it, at either end

_CONTRAST = 60  # grey levels between strokes and paper, of pictures with both

_COMPARED = (np.uint16, np.int16, np.int32, np.float32, np.float64)  # by OpenCV


def array_to_gray(array: np.ndarray, side: int | None = None) -> np.ndarray:
    """Reads an array as grey levels.

    Args:
        array: as for `pictures.to_gray`.
        side: as there.

    Returns:
        `uint8` (height, width), 0 black to 255 white.

    Raises:
        TypeError: it does not hold numbers.
        ValueError: it is empty, not finite or has the wrong rank.
    """
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
        gray, alpha = _channels(_thin_array(array, side))
        return flatten_alpha(gray, alpha, side)
    return array if array.ndim == 2 else cv2.cvtColor(array, cv2.COLOR_RGB2GRAY)


def array_to_colours(array: np.ndarray, side: int | None = None) -> np.ndarray | None:
    """Reads the colours of an array that `array_to_gray` has read.

    Args:
        array: as for `pictures.to_gray`.
        side: as there.

    Returns:
        `uint8` (height, width, 3), red, green, blue; None where it is transparent or
        has no colours.
    """
    if array.ndim < 3 or array.shape[2] < 3:
        return None
    if array.shape[2] == 3:
        return _to_uint8(array, side)
    array = _to_uint8(array, None)
    if array[:, :, 3].min() < 255:
        return None
    return reduce_gray(cv2.cvtColor(array, cv2.COLOR_RGBA2RGB), side)


def _to_uint8(array, side):
    """Scales an array's range into 0-255, and reduces it if it is far too large."""
    if array.dtype == np.uint8 and not _is_mask(array):
        return reduce_gray(array, side)
    if array.dtype == bool:
        return reduce_gray(array.astype(np.uint8) * 255, side)
    if array.dtype.name == "bfloat16":  # of TensorFlow and JAX; no number to NumPy
        array = array.astype(np.float32)
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"An array of {array.dtype} is no picture; expected numbers: integers, "
            "floats, or booleans."
        )
    low, high = _range(array)
    top = next((top for top in _TOPS if high <= top * (1 + _BEYOND)), high)
    if low < -_BEYOND * top:
        raise ValueError(
            f"The picture runs from {low:g} to {high:g}; expected no less than 0."
        )
    # NaN shows in the mean of its square as well, and of those there are fewer; but odd
    # rows at the end are in no square.
    odd = times_too_large(array.shape[1::-1], side)
    ends = array[-odd:], array[:, -odd:]
    array = reduce_gray(
        array.astype(_narrowest(array.dtype, low, high), copy=False), side
    )
    finite = np.isfinite([low, high]).all()
    if not finite or any(np.isnan(part).any() for part in (array, *ends)):
        raise ValueError("The picture holds NaN or infinity; expected finite numbers.")
    levels = np.rint(array * (255.0 / top))
    inside = low >= 0 and high <= top
    return (levels if inside else levels.clip(0, 255)).astype(np.uint8)


def _is_mask(array):
    """Tells whether an array holds nothing but 0 and 1.

    A few pixels nearly always say no; a look at all takes as long as reading them.
    """
    return array[::16, ::16].max() <= 1 and array.max() <= 1


def _range(array):
    """Returns the least and the largest number; NaN may be left out."""
    if array.dtype in _COMPARED and array.flags.c_contiguous:
        # In one pass, and in less than half the time of NumPy's two.
        return cv2.minMaxLoc(array.reshape(len(array), -1))[:2]
    return float(array.min()), float(array.max())


def _narrowest(dtype, low, high):
    """Returns the narrowest type that OpenCV reduces and that holds the values."""
    if dtype.kind in "iu" and 0 <= low and high <= 65535:
        return np.uint16
    return np.float32 if dtype in (np.float16, np.float32) else np.float64


def flatten_alpha(gray: np.ndarray, alpha: np.ndarray, side: int | None) -> np.ndarray:
    """Lays a transparent picture on paper that its strokes stand out from.

    Args:
        gray: `uint8` (height, width), colours as they are under transparency.
        alpha: `uint8` (height, width), 0 transparent to 255 opaque.
        side: as for `pictures.to_gray`.

    Returns:
        `uint8` (height, width).
    """
    if alpha.min() == 255:
        return reduce_gray(gray, side)
    seen = reduce_gray(cv2.multiply(gray, alpha, scale=1 / 255), side)
    alpha = reduce_gray(alpha, side)
    whole = seen[alpha == 255]
    if 2 * whole.size > alpha.size and _has_strokes(whole):
        # A picture whose corners or edges are cut off, on paper of its own.
        paper = cv2.convertScaleAbs(255 - alpha, alpha=np.median(whole) / 255)
        return cv2.add(seen, paper)
    # White strokes on a transparent canvas would vanish on white paper.
    ink = 255 * cv2.sumElems(seen)[0] / max(cv2.sumElems(alpha)[0], 1)
    return seen if ink > 160 else cv2.add(seen, 255 - alpha)


def _has_strokes(levels):
    """Tells whether grey levels are those of strokes and of paper."""
    return bool(np.ptp(np.percentile(levels, (2, 98))) > _CONTRAST)


def _channels(pixels):
    """Returns the grey levels and the alpha of an array (height, width, 2 or 4)."""
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    if pixels.shape[2] == 4:
        return cv2.cvtColor(pixels, cv2.COLOR_RGBA2GRAY), alpha
    return cv2.extractChannel(pixels, 0), alpha


def _thin_array(array, side):
    """Leaves out every other row and column of an array that is far too large.

    What is left is still averaged over squares: nothing shows, and every step after it
    takes a quarter of the time.
    """
    height, width = array.shape[:2]
    if not is_far_too_large((width, height), side):
        return array
    if array.shape[2:] == (4,) and array.flags.c_contiguous:
        # As one number a pixel: half the time.
        pixels = array.view(np.uint32)[: height // 2 * 2 : 2, : width // 2 * 2 : 2]
        return np.ascontiguousarray(pixels).view(np.uint8)
    half = (width // 2, height // 2)
    return cv2.resize(array, half, interpolation=cv2.INTER_NEAREST)
