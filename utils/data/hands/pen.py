"""Varies the pen: makes strokes thicker, thinner or uneven, or joins them."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width


def change_width(image, rng):
    """Makes strokes thicker or thinner, unless they would vanish.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width).
    """
    size = 2 if rng.random() < 0.6 else 3
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    if rng.random() < 0.6:
        return cv2.erode(image, kernel)  # dark grows
    thinner = cv2.dilate(image, kernel)
    share = rng.uniform(0.4, 1)
    thinner = cv2.addWeighted(thinner, share, image, 1 - share, 0)
    if (thinner < 128).sum() < 0.5 * (image < 128).sum():
        return image
    return thinner


def vary_width(image, rng):
    """Varies the width along the strokes, as pressure and ink do.

    The picture is blurred and thresholded at a level that varies smoothly over it.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width); the picture itself where its strokes would vanish.
    """
    ink = cv2.GaussianBlur(255 - image, (0, 0), rng.uniform(0.6, 1.6))
    coarse = (rng.uniform(0.3, 0.65, (4, 4)) * ink.max()).astype(np.uint8)
    level = cv2.resize(coarse, image.shape[::-1], interpolation=cv2.INTER_CUBIC)
    slope = rng.uniform(1.5, 4)  # 1.5 keeps soft edges, 4 nearly hard ones
    varied = cv2.addWeighted(ink, slope, level, -slope, 128)
    if (varied > 127).sum() < 0.5 * (image < 128).sum():  # hair lines would vanish
        return image
    return 255 - varied


def join_parts(image, rng):
    """Joins two parts that nearly touch by a thin stroke, as a pen that stays down.

    A bridge longer than strokes are wide would be a stroke itself: 으 would show 오.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width); the picture itself where nothing is near enough.
    """
    ink = (image < 128).astype(np.uint8)
    count, marks = cv2.connectedComponents(ink, connectivity=8)
    if not 3 <= count <= 255:  # background and one part; hundreds are noise
        return image
    part = int(rng.integers(1, count))
    own, others = marks == part, (marks > 0) & (marks != part)
    distance, nearest = cv2.distanceTransformWithLabels(
        (~own).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    end = np.unravel_index(np.where(others, distance, np.inf).argmin(), image.shape)
    pen = stroke_width(ink)
    if distance[end] > pen:
        return image
    start = np.argwhere((nearest == nearest[end]) & own)[0]
    width = max(1, round(rng.uniform(0.3, 0.9) * pen))
    joined = image.copy()
    ends = [tuple(int(c) for c in place[::-1]) for place in (start, end)]
    cv2.line(joined, *ends, 0, width, cv2.LINE_AA)
    return joined
