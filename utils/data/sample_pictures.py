"""A face's first syllables -> PNG files, to check offsets and sizes by eye."""

from pathlib import Path

from PIL import Image

from utils.data.rendering import Renderer

SAMPLES = "가나"  # what the script of 2021 drew


def draw_samples(faces, image_size, placement, folder):
    """Draws the samples of every face to `<folder>/<face>_<index>_<syllable>.png`.

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
    for face in faces:
        renderer = Renderer(face, image_size, placement)
        for syllable in SAMPLES:
            try:
                image = renderer.draw(syllable)
            except OSError:  # a broken glyph
                continue
            if image is None:
                continue
            name = f"{Path(face.path).stem}_{face.index}_{syllable}.png"
            Image.fromarray(image).save(folder / name)
            drawn += 1
    return drawn
