"""What preparing a picture costs, by its size and kind."""

import statistics
import time

import cv2
import numpy as np
from PIL import Image

from utils.inference.imaging import prepare

SIDES = (96, 640, 3464)  # pixels: a patch, a cut-out, 12 megapixels
STROKES = ((21, 26, 52, 26), (52, 26, 42, 89), (73, 19, 73, 104), (73, 57, 99, 57))

_LONGEST = 2.0  # seconds that one kind may take
_FEWEST, _MOST = 3, 50  # times that one kind is prepared


def draw_picture(side):
    """Draws the syllable 가 on paper that is a little uneven.

    Returns:
        `uint8` (side, side), grey.
    """
    picture = np.full((side, side), 255, np.uint8)
    scale = side / 125
    for ends in STROKES:
        x0, y0, x1, y1 = (round(each * scale) for each in ends)
        cv2.line(picture, (x0, y0), (x1, y1), 0, max(1, side // 15))
    light = np.linspace(0, 40, side)
    return (picture * 0.6 + 40 + light).astype(np.uint8)


def _as_jpeg(gray):
    return cv2.imencode(".jpg", np.stack([gray] * 3, 2))[1].tobytes()


KINDS = {
    "grey array": lambda gray: gray,
    "RGB array": lambda gray: np.stack([gray] * 3, 2),
    "RGBA array": lambda gray: np.dstack([gray] * 3 + [gray * 0 + 255]),
    "float32 array": lambda gray: (gray / 255).astype(np.float32),
    "PIL RGB": lambda gray: Image.fromarray(gray).convert("RGB"),
    "PIL RGBA": lambda gray: Image.fromarray(gray).convert("RGBA"),
    "JPEG file, decoded": _as_jpeg,
}


def measure_preparation(size):
    """Measures preparation on one core, by the time of the processor.

    Args:
        size: side of the prepared pictures in pixels.

    Returns:
        Rows of (kind, and for each of `SIDES` the median in ms as text).
    """
    rows = {name: [name] for name in KINDS}
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    for side in SIDES:
        gray = draw_picture(side)
        for name, convert in KINDS.items():
            rows[name].append(f"{1000 * _median_seconds(convert(gray), size):.2f}")
    cv2.setNumThreads(threads)
    return list(rows.values())


def _median_seconds(picture, size):
    """Returns the median of the processor's seconds of some preparations."""
    prepare(picture, size)
    seconds = []
    while len(seconds) < _FEWEST or (sum(seconds) < _LONGEST and len(seconds) < _MOST):
        begun = time.process_time()
        prepare(picture, size)
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds)
