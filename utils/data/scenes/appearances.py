"""Renders clean syllables as they appear in use: coloured, framed, worn, small.

This code is independent of the distortions of training (`augment`), in colour and with
other shapes, so that a test on these pictures asks for more than was trained.
"""

from collections.abc import Callable

import cv2
import numpy as np

from utils.data.scenes.coloured import coloured_parts
from utils.data.scenes.dotted import of_dots
from utils.data.scenes.marked import marked_in_red
from utils.data.scenes.practice import practice_cell
from utils.data.scenes.reshaped import RESHAPED
from utils.data.scenes.settings import SETTINGS, cut_out, frame_of, ruled_page, spread
from utils.data.scenes.shaded import SHADED
from utils.data.scenes.sheets import SHEETS
from utils.data.scenes.surrounded import circled_by_hand, in_brackets
from utils.data.scenes.worn import DARK, LIGHT, WORN, printed

Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _colour(rng):
    return rng.uniform(0, 255, 3)


def _lightness(colour):
    return colour @ [0.299, 0.587, 0.114]  # Rec. 601, as grey levels are


def _two_colours(rng, least, most):
    """Returns two unlike colours; their lightness differs by `least` to `most`."""
    while True:
        one, other = _colour(rng), _colour(rng)
        apart = abs(_lightness(one) - _lightness(other))
        if least <= apart <= most and np.abs(one - other).max() > 120:
            return one, other


def _two_lightnesses(ink, rng):
    return printed(spread(ink, rng), *_two_colours(rng, 60, 255))


def _one_lightness(ink, rng):
    return printed(spread(ink, rng), *_two_colours(rng, 0, 12))


def _two_greys(rng):
    """Returns the grey of ink and that of paper, which is lighter."""
    return np.full(3, rng.uniform(20, 90)), np.full(3, rng.uniform(150, 240))


def _light_on_dark(ink, rng):
    return printed(spread(ink, rng), LIGHT, DARK)


def _faint(ink, rng):
    picture = printed(spread(ink, rng), np.full(3, 195.0), np.full(3, 225.0))
    return picture + rng.normal(0, 3, picture.shape)


def _outline(ink, rng):
    ink = spread(ink, rng, 0.1)
    return printed(cv2.dilate(ink, np.ones((5, 5))) - ink)


def _subtitle(ink, rng):
    """Draws white letters with a dark edge on a picture."""
    ink = spread(ink, rng, 0.1)
    edge = cv2.dilate(ink, np.ones((5, 5)))[..., None]
    ground = (30 + 0.7 * _clouds(ink.shape, rng)) * (1 - edge)
    return printed(ink, 245, ground)


def _clouds(shape, rng, side=6):
    """Returns colours that change smoothly (height, width, 3), 0-255."""
    coarse = rng.uniform(0, 255, (side, side, 3)).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _drop_shadow(ink, rng):
    ink = spread(ink, rng, 0.1)
    below = cv2.GaussianBlur(np.roll(ink, (4, 4), (0, 1)), (0, 0), 2)
    ground = printed(0.5 * below)
    return printed(ink, 0.4 * _colour(rng), ground)


def _on_a_photograph(ink, rng):
    ink = spread(ink, rng)
    ground = 60 + 0.5 * _clouds(ink.shape, rng)
    level = 250.0 if ground.mean() < 128 else 5.0
    return printed(ink, level, ground)


def _compressed(ink, rng):
    return compressed(np.rint(printed(spread(ink, rng))).astype(np.uint8))


def compressed(picture):
    """Returns a picture after JPEG compression at quality 8.

    Args:
        picture: `uint8` (height, width, 3).
    """
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 8])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


def _framed(name):
    def draw(ink, rng):
        return printed(SETTINGS[name](ink, rng))

    return draw


def _on_plate(shape):
    def draw(ink, rng):
        plate, ink = frame_of(shape, ink, rng)
        ground = printed(plate, 0.6 * _colour(rng), np.full(3, 248.0))
        return printed(ink, 255, ground)

    return draw


APPEARANCES: dict[str, Draw] = {
    "as it is": lambda ink, rng: printed(spread(ink, rng)),
    "light on dark": _light_on_dark,
    "two colours": _two_lightnesses,
    "equally light colours": _one_lightness,
    "faint": _faint,
    "outlines alone": _outline,
    "subtitle": _subtitle,
    "drop shadow": _drop_shadow,
    "on a photograph": _on_a_photograph,
    **WORN,
    **{name: _framed(name) for name in SETTINGS},
    "on a label": _on_plate("label"),
    "on a round button": _on_plate("circle"),
    **SHEETS,
    **RESHAPED,
    "JPEG of quality 8": _compressed,
    "cut out tightly": lambda ink, rng: printed(cut_out(ink), *_two_greys(rng)),
    "on a ruled page": lambda ink, rng: printed(ruled_page(ink, rng)),
    "in a practice cell": lambda ink, rng: printed(practice_cell(ink, rng)),
    "in several colours": coloured_parts,
    "marked in red": marked_in_red,
    "of dots": of_dots,
    "circled by hand": circled_by_hand,
    "in brackets": in_brackets,
    **SHADED,
}


def appear(gray: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    """Renders a clean picture in one appearance.

    Args:
        gray: `uint8` (height, width), dark on white.
        name: one of `APPEARANCES`.
        rng: the result depends on nothing else.

    Returns:
        `uint8` (height', width', 3), red, green, blue.
    """
    ink = (255 - gray).astype(np.float32) / 255
    picture = APPEARANCES[name](ink, rng)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
