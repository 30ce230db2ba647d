"""Prepares pictures for the network: dark ink on white, centred in a square.

Training, evaluation and prediction share this preparation, so that the network always
sees the same kind of pictures. Its steps: grey, reduce or enlarge, divide by the
local paper, set polarity, stretch contrast, drop specks and intruding strokes, crop to
the ink, fit. Where ink is a small part of a large picture, or stands in a frame or on a
plate, that part is prepared. Colours that are as light as each other are told apart,
red marks over darker writing left out, dots joined to strokes, and fading strokes
evened.
"""

from functools import cache

import cv2
import numpy as np

from utils.cleaning.colours import as_far_apart
from utils.cleaning.finding import find_ink, find_ink_at_work_size
from utils.cleaning.marks import without_marks
from utils.cleaning.paper import NoInkError
from utils.cleaning.tones import in_one_tone
from utils.cleaning.work_size import WORK_SIZE, is_lost
from utils.kinds import Picture
from utils.pictures.geometry import Region, part_in_whole, place_ink, region_of
from utils.pictures.grey import to_colours, to_gray
from utils.pictures.opening import is_encoded, is_jpeg, open_picture
from utils.pictures.several import as_pictures

# Pixels: large enough that reducing a second time loses nothing visible.
_FIRST_READ_SIDE = 4 * WORK_SIZE
_MIN_GREY_RANGE = 60  # grey levels: with less contrast colours are tried instead


def prepare(image: Picture, size: int) -> np.ndarray:
    """Prepares one picture of one syllable for the network.

    Args:
        image: a path, bytes, a file, a PIL image of any mode, or an array (see
            `pictures.to_gray`).
        size: side of the result in pixels.

    Returns:
        `uint8` (size, size): ink near 0 on paper at 255, the ink box scaled into the
        square with its aspect kept and a margin of a 24th of the side.

    Raises:
        TypeError: `image` is nothing that holds a picture.
        ValueError: the picture cannot be read; a `NoInkError` if it holds no ink.
    """
    gray, found = _upright(image)
    return _square(find_ink(gray, found)[1], size)


def upright(image: Picture) -> np.ndarray:
    """Reads a picture as `prepare` does: grey, upright, no larger than it needs.

    Returns:
        `uint8` (height, width): the whole picture, without red marks over darker
        writing; dark on white where strokes of several colours were evened.

    Raises:
        TypeError, ValueError: as `utils.pictures.grey.to_gray`.
    """
    return _upright(image)[0]


def _upright(image):
    """Returns the result of `upright`, and the ink found for it, or None."""
    image = _readable_twice(image)
    gray = _read_evenly(image, _FIRST_READ_SIDE)
    if max(gray.shape) < _FIRST_READ_SIDE:
        return gray, None
    try:
        found = find_ink_at_work_size(gray)
    except NoInkError:
        return gray, None
    # Where the ink is too small a part of the picture, it is read at full size.
    return (_read_evenly(image), None) if is_lost(found) else (gray, found)


def read_gray(image: Picture, side: int | None = None) -> np.ndarray:
    """Reads grey levels, or where these are too alike, what tells the colours apart.

    Args:
        image: as for `pictures.to_gray`.
        side: as for `pictures.to_gray`.

    Returns:
        `uint8` (height, width), upright.

    Raises:
        TypeError, ValueError: as `pictures.to_gray`.
    """
    image = _readable_twice(image)
    gray = to_gray(image, side)
    if np.ptp(gray) >= _MIN_GREY_RANGE:
        return gray
    colours = to_colours(image, side)
    return gray if colours is None else as_far_apart(colours, gray)


def _read_evenly(image, side=None):
    """Reads grey levels in which strokes of all colours are equally dark.

    Red marks over darker writing are left out.
    """
    gray = read_gray(image, side)
    colours = cache(lambda enough: to_colours(image, enough or side))
    unmarked = without_marks(colours)
    if unmarked is not None:
        return unmarked
    return in_one_tone(gray, lambda: colours(None))


def _readable_twice(image):
    """Returns a picture that can be read twice, decoded if it was encoded.

    A JPEG stays encoded: each reading decodes only the resolution that it needs.
    """
    image = as_pictures(image)  # a series of one is one picture
    return open_picture(image) if is_encoded(image) and not is_jpeg(image) else image


def prepare_gray(gray: np.ndarray, size: int) -> tuple[np.ndarray, Region]:
    """Prepares a grey picture, and finds which part of it the square shows.

    Args:
        gray: `uint8` (height, width), as `upright` gives it.
        size: side of the square in pixels.

    Returns:
        (square, `geometry.Region`): the square as `prepare` gives it.

    Raises:
        NoInkError: the picture holds no ink.
    """
    part, ink = find_ink(gray)
    region = region_of(ink.box, ink.clean.shape, size)
    return _square(ink, size), part_in_whole(region, part, gray.shape)


def _square(ink, size):
    """Returns the ink that was found, fitted into a square."""
    top, bottom, left, right = ink.box
    return fit_ink(ink.clean[top:bottom, left:right], size)


def fit_ink(image: np.ndarray, size: int) -> np.ndarray:
    """Scales a cropped picture into a square, aspect kept, centred on white.

    Args:
        image: `uint8` (height, width), dark on white.
        size: side of the square in pixels.

    Returns:
        `uint8` (size, size).
    """
    width, height, left, top = place_ink(image.shape[0], image.shape[1], size)
    # Area averaging when reducing, linear when enlarging: neither rings.
    reduced = max(width, height) < max(image.shape)
    how = cv2.INTER_AREA if reduced else cv2.INTER_LINEAR
    scaled = cv2.resize(image, (width, height), interpolation=how)
    square = np.full((size, size), 255, np.uint8)
    square[top : top + height, left : left + width] = scaled
    return square
