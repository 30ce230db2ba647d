"""Composes syllables that a face lacks from upper parts and finals that it has.

Most handwriting faces have only the 2,350 syllables of KS X 1001, in which rare finals
occur a few times, under one or two upper parts. Cut out (see `cutting`), such a final
can be placed under every other upper part, which gives all 11,172 syllables.
"""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width
from utils.data.hands.cutting import MIN_INK_CONTRAST, Upper, gap_between, take_apart
from utils.hangul import join_syllable, split_syllables
from utils.inference.imaging import fit_ink

OTHER_FACE_PROBABILITY = 0.15  # that the final is of another face with a similar pen
EVEN_PROBABILITY = 0.5  # that all finals are equally likely, not as often as drawn
SQUEEZE_PROBABILITY = 0.08  # that the upper part is a squeezed syllable without final
MAX_LENT_FINALS = 120  # that a face lends to others


class Parts:
    """The upper parts and finals of one face, from which syllables are composed.

    Args:
        images: `uint8` (pictures, height, width), dark on white, of one face.
        labels: a syllable each.
        cuts: dict, row -> mask of its final, as `cutting.find_finals` gives it.

    Attributes:
        finals: list of `Final`.
        pen: usual width of the strokes in pixels, 0 without finals.
    """

    def __init__(self, images, labels, cuts):
        self.images = images
        found = [take_apart(images[row], labels[row], cuts[row]) for row in cuts]
        self.finals = [final for _, final in found]
        pens = [stroke_width((f.ink > 127).astype(np.uint8)) for f in self.finals]
        self.pen = float(np.median(pens or [0]))
        self._kinds = _group((final.final, final) for final in self.finals)
        self._uppers = _group(((u.initial, u.medial), u) for u, _ in found)
        jamo = split_syllables(labels)
        self._flat = _group(
            ((int(jamo["initial"][row]), int(jamo["medial"][row])), row)
            for row in np.flatnonzero(jamo["final"] == 0)
        )
        self._pairs = sorted(self._uppers.keys() | self._flat.keys())

    def draw(self, rng, lent=()):
        """Composes a syllable; each pair of initial and medial is equally likely.

        Args:
            rng: `numpy.random.Generator`.
            lent: finals of other faces.

        Returns:
            (image, syllable), as `recombine`.
        """
        upper = self._upper(self._pairs[rng.integers(len(self._pairs))], rng)
        if lent and rng.random() < OTHER_FACE_PROBABILITY:
            final = _one_of(lent, rng)
        elif rng.random() < EVEN_PROBABILITY:
            final = _one_of(self._kinds[_one_of(sorted(self._kinds), rng)], rng)
        else:
            final = _one_of(self.finals, rng)
        return recombine(upper, final, rng)

    def _upper(self, pair, rng):
        """Returns an upper part: one that was cut out, or a squeezed syllable."""
        flat = pair in self._flat and rng.random() < SQUEEZE_PROBABILITY
        if pair in self._uppers and not flat:
            return _one_of(self._uppers[pair], rng)
        return squeeze(self.images[_one_of(self._flat[pair], rng)], *pair, rng)


def _group(pairs):
    groups = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _one_of(values, rng):
    return values[rng.integers(len(values))]


def squeeze(image, initial, medial, rng):
    """Makes an upper part from a syllable without final, by squeezing it.

    Args:
        image: `uint8` (height, width), dark on white.
        initial: index of its initial.
        medial: index of its medial.
        rng: `numpy.random.Generator`.

    Returns:
        `Upper`.
    """
    ink = 255 - image
    left, top, width, height = cv2.boundingRect(
        (ink > MIN_INK_CONTRAST).astype(np.uint8)
    )
    across = max(4, round(width * rng.uniform(0.85, 1)))
    down = max(4, round(height * rng.uniform(0.52, 0.68)))
    whole = ink[top : top + height, left : left + width]
    small = cv2.resize(whole, (across, down), interpolation=cv2.INTER_AREA)
    flat = np.zeros_like(ink)
    start = left + max(0, width - across) // 2
    part = flat[top : top + down, start : start + across]
    part[:] = small[: part.shape[0], : part.shape[1]]
    room = (left + width // 6, top + down, max(1, round(0.75 * width)), height - down)
    return Upper(flat, initial, medial, room, int(rng.integers(0, 5)))


def recombine(upper, final, rng):
    """Places a final under an upper part.

    Args:
        upper: `Upper`.
        final: `Final`, of the same face or of another.
        rng: `numpy.random.Generator`, for the final's size, position and distance.

    Returns:
        (image, syllable): `uint8` of the upper part's height, square, dark on white,
        the ink fitted into it; and what it shows.
    """
    height, width = upper.ink.shape
    ink = _resized(final, upper.room[2], rng)
    down, across = ink.shape
    canvas = np.zeros((2 * height + down, width + 2 * across), np.uint8)
    canvas[:height, across : across + width] = upper.ink
    own = upper.room[0] + upper.room[2] / 2
    theirs = final.box[0] + final.box[2] / 2
    centre = own + rng.uniform(0, 0.5) * (theirs - own) + rng.normal(0, 0.02 * width)
    left = round(across + centre - across / 2)
    left = int(np.clip(left, 0, canvas.shape[1] - across))
    below = np.zeros_like(canvas)
    below[height : height + down, left : left + across] = ink
    gap = upper.gap + round(rng.normal(0, 0.02 * height))
    top = max(height // 3, height + gap - gap_between(canvas, below))
    part = canvas[top : top + down, left : left + across]
    np.maximum(part, ink[: len(part)], out=part)
    x, y, wide, high = cv2.boundingRect((canvas > MIN_INK_CONTRAST).astype(np.uint8))
    image = fit_ink(255 - canvas[y : y + high, x : x + wide], height)
    return image, join_syllable(upper.initial, upper.medial, final.final)


def _resized(final, room, rng):
    """Returns a final's ink, resized part of the way to the width of its new place."""
    scale = np.clip(room / final.box[2], 0.75, 1.35) ** rng.uniform(0, 0.6)
    stretch = scale * np.exp(rng.normal(0, 0.06, 2))
    sides = np.array(final.ink.shape[::-1]) * stretch
    shape = [max(3, round(side)) for side in sides]
    return cv2.resize(final.ink, shape, interpolation=cv2.INTER_LINEAR)
