"""Anything a user has -> the canonical square: dark ink on white, cropped and centred.

The same preparation serves training, evaluation and prediction, so that the network
sees at work what it saw at school. Its steps: grey, reduce or enlarge, divide by the
local paper, set polarity, stretch contrast, drop specks and intruding strokes, crop to
the ink, fit. Where ink is a small part of a large picture, or stands in a frame or on a
plate, that part is prepared. Colours that are as light as each other are told apart.
"""

import cv2
import numpy as np

from utils.inference.colours import as_far_apart
from utils.inference.frames import cover_outside, inside_frame
from utils.inference.geometry import Region, part_in_whole, place_ink, region_of
from utils.inference.ink import ink_box
from utils.inference.opening import is_encoded, open_picture
from utils.inference.paper import NoInkError, remove_paper
from utils.inference.pictures import to_colours, to_gray
from utils.kinds import Picture

_WORK_SIZE = 160  # pixels: longer sides are reduced to it before anything is measured
_SMALL = 48  # pixels: shorter sides are enlarged to `_ENLARGED` first
_ENLARGED = 128
_ENOUGH = 4 * _WORK_SIZE  # so that reducing in two steps shows nowhere
_ALIKE = 60  # grey levels: colours may be farther apart than these are
_ROOM = 6  # pixels: in less nothing can be read
_LOST = 40  # pixels: ink that is smaller at the work size has lost its strokes


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
    _, clean, box = _find_ink(gray, found)
    return _square(clean, box, size)


def upright(image: Picture) -> np.ndarray:
    """Reads a picture as `prepare` does: grey, upright, no larger than it needs.

    Returns:
        `uint8` (height, width): the whole picture.

    Raises:
        TypeError, ValueError: as `utils.inference.pictures.to_gray`.
    """
    return _upright(image)[0]


def _upright(image):
    """Returns what `upright` does, and its first look at the ink where it took one."""
    if is_encoded(image) and hasattr(image, "read"):
        image = open_picture(image)  # it can be read once only
    gray = _read(image, _ENOUGH)
    if max(gray.shape) < _ENOUGH:
        return gray, None
    try:
        found = _look(gray)
    except NoInkError:
        return gray, None
    # The ink may be too small a part of the picture to be reduced with.
    return (_read(image), None) if _extent(found[1]) < _LOST else (gray, found)


def _read(image, side=None):
    """Reads grey levels, or what tells the colours apart where those are too alike."""
    gray = to_gray(image, side)
    if np.ptp(gray) >= _ALIKE:
        return gray
    colours = to_colours(image, side)
    return gray if colours is None else as_far_apart(colours, gray)


def _look(gray):
    """Returns a picture at work size without its paper, and the ink's box in it."""
    clean = remove_paper(_resize(gray))
    return clean, ink_box(clean)


def prepare_gray(gray: np.ndarray, size: int) -> tuple[np.ndarray, Region]:
    """Prepares a grey picture, and tells which part of it the square shows.

    Args:
        gray: `uint8` (height, width), as `upright` gives it.
        size: side of the square in pixels.

    Returns:
        (square, `geometry.Region`): the square as `prepare` gives it.

    Raises:
        NoInkError: the picture holds no ink.
    """
    part, clean, box = _find_ink(gray)
    region = part_in_whole(region_of(box, clean.shape, size), part, gray.shape)
    return _square(clean, box, size), region


def _square(clean, box, size):
    """Returns the square of ink that was found; see `_find_ink`."""
    top, bottom, left, right = box
    return fit_ink(clean[top:bottom, left:right], size)


def _find_ink(gray, found=None):
    """Removes the paper and finds the ink, if need be in a part of the picture.

    Args:
        gray: `uint8` (height, width).
        found: what `_look` gave for it, if that is known.

    Returns:
        (part, clean, box): (top, bottom, left, right) in pixels of `gray`; that part
        without its paper, at work size; and the ink's box in it.
    """
    part = 0, gray.shape[0], 0, gray.shape[1]
    clean, box = found or _look(gray)
    while (closer := _closer(gray, part, clean, box)) is not None:
        seen, inner = closer
        try:
            clean, box = _look(_cut(seen, inner))
        except NoInkError:  # the frame, or the plate, is all there is
            break
        gray, part = seen, inner
    return part, clean, box


def _closer(gray, part, clean, box):
    """Finds the part of a part of the picture that should be looked at instead.

    Args:
        gray: `uint8` (height, width).
        part: (top, bottom, left, right) in pixels of `gray`.
        clean: that part as `_look` gives it.
        box: of its ink, as `_look` gives it.

    Returns:
        (picture, part): the picture with all but that part's room covered; None where
        nothing is to be gained.
    """
    if _extent(box) < _LOST and _extent(part) > max(clean.shape):
        around = _extent(box) * np.array([-1, 1, -1, 1])  # paper, to know it by
        return gray, _within(part, np.array(box) + around, clean.shape)
    room = inside_frame(clean)
    if room is None:
        return None
    left, top, width, height = cv2.boundingRect(room)
    inner = _within(part, (top, top + height, left, left + width), clean.shape)
    if min(inner[1] - inner[0], inner[3] - inner[2]) < _ROOM:
        return None
    seen = gray.copy()
    _cut(seen, part)[:] = cover_outside(_cut(gray, part), room)
    return seen, inner


def _within(part, box, shape):
    """Returns a box in pixels of a part, shown as (height, width), as one of the whole.

    Beyond the part there is nothing.
    """
    start, end = np.array(part[::2]), np.array(part[1::2])
    scales = ((end - start) / shape).repeat(2)
    inner = start.repeat(2) + (np.array(box) * scales).astype(int)
    return tuple(np.clip(inner, start.repeat(2), end.repeat(2)).tolist())


def _cut(gray, part):
    """Returns the part (top, bottom, left, right) of a picture, not copied."""
    return gray[part[0] : part[1], part[2] : part[3]]


def _extent(box):
    return max(box[1] - box[0], box[3] - box[2])


def _resize(gray):
    """Brings a picture to a size at which its ink can be told from paper.

    Of a small picture the ink box would be known to a whole pixel only, a thirtieth of
    the syllable: enlarged first, it comes out nearer to the same picture in full size.
    """
    side = max(gray.shape)
    if _SMALL <= side <= _WORK_SIZE:
        return gray
    scale = (_ENLARGED if side < _SMALL else _WORK_SIZE) / side
    shape = [max(1, round(length * scale)) for length in gray.shape[::-1]]
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return cv2.resize(gray, shape, interpolation=how)


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
