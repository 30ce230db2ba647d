"""Strokes that fade, as a pen that runs dry leaves them -> as dark everywhere."""

import cv2
import numpy as np

from utils.cleaning.ink import evened, half_thickness, mask_of, stroke_width

_INK_LEVEL, _TRACE_LEVEL = 128, 224  # grey levels: ink is darker, and what it fades to
_MIN_FADED_SHARE = 0.03  # of the ink: as much more has faded
_MAX_LOOSE_SHARE = 0.1  # of what is as pale: more that is joined to no ink is grain
_MIN_FADING_LEVEL = 80  # grey level: what is darker has not begun to fade
_MIDDLE_LEVEL, _MIN_DARKER_SHARE = 150, 0.3  # grey level; of what fades, darker than it
_MIN_LEVEL_SPREAD = 25  # grey levels between fading strokes' dark and pale parts
_MIN_THICKNESS, _MAX_THICKNESS = 0.6, 1.4  # times as thick as ink is what it fades to
# A soft edge, and what is next to a pixel:
_EDGE_WINDOW, _NEXT_WINDOW = np.ones((5, 5), np.uint8), np.ones((3, 3), np.uint8)
_EVENING_REACH = 2  # times a stroke's width: the darkest so near tells how dark it is
_MIN_DARKNESS = 24  # grey levels from white: paper beside strokes is as dark


def without_fading(clean: np.ndarray) -> np.ndarray | None:
    """Makes what strokes fade to as dark as they are.

    Args:
        clean: `uint8` (height, width), dark on white, without its paper.

    Returns:
        `uint8` (height, width), dark on white; None where nothing fades.
    """
    ink = (clean < _INK_LEVEL).view(np.uint8)
    trace = (clean < _TRACE_LEVEL).view(np.uint8)
    pale = cv2.bitwise_and(trace, 1 - cv2.dilate(ink, _EDGE_WINDOW))
    if cv2.countNonZero(pale) < _MIN_FADED_SHARE * cv2.countNonZero(ink):
        return None
    count, labels = cv2.connectedComponents(trace)
    joined = np.bincount(labels[ink > 0], minlength=count) > 0
    joined[0] = False
    strokes = mask_of(joined, labels)
    if not _fades(clean, ink, pale, strokes):
        return None
    better = evened(255 - clean, _EVENING_REACH * stroke_width(ink), _MIN_DARKNESS)
    return np.where(cv2.dilate(strokes, _NEXT_WINDOW) > 0, better, clean)


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
    if count < (1 - _MAX_LOOSE_SHARE) * cv2.countNonZero(pale):
        return False
    if faded[[0, -1]].any() or faded[:, [0, -1]].any():  # a shadow, or a line
        return False
    if not _is_gradual(clean[cv2.erode(strokes, _NEXT_WINDOW) > 0]):
        return False
    thick, ink_thick = half_thickness(faded), half_thickness(ink)
    return _MIN_THICKNESS * ink_thick <= thick <= _MAX_THICKNESS * ink_thick


def _is_gradual(levels):
    """Tells whether strokes go on from dark to pale, and not from one to the other.

    Guides are of one level; shadows, and what shows from behind, are pale at once.

    Args:
        levels: of the insides of strokes.
    """
    between = levels[(levels > _MIN_FADING_LEVEL) & (levels < _TRACE_LEVEL)]
    if not len(between):
        return False
    dark, pale = np.quantile(between, (0.1, 0.9))
    return bool(
        pale - dark > _MIN_LEVEL_SPREAD
        and np.mean(between < _MIDDLE_LEVEL) > _MIN_DARKER_SHARE
    )
