"""Pictures of syllables of one hand or face -> pictures of lines, of chance words."""

import cv2
import numpy as np

from utils.data.text.text_lines import TextLine, set_up_line
from utils.pictures.geometry import MARGIN, lay_down

_SIZES = 48, 80  # pixels of a syllable's longer side, from and to
_LENGTHS = 1, 13  # syllables of a line, from and to before
_WORDS = 1, 6  # of a word


def compose_line(images, labels, family, rng, vertical=False):
    """Sets syllables side by side, in words, as loosely as a hand does.

    What they show is drawn by chance: no text helps to read it. Gaps between syllables
    are from none to a fifth of their size, those between words a third and more.

    Args:
        images: `uint8` (pictures, size, size), prepared, dark on white.
        labels: a syllable each.
        family: of the face, or the writer.
        rng: `numpy.random.Generator`.
        vertical: set them below each other.

    Returns:
        `TextLine`.
    """
    chosen = rng.integers(0, len(images), rng.integers(*_LENGTHS))
    size, apart = rng.uniform(*_SIZES), rng.uniform(-0.02, 0.22)
    words = _words(len(chosen), rng)
    space = rng.uniform(0.3, 0.7)
    canvas = np.zeros((int(3 * size), int((2 * len(chosen) + 4) * size)), np.uint8)
    x, ends = size, []
    for place, number in enumerate(chosen):
        image = lay_down(images[number]) if vertical else images[number]
        ink = _scaled(image, size)
        x += space * size * (place in words)
        left = int(x)
        top = int(1.5 * size - len(ink) / 2 + 0.04 * rng.normal() * size)
        room = canvas[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(room, ink, out=room)
        middle = top + len(ink) / 2
        ends.append((left, middle, left + ink.shape[1], middle))
        x += ink.shape[1] + max(-0.1, apart + 0.05 * rng.normal()) * size
    text = "".join(" " * (p in words) + labels[n] for p, n in enumerate(chosen))
    line = _cut_out(canvas, text, np.array(ends), int(0.2 * size), family)
    return set_up_line(line) if vertical else line


def _words(count, rng):
    """Returns before which syllables a word begins, but for the first."""
    starts, at = set(), int(rng.integers(*_WORDS))
    while at < count:
        starts.add(at)
        at += int(rng.integers(*_WORDS))
    return starts


def _scaled(image, size):
    """Returns the ink of a prepared picture, its longer side so long: 255 is ink."""
    left, top, width, height = cv2.boundingRect((image < 192).view(np.uint8))
    ink = 255 - image[top : top + height, left : left + width]
    if not width:
        ink = np.zeros((1, 1), np.uint8)
    scale = size / (image.shape[0] * (1 - 2 * MARGIN))
    shape = [max(1, round(length * scale)) for length in ink.shape[::-1]]
    return cv2.resize(ink, shape, interpolation=cv2.INTER_LINEAR)


def _cut_out(canvas, text, ends, margin, family):
    """Cuts a line out of its canvas: a `TextLine`, dark on white."""
    left, top, width, height = cv2.boundingRect(canvas)
    canvas = np.pad(canvas[top : top + height, left : left + width], margin)
    ends = ends - np.tile([left - margin, top - margin], 2)
    return TextLine(255 - canvas, text, ends, family)
