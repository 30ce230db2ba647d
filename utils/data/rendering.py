"""One syllable + one face -> one picture, dark ink on white."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from utils.data.fonts import draw_ink, load_face
from utils.inference.imaging import fit_ink

DRAW_SIZE = 128  # pixels an em at least: outlines are drawn large and reduced


@dataclass(frozen=True)
class Placement:
    """Where the seed's options put a glyph: offsets and size of the em in pixels."""

    x_offset: int
    y_offset: int
    char_size: int


class Renderer:
    """Draws syllables of one face.

    Args:
        face: `utils.data.fonts.Face`.
        image_size: side of the pictures in pixels.
        placement: a `Placement` draws at the offsets; None scales the ink box into the
            square, its aspect kept, as `utils.inference.imaging` does at prediction.

    Raises:
        OSError: FreeType cannot read the face.
    """

    def __init__(self, face, image_size, placement=None):
        self.image_size, self.placement = image_size, placement
        size = placement.char_size if placement else max(DRAW_SIZE, image_size * 4 // 3)
        self.font = load_face(face, size)

    def draw(self, syllable):
        """Draws a syllable.

        Returns:
            `uint8` (image_size, image_size), dark on white; None if there is no ink.

        Raises:
            utils.data.fonts.GLYPH_ERRORS: the glyph cannot be read.
        """
        return self._placed(syllable) if self.placement else self._fitted(syllable)

    def _placed(self, syllable):
        canvas = Image.new("L", (self.image_size, self.image_size), 255)
        corner = (self.placement.x_offset, self.placement.y_offset)
        ImageDraw.Draw(canvas).text(corner, syllable, font=self.font, fill=0)
        image = np.asarray(canvas)
        return image if (image < 255).any() else None

    def _fitted(self, syllable):
        ink = draw_ink(self.font, syllable)
        if ink is None:
            return None
        left, top, width, height = cv2.boundingRect(ink)
        box = ink[top : top + height, left : left + width]
        return fit_ink(255 - box, self.image_size)
