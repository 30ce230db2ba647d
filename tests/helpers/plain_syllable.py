"""A syllable like 갸, drawn with lines, and whether the network sees it."""

import cv2
import numpy as np

from utils.inference.imaging import prepare

SIZE = 64


def _syllable():
    """The syllable dark on white, with wide margins: 200 x 200, mostly 65 to 145."""
    image = np.full((200, 200), 255, np.uint8)
    strokes = [(65, 70, 95, 70), (95, 70, 85, 130), (115, 63, 115, 145)]
    for x0, y0, x1, y1 in [*strokes, (115, 90, 140, 90), (115, 110, 140, 110)]:
        cv2.line(image, (x0, y0), (x1, y1), 0, 8, cv2.LINE_AA)
    return image


PLAIN = _syllable()
SEEN = prepare(PLAIN, SIZE)
RECTANGLE = np.array([(40, 40), (165, 40), (165, 165), (40, 165)])


def same(picture, limit):
    """Asserts that the network sees the plain syllable, in mean grey levels.

    Moved by a pixel along its diagonal, it differs from itself by 19.
    """
    difference = np.abs(prepare(picture, SIZE).astype(float) - SEEN).mean()
    assert difference < limit, f"{difference:.1f} grey levels"


def on_plate(shape, plate, ink, paper):
    """The syllable in one colour on a plate of another, on paper.

    Args:
        shape: a circle's radius in pixels, or a polygon's corners.
        plate: red, green, blue; as `ink`.
        paper: its grey level.
    """
    image = np.full((200, 200, 3), paper, np.uint8)
    if isinstance(shape, int):
        cv2.circle(image, (102, 104), shape, plate, -1, cv2.LINE_AA)
    else:
        cv2.fillPoly(image, [shape], plate, cv2.LINE_AA)
    share = (255 - PLAIN[..., None]) / 255.0
    return np.rint(image + (np.array(ink) - image) * share).astype(np.uint8)
