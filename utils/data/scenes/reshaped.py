"""Draws syllables turned, stretched or small."""

import cv2

from utils.data.scenes.settings import spread
from utils.data.scenes.worn import printed


def _turned(degrees):
    def draw(ink, rng):
        ink, sign = spread(ink, rng, 0.25), 1 if rng.random() < 0.5 else -1
        middle = tuple(length / 2 for length in ink.shape[::-1])
        matrix = cv2.getRotationMatrix2D(middle, sign * degrees, 1)
        return printed(cv2.warpAffine(ink, matrix, ink.shape[::-1]))

    return draw


def _stretched(across):
    def draw(ink, rng):
        return printed(spread(cv2.resize(ink, None, fx=across, fy=1.0), rng))

    return draw


def _small(side):
    def draw(ink, rng):
        picture = printed(spread(ink, rng, 0.05))
        scale = side / max(picture.shape)
        shape = [max(1, round(length * scale)) for length in picture.shape[1::-1]]
        return cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)

    return draw


RESHAPED = {
    "turned by 8 degrees": _turned(8),
    "turned by 15 degrees": _turned(15),
    "half as wide": _stretched(0.5),
    "twice as wide": _stretched(2.0),
    "28 pixels": _small(28),
    "20 pixels": _small(20),
    "16 pixels": _small(16),
}
