"""Simulates photographs and scans: paper, light, lens, sensor, compression."""

import cv2
import numpy as np

from utils.cleaning.ink import stroke_width
from utils.data.scenes.lighting import ink_cover, paper_light, ruled_lines
from utils.data.scenes.lines import rule_off
from utils.data.scenes.neighbours import ink_bounds, surround

MIN_INK_SIDE = 22  # pixels, after reduction: strokes of dense syllables merge below


def photograph(image, rng, neighbour=None):
    """Simulates a photograph of ink on paper.

    Uneven grey ink, paper grain, shadows, ruled lines, a neighbour's strokes, blur,
    noise, low resolution and JPEG; a tenth comes light on dark.

    Args:
        image: `uint8` (height, width), dark on white, with a margin.
        rng: `numpy.random.Generator`.
        neighbour: another clean picture, or None.

    Returns:
        `uint8` (height, width), of another size.
    """
    image, box = _cut_out(image, neighbour, rng)
    ink = ink_cover(image, rng)
    paper = rng.uniform(100, 250)
    level = paper * rng.uniform(0.05, 0.8)  # down to a hard pencil's grey
    light = paper_light(ink.shape, rng)
    if rng.random() < 0.15:
        light *= 1 - ruled_lines(ink.shape, rng)
    picture = (paper - (paper - level) * ink) * light
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.4))
    picture = _reduce(picture, rng, _side(box))
    noise = rng.uniform(0.5, min(7, 0.15 * (paper - level)))  # ink stays visible
    picture += rng.normal(0, noise, picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        picture = compress(picture, rng)
    return 255 - picture if rng.random() < 0.1 else picture


def scan(image, rng, neighbour=None):
    """Simulates a cut from a scan: low resolution, often bilevel with noisy edges.

    Args:
        image: `uint8` (height, width), dark on white, with a margin.
        rng: `numpy.random.Generator`.
        neighbour: another clean picture, or None.

    Returns:
        `uint8` (height, width), of another size.
    """
    image, box = _cut_out(image, neighbour, rng)
    picture = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    picture = _reduce(picture.astype(np.float32), rng, _side(box), always=True)
    ink = float(picture.min())  # thin strokes are no more than grey by now
    picture += rng.normal(0, rng.uniform(2, 22), picture.shape)
    if rng.random() < 0.5:
        picture = np.where(picture < ink + rng.uniform(0.4, 0.8) * (255 - ink), 0, 255)
    return np.clip(picture, 0, 255).astype(np.uint8)


def soften(image, rng):
    """Adds no more than slight blur, noise or a lower resolution to a picture.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width), smaller at a lower resolution.
    """
    if rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.3:
        side = _side(ink_bounds(image))
        image = _reduce(image.astype(np.float32), rng, side, always=True)
        image = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(1, 10), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def crop(image, rng, box=None):
    """Crops to the ink with random margins; a tenth of the sides cut into the ink.

    A cut removes less than a stroke's width: without a whole stroke the picture would
    show another syllable.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`.
        box: (left, top, width, height) of the ink; None looks for it.
    """
    left, top, width, height = box or ink_bounds(image)
    if not width:
        return image
    margins = rng.uniform(0, 0.22, 4) * max(width, height)
    cut = rng.random(4) < 0.1
    ink = (image < 128).astype(np.uint8)
    if cut.any() and not ink.all():  # a dark square has no strokes
        pen = stroke_width(ink)
        margins = np.where(cut, -rng.uniform(0, 0.7, 4) * pen, margins)
    up, down, before, behind = np.round(margins).astype(int)
    rows = slice(max(0, top - up), top + height + down)
    columns = slice(max(0, left - before), left + width + behind)
    cropped = image[rows, columns]
    # Of a hair-thin stroke a cut may leave nothing.
    return cropped if cropped.size else image


def _cut_out(image, neighbour, rng):
    """Cuts a syllable out of its line, with what stands beside it.

    Returns:
        (picture, box): the crop, and (left, top, width, height) of the syllable's own
        ink in the given picture.
    """
    box = ink_bounds(image)
    image = rule_off(surround(image, box, neighbour, rng), box, rng)
    return crop(image, rng, box), box


def _side(box):
    """Returns the longer side of an ink box, 1 at least."""
    return max(1, *box[2:])


def _reduce(picture, rng, side, always=False):
    """Reduces to a random lower resolution, of `MIN_INK_SIDE` pixels of ink or more.

    Args:
        picture: `float32` (height, width).
        rng: `numpy.random.Generator`.
        side: longer side of the ink in pixels, without margins.
        always: False leaves more than half of the pictures as they are.
    """
    if not (always or rng.random() < 0.4) or side <= MIN_INK_SIDE:
        return picture.astype(np.float32)
    scale = np.exp(rng.uniform(np.log(MIN_INK_SIDE), np.log(side))) / side
    shape = [max(1, round(length * scale)) for length in picture.shape[::-1]]
    return cv2.resize(picture, shape, interpolation=cv2.INTER_AREA).astype(np.float32)


def compress(picture, rng):
    """Passes a picture through JPEG.

    Args:
        picture: `uint8` (height, width).
        rng: `numpy.random.Generator`.

    Returns:
        `uint8`, of the same shape.
    """
    quality = int(rng.integers(25, 96))
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
