"""A face's first syllables -> PNG files, to check offsets and sizes by eye."""

import io
from collections import Counter
from pathlib import Path

from PIL import Image

from utils.data.atomic import write_atomically
from utils.data.fonts import GLYPH_ERRORS
from utils.data.rendering import Renderer

SAMPLES = "가나"  # what the script of 2021 drew


def draw_samples(faces, image_size, placement, folder):
    """Draws the samples of every face to `<folder>/<face>_<index>_<syllable>.png`.

    Faces whose files have one name are counted: the second is `<face>_<index>-2`.

    Args:
        faces: list of `utils.data.fonts.Face`.
        image_size: side of the pictures in pixels.
        placement: see `utils.data.rendering.Renderer`.
        folder: where the pictures go; made if it is not there.

    Returns:
        Number of pictures drawn; a syllable that the face lacks gives none.
    """
    folder, drawn = Path(folder), 0
    folder.mkdir(parents=True, exist_ok=True)
    for face, name in zip(faces, _names(faces), strict=True):
        renderer = Renderer(face, image_size, placement)
        for syllable in SAMPLES:
            try:
                image = renderer.draw(syllable)
            except GLYPH_ERRORS:
                continue
            if image is not None:
                write_atomically(folder / f"{name}_{syllable}.png", _png(image))
                drawn += 1
    return drawn


def _names(faces):
    """Yields a name for each face, none twice on any disk."""
    counts = Counter()
    for face in faces:
        name = f"{Path(face.path).stem}_{face.index}"
        again = counts[name.lower()] = counts[name.lower()] + 1
        yield name if again == 1 else f"{name}-{again}"


def _png(image):
    """Returns a picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png")
    return buffer.getvalue()
