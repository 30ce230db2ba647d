"""Clean picture -> photograph or scan of it: paper, light, lens, sensor, file."""

import cv2
import numpy as np


def photograph(image, rng, neighbour=None):
    """Simulates a photograph of ink on paper.

    Uneven grey ink, paper grain, shadow, ruled lines, a neighbour's strokes, blur,
    noise, low resolution and JPEG; a tenth comes light on dark.

    Args:
        image: `uint8` (height, width), dark on white, with a margin.
        rng: `numpy.random.Generator`.
        neighbour: another clean picture, or None.

    Returns:
        `uint8` (height, width), of another size.
    """
    if neighbour is not None and rng.random() < 0.4:
        image = _intrude(image, neighbour, rng)
        if rng.random() < 0.3:  # from another side, or farther from the same
            image = _intrude(image, neighbour, rng)
    image = crop(image, rng)
    ink = _ink_cover(image, rng)
    if rng.random() < 0.12:
        ink = np.maximum(ink, _ruled_line(ink.shape, rng))
    paper = rng.uniform(100, 250)
    level = paper * rng.uniform(0.05, 0.8)  # down to a hard pencil's grey
    light = _light(ink.shape, rng)
    picture = (paper - (paper - level) * ink) * light
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.4))
    picture = _reduce(picture, rng, 24)
    noise = rng.uniform(0.5, min(7, 0.15 * (paper - level)))  # ink stays visible
    picture += rng.normal(0, noise, picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        picture = _compress(picture, rng)
    return 255 - picture if rng.random() < 0.1 else picture


def scan(image, rng):
    """Simulates a scan: low resolution, often bilevel with noisy edges.

    Args:
        image: `uint8` (height, width), dark on white, with a margin.
        rng: `numpy.random.Generator`.

    Returns:
        `uint8` (height, width), of another size.
    """
    picture = cv2.GaussianBlur(crop(image, rng), (0, 0), rng.uniform(0.4, 1.2))
    picture = _reduce(picture.astype(np.float32), rng, 22, always=True)
    picture += rng.normal(0, rng.uniform(2, 22), picture.shape)
    if rng.random() < 0.5:
        picture = np.where(picture < rng.uniform(110, 200), 0, 255)
    return np.clip(picture, 0, 255).astype(np.uint8)


def soften(image, rng):
    """Leaves a picture clean but for slight blur, noise or a lower resolution."""
    if rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.3:
        image = _reduce(image.astype(np.float32), rng, 20, always=True)
        image = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(1, 10), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def crop(image, rng):
    """Crops to the ink with random margins, some so tight that they cut it."""
    left, top, width, height = cv2.boundingRect((image < 128).astype(np.uint8))
    if not width:
        return image
    side = max(width, height)
    margins = (rng.uniform(-0.01, 0.22, 4) * side).astype(int)
    rows = slice(max(0, top - margins[0]), top + height + margins[1])
    columns = slice(max(0, left - margins[2]), left + width + margins[3])
    cropped = image[rows, columns]
    # Of a hair-thin stroke a cut may leave nothing.
    return cropped if cropped.size else image


def _intrude(image, neighbour, rng):
    """Lets strokes of a neighbour push in over one side."""
    height, width = image.shape
    other = cv2.resize(neighbour, (width, height), interpolation=cv2.INTER_AREA)
    depth = rng.uniform(0.02, 0.14)
    if rng.random() < 0.75:  # left or right, as in a line
        shift = round((1 - depth) * width) * (1 if rng.random() < 0.5 else -1)
        matrix = np.float32([[1, 0, shift], [0, 1, 0]])
    else:
        shift = round((1 - depth) * height) * (1 if rng.random() < 0.5 else -1)
        matrix = np.float32([[1, 0, 0], [0, 1, shift]])
    moved = cv2.warpAffine(other, matrix, (width, height), borderValue=255)
    return np.minimum(image, moved)


def _ink_cover(image, rng):
    """Returns how much ink covers each pixel, 0 to 1, uneven as a pencil's."""
    ink = (255 - image).astype(np.float32) / 255
    if rng.random() < 0.6:
        grain = rng.normal(0, rng.uniform(0.05, 0.3), image.shape).astype(np.float32)
        ink *= np.clip(1 + cv2.GaussianBlur(grain, (0, 0), 0.8) * 1.5, 0.2, 1.2)
    if rng.random() < 0.4:  # pressure that changes along the syllable
        ink *= _smooth_field(image.shape, rng, 0.25)
    return np.clip(ink, 0, 1)


def _light(shape, rng):
    """Returns light on paper: shadow gradient and blotches times grain."""
    light = _smooth_field(shape, rng, rng.uniform(0, 0.1))
    slope = rng.uniform(-0.15, 0.15, 2)
    light += np.linspace(-slope[0], slope[0], shape[0], dtype=np.float32)[:, None]
    light += np.linspace(-slope[1], slope[1], shape[1], dtype=np.float32)[None, :]
    grain = rng.normal(0, rng.uniform(0, 0.04), shape).astype(np.float32)
    return np.clip(light + cv2.GaussianBlur(grain, (0, 0), 0.7), 0.3, 1.3)


def _smooth_field(shape, rng, strength):
    """Returns a smooth random `float32` field about 1."""
    coarse = rng.normal(1, strength, (3, 3)).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _ruled_line(shape, rng):
    """Returns the cover of one faint ruled line, nearly level or upright."""
    cover = np.zeros(shape, np.float32)
    height, width = shape
    at, tilt = rng.uniform(0, 1), rng.uniform(-0.02, 0.02)
    if rng.random() < 0.7:
        ends = (0, round((at - tilt) * height)), (width, round((at + tilt) * height))
    else:
        ends = (round((at - tilt) * width), 0), (round((at + tilt) * width), height)
    cv2.line(cover, *ends, rng.uniform(0.1, 0.4), 1, cv2.LINE_AA)
    return cover


def _reduce(picture, rng, smallest, always=False):
    """Reduces to a random lower resolution, a longer side of `smallest` or more."""
    side = max(picture.shape)
    if not (always or rng.random() < 0.4) or side <= smallest:
        return picture.astype(np.float32)
    scale = np.exp(rng.uniform(np.log(smallest), np.log(side))) / side
    shape = [max(1, round(length * scale)) for length in picture.shape[::-1]]
    return cv2.resize(picture, shape, interpolation=cv2.INTER_AREA).astype(np.float32)


def _compress(picture, rng):
    """Passes a picture through JPEG."""
    quality = int(rng.integers(25, 96))
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
