"""What the browser's canvas sends -> a picture."""

import base64
import binascii
import io

import numpy as np
from PIL import Image

MAX_CHARACTERS = 1_000_000  # of a drawing as text
_HEAD = "data:image/png;base64,"
_SIDE = 1024  # pixels, of a drawing at most
_INK = 200  # grey level, below which something is drawn
# What base64 and Pillow raise; the last is of a header that claims too many pixels.
_UNREADABLE = (binascii.Error, OSError, SyntaxError, ValueError)
_UNREADABLE += (Image.DecompressionBombError,)


def decode_drawing(value):
    """Reads a drawing.

    Args:
        value: PNG as a data URL; empty or None where nothing was drawn.

    Returns:
        `uint8` (height, width), grey; None where nothing was drawn.

    Raises:
        ValueError: it is anything else.
    """
    if not value:
        return None
    if not isinstance(value, str) or not value.startswith(_HEAD):
        raise ValueError("a drawing must come as a PNG data URL.")
    if len(value) > MAX_CHARACTERS:
        raise ValueError(
            f"the drawing has {len(value)} characters; expected {MAX_CHARACTERS} or "
            "fewer."
        )
    try:
        content = base64.b64decode(value[len(_HEAD) :], validate=True)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if max(image.size) > _SIDE:
                raise ValueError(f"it is larger than {_SIDE} pixels")
            gray = np.asarray(image.convert("L"))
    except _UNREADABLE as error:
        raise ValueError(f"the drawing cannot be read ({error}).") from None
    return gray if gray.min() < _INK else None
