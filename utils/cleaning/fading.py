"""Strokes that fade, as a pen that runs dry leaves them -> as dark everywhere."""

import cv2
import numpy as np

from utils.cleaning.ink import evened, half_thickness, mask_of, stroke_width

_INK, _TRACE = 128, 224  # levels: what is darker is ink, and what ink fades to
_BEYOND = 0.03  # of the ink: as much more has faded, at least
_LOOSE = 0.1  # of what is as pale: more that is joined to no ink is grain
_DARK = 80  # level: what is darker has not begun to fade
_MIDDLE, _DARKER = 150, 0.3  # level, and how much of what fades is darker still
_APART = 25  # levels: as far apart are fading strokes where they are dark and pale
_THINNER, _THICKER = 0.6, 1.4  # times as thick as ink: strokes are nowhere else
_SOFT, _NEXT = np.ones((5, 5), np.uint8), np.ones((3, 3), np.uint8)
_REACH = 2  # times the width of strokes: as dark as the darkest so near they become
_FAINTEST = 24  # levels from white: paper beside strokes is as dark


def without_fading(clean: np.ndarray) -> np.ndarray | None:
    """Makes what strokes fade to as dark as they are.

    Args:
        clean: `uint8` (height, width), dark on white, without its paper.

    Returns:
        `uint8` (height, width), dark on white; None where nothing fades.
    """
    ink = (clean < _INK).view(np.uint8)
    trace = (clean < _TRACE).view(np.uint8)
    pale = cv2.bitwise_and(trace, 1 - cv2.dilate(ink, _SOFT))
    if cv2.countNonZero(pale) < _BEYOND * cv2.countNonZero(ink):
        return None
    count, labels = cv2.connectedComponents(trace)
    joined = np.bincount(labels[ink > 0], minlength=count) > 0
    joined[0] = False
    strokes = mask_of(joined, labels)
    if not _fades(clean, ink, pale, strokes):
        return None
    better = evened(255 - clean, _REACH * stroke_width(ink), _FAINTEST)
    return np.where(cv2.dilate(strokes, _NEXT) > 0, better, clean)


def _fades(clean, ink, pale, strokes):
    """Tells whether what is pale and joined to ink is what it fades to.

    Args:
        clean: as for `without_fading`.
        ink: `uint8` (height, width), 1 on ink.
        pale: likewise, on all that is pale.
        strokes: likewise, on ink and what is joined to it.
    """
    faded = pale & strokes
    count = cv2.countNonZero(faded)
    if count < (1 - _LOOSE) * cv2.countNonZero(pale):
        return False
    if faded[[0, -1]].any() or faded[:, [0, -1]].any():  # a shadow, or a line
        return False
    if not _is_gradual(clean[cv2.erode(strokes, _NEXT) > 0]):
        return False
    thick, ink_thick = half_thickness(faded), half_thickness(ink)
    return _THINNER * ink_thick <= thick <= _THICKER * ink_thick


def _is_gradual(levels):
    """Tells whether strokes go on from dark to pale, and not from one to the other.

    Guides are of one level; shadows, and what shows from behind, are pale at once.

    Args:
        levels: of the insides of strokes.
    """
    between = levels[(levels > _DARK) & (levels < _TRACE)]
    if not len(between):
        return False
    dark, pale = np.quantile(between, (0.1, 0.9))
    return bool(pale - dark > _APART and np.mean(between < _MIDDLE) > _DARKER)
