"""Draws syllables on paper on which shades with edges lie, or of which they are little.

As little of that as of the other scenes is drawn as training does.
"""

import cv2
import numpy as np

from utils.data.scenes.settings import cut_out, spread
from utils.data.scenes.worn import printed

_PAGE = 1000, 750  # pixels: height and width of a page that holds one syllable


def _shaded(ink, shade, rng):
    """Prints on paper that is darker where the shade, 0 to 1, is."""
    soft = cv2.GaussianBlur(shade.astype(np.float32), (0, 0), rng.uniform(1, 2))
    return printed(ink) * (1 - rng.uniform(0.3, 0.5) * soft[..., None])


def _below_leaves(ink, rng):
    """Lays a shade of patches no larger than the syllable on it."""
    ink = spread(ink, rng)
    leaves = cv2.resize(
        rng.random((7, 7)), ink.shape[::-1], interpolation=cv2.INTER_CUBIC
    )
    return _shaded(ink, leaves > np.median(leaves), rng)


def _behind_blinds(ink, rng):
    """Lays shades of slats on the syllable, level or nearly."""
    ink = spread(ink, rng)
    rows, columns = np.indices(ink.shape) / max(ink.shape)
    place = (rows + rng.uniform(-0.3, 0.3) * columns) * rng.uniform(3, 5)
    return _shaded(ink, (place + rng.random()) % 1 < 0.5, rng)


def _on_a_page(ink, rng):
    """Writes the syllable somewhere on a page, a tenth as wide, in uneven light."""
    ink = cut_out(ink)
    page = np.zeros(_PAGE, np.float32)
    top, left = rng.integers(0, np.subtract(_PAGE, ink.shape) + 1)
    page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    coarse = rng.uniform(0.5, 1, (4, 3))
    light = cv2.resize(coarse, _PAGE[::-1], interpolation=cv2.INTER_CUBIC)
    return printed(page) * light[..., None] + rng.normal(0, 2, (*_PAGE, 1))


SHADED = {
    "below leaves": _below_leaves,
    "behind blinds": _behind_blinds,
    "small on a page": _on_a_page,
}
