"""Writing that is small in a large picture, on which light is uneven."""

import cv2
import numpy as np

from utils.cleaning.cuts import all_of, cut, extent
from utils.cleaning.ink import Ink, half_thickness, ink_of
from utils.cleaning.paper import NoInkError, remove_paper
from utils.cleaning.work_size import WORK_SIZE, at_work_size, is_lost, part_around

_MIN_SIDE = 2 * WORK_SIZE  # pixels: in less nothing can be looked at closer
_MAX_SHARP_SHARE = 0.9  # of the edges of ink are sharp: with more it is no shadow
_SHARP = 0.5  # of the contrast lies in a window of five pixels across a sharp edge
_WINDOW = np.ones((17, 17), np.uint8)  # wider than strokes of lost ink at work size
_MIN_CONTRAST = 12  # grey levels: paper and its grain have less in that window
_MAX_OTHERS = 3  # times its own ink: with more elsewhere it is a part of that
_MAX_THICKNESS = 0.5  # of its side: what is thicker is a blot


def small_ink(gray: np.ndarray, small: np.ndarray, ink: Ink) -> Ink | None:
    """Finds writing so small that shades of the light were taken for ink instead.

    Args:
        gray: `uint8` (height, width).
        small: likewise, at work size.
        ink: what was found in that.

    Returns:
        The `Ink` at work size, to look at closer; None where there is no such writing.
    """
    if max(gray.shape) < _MIN_SIDE or is_lost(ink) or _is_sharp(small, ink.clean):
        return None
    found = _darkest_in_window(small)
    if found is None or not is_lost(found) or _is_part(found):
        return None
    return found if _has_strokes(cut(gray, part_around(found, all_of(gray)))) else None


def _is_sharp(small, clean):
    """Tells whether ink has sharp edges nearly everywhere, as shadows have not.

    Args:
        small: `uint8` (height, width).
        clean: likewise, its ink, dark on white.
    """
    window = np.ones((3, 3), np.uint8)
    ink = (clean < 128).view(np.uint8)
    inside = cv2.erode(ink, window)
    core = inside if inside.any() else ink
    contrast = abs(np.median(small[ink == 0]) - np.median(small[core > 0]))
    across = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    edge = cv2.dilate(ink, window) > ink
    sharp = across[edge] > _SHARP * contrast
    return bool(sharp.mean() > _MAX_SHARP_SHARE) if len(sharp) else True


def _darkest_in_window(small):
    """Finds what is much darker, or lighter, than all around it: `Ink` or None.

    Closing and opening take away what is smaller than their window (Serra 1982, Image
    Analysis and Mathematical Morphology, chapter XII: the top-hat transform).

    Args:
        small: `uint8` (height, width).
    """
    ways = cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT
    hats = [cv2.morphologyEx(small, way, _WINDOW) for way in ways]
    hat = max(hats, key=np.max)
    most = int(hat.max())
    if most < _MIN_CONTRAST:
        return None
    return ink_of(255 - cv2.convertScaleAbs(hat, alpha=255 / most))


def _is_part(ink):
    """Tells whether most of the ink lies elsewhere."""
    dark = ink.clean < 128
    own = int(cut(dark, ink.box).sum())
    return int(dark.sum()) - own > _MAX_OTHERS * own


def _has_strokes(near):
    """Tells whether a part of a picture shows strokes, no blot or grain of dust.

    Args:
        near: `uint8` (height, width), with paper around.
    """
    try:
        ink = ink_of(remove_paper(at_work_size(near)))
    except NoInkError:
        return False
    mask = (cut(ink.clean, ink.box) < 128).view(np.uint8)
    thickness = 2 * half_thickness(np.pad(mask, 1))
    return thickness < _MAX_THICKNESS * extent(ink.box)
