"""Draws the strokes of synthetic handwriting, with a random pen for each hand."""

import cv2
import numpy as np

from utils.inference.imaging import fit_ink

_DRAWN_HEIGHT = 256  # pixels of a syllable as it is drawn, before it is reduced
_MAX_BOX_FILL = 0.4  # share of the syllable's box that is ink: more is illegible
_MARGIN = 0.4  # of the height, both sides of the syllable together


class Pen:
    """A pen, with its width and how that changes along a stroke.

    Args:
        rng: `numpy.random.Generator`, from which its properties are drawn.
    """

    def __init__(self, rng):
        self.width = np.exp(rng.uniform(np.log(0.025), np.log(0.135)))  # of the height
        self.taper = rng.uniform(0.2, 0.8) if rng.random() < 0.4 else 0.0
        self.uneven = rng.uniform(0, 0.2)
        self.broad = rng.uniform(0, 0.5) if rng.random() < 0.3 else 0.0
        self.nib = rng.uniform(0, np.pi)  # the direction in which a broad one is thin

    def widths(self, stroke, rng, widest=np.inf):
        """Returns the width at each point of a stroke, in heights of the syllable.

        Args:
            stroke: `float32` (points, 3), as `Scribe.write` gives it.
            rng: `numpy.random.Generator`.
            widest: upper limit of the pen's basic width.
        """
        along = np.linspace(0, 1, len(stroke))
        worn = 1 - self.taper * along ** rng.uniform(1.5, 4)
        waves = np.interp(along, np.linspace(0, 1, 4), rng.normal(0, self.uneven, 4))
        way = np.gradient(stroke[:, :2], axis=0)
        turned = np.abs(np.sin(np.arctan2(way[:, 1], way[:, 0]) - self.nib))
        width = min(self.width, widest) * worn * np.exp(waves)
        return width * (1 - self.broad * (1 - turned)) * stroke[:, 2]


def draw_strokes(strokes, pen, rng, size):
    """Draws strokes.

    Args:
        strokes: as `Scribe.write` gives them.
        pen: `Pen`.
        rng: `numpy.random.Generator`.
        size: side of the picture in pixels.

    Returns:
        `uint8` (size, size), dark on white, the ink fitted into the square.
    """
    points = np.concatenate(strokes)[:, :2]
    corner = points.min(0) - _MARGIN / 2
    width, height = np.ceil(
        (points.max(0) - corner + _MARGIN / 2) * _DRAWN_HEIGHT
    ).astype(int)
    canvas = np.full((height, width), 255, np.uint8)
    widest = _widest(strokes)
    for stroke in strokes:
        places = np.round((stroke[:, :2] - corner) * _DRAWN_HEIGHT).astype(np.int32)
        widths = pen.widths(stroke, rng, widest) * _DRAWN_HEIGHT
        thick = np.maximum(3, np.round(widths)).astype(int)
        for start, end in _runs(thick):
            piece = places[start : end + 1].reshape(-1, 1, 2)
            cv2.polylines(canvas, [piece], False, 0, int(thick[start]), cv2.LINE_AA)
    left, top, width, height = cv2.boundingRect(255 - canvas)
    return fit_ink(canvas[top : top + height, left : left + width], size)


def _widest(strokes):
    """Returns the stroke width at which strokes fill `_MAX_BOX_FILL` of their box.

    A pen so thick that no paper is left between the strokes would make the syllable
    illegible; people write larger then.
    """
    length = sum(np.hypot(*np.diff(s[:, :2], axis=0).T).sum() for s in strokes)
    return (
        _MAX_BOX_FILL * np.prod(np.ptp(np.concatenate(strokes)[:, :2], axis=0)) / length
    )


def _runs(values):
    """Yields (start, end) of runs of the same value, `end` exclusive."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return zip([0, *cuts], [*cuts, len(values)], strict=True)
