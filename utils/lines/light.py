"""Whether text is lighter than its ground."""

import cv2
import numpy as np

from utils.inference.polarity import is_light_on_dark

_SIDE = 400  # pixels of the copy that is looked at
_CLEARLY = 0.3  # skewness: with less, the border decides


def is_light_text(gray: np.ndarray) -> bool:
    """Tells whether text is lighter than its ground.

    Text is the smaller part of what is around it: grey levels, less their mean near by,
    are skewed to its side. Neither shadows nor frames change that. Of bold letters it
    is not sure, and then what has the border is the ground.

    Args:
        gray: `uint8` (height, width).
    """
    scale = min(1, _SIDE / max(gray.shape))
    shape = [max(1, round(length * scale)) for length in gray.shape[::-1]]
    small = cv2.resize(gray, shape, interpolation=cv2.INTER_AREA).astype(np.float32)
    around = max(shape) // 8 * 2 + 1
    apart = small - cv2.blur(small, (around, around))
    apart -= apart.mean()
    spread = max(float(np.sqrt((apart**2).mean())), 1e-3)
    skew = float((apart**3).mean()) / spread**3
    return skew > 0 if abs(skew) > _CLEARLY else is_light_on_dark(gray)
