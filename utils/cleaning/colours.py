"""Colours that are as light as each other -> grey levels that tell them apart."""

import cv2
import numpy as np

_MIN_SPREAD_RATIO = 2.5  # of colours to grey levels; of black and white it is 1.7
_MAX_COPY_SIDE = 64  # pixels, of the copy in which colours are compared


def as_far_apart(colours: np.ndarray, gray: np.ndarray) -> np.ndarray:
    """Turns a colour picture into grey levels along the line its colours spread most.

    Red on green may be as light as the green: in grey levels nothing is left of it. The
    line is the first principal component of the colours, which two colours always lie
    on.

    Args:
        colours: `uint8` (height, width, 3), red, green, blue.
        gray: `uint8` (height, width): their usual grey levels.

    Returns:
        `uint8` (height, width): levels along that line, at the scale of the colours, or
        `gray` where those spread no farther.
    """
    shape = [min(_MAX_COPY_SIDE, length) for length in colours.shape[1::-1]]
    small = cv2.resize(colours, shape, interpolation=cv2.INTER_AREA).reshape(-1, 3)
    if (small == small[0]).all():  # of one colour no line goes
        return gray
    axis = np.linalg.eigh(np.cov(small.T))[1][:, -1]  # of the largest variance
    along = small @ axis
    if np.ptp(along) < _MIN_SPREAD_RATIO * np.ptp(gray):
        return gray
    # Their middle becomes middle grey; farther out than can be shown is black or white.
    offset = 127.5 - (along.min() + along.max()) / 2
    levels = cv2.transform(colours.astype(np.float32), np.append(axis, offset)[None])
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
