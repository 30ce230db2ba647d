"""Dark ink on white -> the box of what belongs to the syllable."""

import cv2
import numpy as np

from utils.inference.paper import NoInkError

_LEFT, _TOP, _WIDTH, _HEIGHT, _AREA = range(5)  # of a connected part, as OpenCV has it


def ink_box(clean: np.ndarray) -> tuple[int, int, int, int]:
    """Finds the ink that belongs to the syllable.

    Args:
        clean: `uint8` (height, width), dark on white, without its paper.

    Returns:
        (top, bottom, left, right) in pixels, ends exclusive; one pixel more on each
        side than the ink has, for the stroke's grey edge is part of it.

    Raises:
        NoInkError: nothing is dark enough.
    """
    mask = (clean < 128).view(np.uint8)
    # Labels of 16 bits suffice at the work size, and take half the time of 32.
    count, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask, 8, cv2.CV_16U, cv2.CCL_SPAGHETTI
    )
    if not count - 1:
        raise NoInkError("The picture holds no ink: nothing in it is dark enough.")
    parts = _belonging(stats[1:], clean.shape)
    height, width = clean.shape
    return (
        max(0, min(part[_TOP] for part in parts) - 1),
        min(height, max(part[_TOP] + part[_HEIGHT] for part in parts) + 1),
        max(0, min(part[_LEFT] for part in parts) - 1),
        min(width, max(part[_LEFT] + part[_WIDTH] for part in parts) + 1),
    )


def _belonging(parts, shape):
    """Returns the connected parts that are the syllable's: lists as `parts` has rows.

    Specks are not, nor small strokes that a neighbour pushes over the border. The
    largest part always is. Few are left of any number of specks: plain Python looks at
    those several times as fast as NumPy.
    """
    areas = parts[:, _AREA]
    total, side = int(areas.sum()), max(shape)
    large = parts[areas >= 0.004 * total].tolist()
    largest = parts[areas.argmax()].tolist()
    rest = [p for p in large if p != largest and _extent(p) >= 0.03 * side]
    inner = sum(p[_AREA] for p in (largest, *rest) if not _touches(p, shape))
    # Only where the rest is clearly the syllable; a tight crop touches everywhere.
    if inner > 0.75 * total:
        rest = [p for p in rest if not (_touches(p, shape) and _small(p, total, side))]
    return [largest, *rest]


def _extent(part):
    return max(part[_WIDTH], part[_HEIGHT])


def _small(part, total, side):
    return part[_AREA] < 0.1 * total and _extent(part) < 0.35 * side


def _touches(part, shape):
    """Tells whether a part touches the border of a picture (height, width)."""
    left, top, width, height, _ = part
    return not (left and top and left + width < shape[1] and top + height < shape[0])
